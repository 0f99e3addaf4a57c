//! The registry as its users meet it, and the packed table against the facts it is compiled from.

mod compile;
mod facts;
mod rows;
mod searches;
mod targets;
