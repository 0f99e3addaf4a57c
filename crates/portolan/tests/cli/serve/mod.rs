//! `portolan serve` as browsers and programs meet it: a real service, real sockets under it.

mod answers;
mod flood;
mod live;
mod place;
mod safe;
mod service;
mod token;
mod votes;
