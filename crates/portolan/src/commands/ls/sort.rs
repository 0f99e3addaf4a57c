//! The orders of `ls`. Equal rows keep an order that does not change between two looks.

use std::cmp::Reverse;

use sockets::{Endpoint, Family, Owners, Ownership, Process, Socket, State};

use crate::args::SortKey;

/// Orders `sockets` by `key`.
pub(super) fn by(sockets: &mut [Socket], ownership: &Ownership, key: SortKey) {
    match key {
        SortKey::None => {}
        SortKey::Port => sockets.sort_unstable_by(|a, b| {
            let port = |s: &Socket| (s.proto, s.local.port);
            port(a).cmp(&port(b)).then_with(|| base(a).cmp(&base(b)))
        }),
        SortKey::Local => sockets.sort_unstable_by_key(|s| (s.local.canonical(), base(s))),
        SortKey::Remote => {
            sockets.sort_unstable_by_key(|s| (s.remote.canonical(), s.remote.port, base(s)));
        }
        SortKey::State => sockets.sort_unstable_by_key(|s| (s.state.name(), base(s))),
        SortKey::RecvQ => sockets.sort_unstable_by_key(|s| (Reverse(s.recv_q), base(s))),
        SortKey::SendQ => sockets.sort_unstable_by_key(|s| (Reverse(s.send_q), base(s))),
        SortKey::User => {
            let user = |s: &Socket| match ownership.of(s) {
                Owners::Known(holders) => holders[0].process.user.uid,
                _ => s.uid,
            };
            sockets.sort_by_cached_key(|s| (user(s), base(s)));
        }
        SortKey::Pid => by_owner(sockets, ownership, |process| process.pid),
        SortKey::Process => by_owner(sockets, ownership, |process| process.comm.clone()),
    }
}

/// Orders by something of the first owner; sockets without a known one come last.
fn by_owner<K: Ord>(sockets: &mut [Socket], ownership: &Ownership, key: impl Fn(&Process) -> K) {
    sockets.sort_by_cached_key(|socket| {
        let owner = match ownership.of(socket) {
            Owners::Known(holders) => Some(key(holders[0].process)),
            _ => None,
        };
        (owner.is_none(), owner, base(socket))
    });
}

/// Protocol, port, listeners first, then what makes rows differ.
type Base = (registry::Proto, registry::Port, bool, Family, Endpoint, Endpoint, u64, u64);

fn base(s: &Socket) -> Base {
    (
        s.proto,
        s.local.port,
        s.state != State::Listen,
        s.family,
        s.local,
        s.remote,
        s.netns.0,
        s.cookie,
    )
}
