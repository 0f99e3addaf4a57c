//! The parser of the kernel's word of ended sockets, for fuzzing: whatever it says, each socket is
//! told of once and ends once.
//!
//! Not part of the interface; may change at any time.

use std::collections::HashSet;

use super::broadcast::parse;
use super::known::Known;
use super::scene::{Memory, Search, View};
use crate::{BootTime, EventKind, NetnsId};

/// A datagram of destroyed sockets, heard between two looks at an empty namespace.
pub fn destroyed(datagram: &[u8]) {
    let (since, at) = (BootTime(1), BootTime(2));
    let ended: Vec<_> = parse(datagram, NetnsId(1), since, at).collect();
    assert!(ended.iter().all(|end| end.local.addr.is_ipv4() == end.remote.addr.is_ipv4()));
    let view = View {
        sockets: &[],
        ended: &ended,
        at: BootTime(3),
        since: Some(since),
        heralded: true,
        search: Search::Near,
    };
    let mut events = Vec::new();
    let mut known = Known::default();
    known.begin();
    known.view(&view, &mut Memory::default(), &mut events);
    known.tell(view.at, &mut events);
    let mut open = HashSet::new();
    for event in &events {
        match &event.kind {
            EventKind::Opened(opened) => assert!(open.insert(opened.cookie)),
            EventKind::Closed(closed) => assert!(open.remove(&closed.cookie)),
            other => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty() && events.len() <= 2 * ended.len());
}
