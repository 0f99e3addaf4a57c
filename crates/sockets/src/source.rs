//! The contract between an operating system and everything that asks about sockets.

use registry::{Port, Proto};

use crate::{
    BindPremises, BindTrial, Error, Netns, Note, Ownership, PortSettings, Query, Search, Socket,
    Turnstile,
};

/// Sockets as they were when asked for.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The sockets, in the kernel's order within protocol and family; not atomic together.
    pub sockets: Vec<Socket>,
    /// The namespaces looked into, our own first.
    pub netns: Vec<Netns>,
    /// What could not be seen.
    pub notes: Vec<Note>,
}

/// A place to ask which sockets are open and who holds them.
pub trait Source {
    /// Lists the sockets that `query` asks for.
    ///
    /// A socket that closes meanwhile may be missing; that is not an error.
    ///
    /// # Errors
    /// [`Error`] if no way of listing sockets works, or a namespace asked for cannot be entered.
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error>;

    /// Finds the processes that hold `sockets`. Never fails: what is not permitted to know is
    /// [`crate::Owners::Hidden`] and a [`Note`].
    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership;

    /// Says that the owners of many sockets will be asked for, once those are listed: where every
    /// descriptor of the host must be looked at for that, it can be done meanwhile.
    fn expect_owners(&self) {}

    /// Reads the port settings of our own network namespace.
    ///
    /// # Errors
    /// [`Error::Proc`] if a setting cannot be read or makes no sense.
    fn port_settings(&self) -> Result<PortSettings, Error>;

    /// Really binds `port` on `0.0.0.0`, `127.0.0.1`, `::` (dual-stack) and `::1`, plainly and with
    /// `SO_REUSEADDR`, and closes each socket at once; never listens or connects. The kernel's
    /// answers come in that order, for each protocol of `protos`. For a few microseconds the port
    /// is taken, so another program's bind may fail meanwhile. Where another thread forks at that
    /// moment, its child holds the port until it executes a program, and later trials may fail.
    fn try_binds(&self, port: Port, protos: &[Proto]) -> Vec<BindTrial>;

    /// Begins to count connections as they come and go; `None` where nobody can, and two lists of
    /// sockets must be compared.
    fn turnstile(&self) -> Option<Box<dyn Turnstile>> {
        None
    }

    /// What decides over a bind besides the sockets that exist: our privilege and the addresses
    /// that this host lacks. Touches no port that anybody asked about.
    fn bind_premises(&self) -> BindPremises {
        BindPremises::default()
    }
}
