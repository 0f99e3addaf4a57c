//! The protocol of Google's portserver, by which python portpicker, Bazel's and Abseil's tests ask for ports.
//!
//! A client connects to a Unix socket, sends a process id, and reads a port: `1234\n`, `20113\n`. The port is
//! that process's until it ends. A client that is refused gets no answer, and looks for a port by itself.
//! Source of truth: `portserver.py` of portpicker 1.6.0.

mod address;
mod request;
mod server;
mod tenant;

pub(crate) use address::Address;
pub(crate) use request::fuzz;
pub(crate) use server::Server;
