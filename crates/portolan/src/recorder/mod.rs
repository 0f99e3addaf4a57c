//! The recorder, `portolan record`: what runs it, what answers for it on a Unix socket, and how
//! other commands ask it.

mod audience;
mod bell;
mod briefing;
mod client;
mod daemon;
mod frame;
mod lingering;
mod message;
mod no_port;
mod outbox;
mod place;
mod recalled;
mod seats;
mod server;
mod service;
mod session;
mod shared_store;
mod source;
mod standing;
mod supervisor;
mod wire;

pub(crate) use briefing::Briefing;
pub(crate) use client::{Client, News};
pub(crate) use daemon::{Daemon, lost};
pub(crate) use message::fuzz;
pub(crate) use no_port::Unserved;
pub(crate) use place::Place;
pub(crate) use recalled::Recalled;
pub(crate) use source::Source;
pub(crate) use standing::{ConnectFailures, Standing};
