//! Which connections came in: those whose local end a listener has. The kernel tells of no
//! connection who began it, so this is what a look can know.

use std::collections::HashMap;
use std::net::IpAddr;

use registry::Port;

use crate::{Endpoint, Family, Socket, State};

/// The TCP listeners of one namespace.
#[derive(Debug, Default)]
pub(super) struct Listeners(HashMap<Port, Vec<Listener>>);

#[derive(Clone, Copy, Debug)]
struct Listener {
    cookie: u64,
    addr: IpAddr,
    /// Whether it takes IPv4 on an unspecified IPv6 address.
    dual: bool,
}

impl Listeners {
    /// The listeners among `sockets`.
    pub(super) fn of(sockets: &[Socket]) -> Listeners {
        let mut listeners = Listeners::default();
        for socket in sockets.iter().filter(|socket| socket.state == State::Listen) {
            let dual = socket.family == Family::V6 && socket.v6only != Some(true);
            let addr = socket.local.canonical();
            let listener = Listener { cookie: socket.cookie, addr, dual };
            listeners.0.entry(socket.local.port).or_default().push(listener);
        }
        listeners
    }

    /// The cookie of the listener that a connection with this local end came in on: one of that
    /// address before one of any.
    pub(super) fn taker(&self, local: &Endpoint) -> Option<u64> {
        let there = self.0.get(&local.port)?;
        let addr = local.canonical();
        let exact = there.iter().find(|listener| listener.addr == addr);
        let any = || there.iter().find(|listener| listener.takes_any_as(addr));
        exact.or_else(any).map(|listener| listener.cookie)
    }
}

impl Listener {
    fn takes_any_as(&self, addr: IpAddr) -> bool {
        self.addr.is_unspecified() && (self.dual || self.addr.is_ipv4() == addr.is_ipv4())
    }
}
