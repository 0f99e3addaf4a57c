//! One socket that was seen: what was told of it, and how it ended as far as can be known.

use registry::{Port, Proto};

use super::broadcast::Ended;
use crate::{BootTime, Ending, Event, EventKind, Opened, ProgramKey, Socket, State};

/// What is known of one socket.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) opened: Opened,
    pub(super) from: BootTime,
    /// The look that saw it last.
    pub(super) seen: u32,
    /// When the first look was that missed it.
    pub(super) missing: Option<BootTime>,
    pub(super) sought: Sought,
    pub(super) holder: Option<ProgramKey>,
    /// The listener it came in on.
    pub(super) listener: Option<u64>,
    /// Whether its end will be told by the kernel.
    pub(super) heralded: bool,
    /// Whether it was waiting for an answer when it was last seen.
    pub(super) connecting: bool,
    /// Whether its port was seen in `TIME-WAIT`.
    pub(super) lingers: bool,
    pub(super) told: bool,
    pub(super) taken: bool,
}

/// How far its holder was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    /// Not at all: it had no descriptor.
    Not,
    Near,
    Everywhere,
}

impl Entry {
    pub(super) fn new(
        opened: &Opened,
        from: BootTime,
        listener: Option<u64>,
        heralded: bool,
    ) -> Entry {
        Entry {
            opened: opened.clone(),
            from,
            seen: 0,
            missing: None,
            sought: Sought::Not,
            holder: None,
            listener,
            heralded,
            connecting: false,
            lingers: false,
            told: false,
            taken: false,
        }
    }

    /// Takes in what a look saw of it; returns whether that is new.
    pub(super) fn see(&mut self, opened: Opened, socket: &Socket, look: u32) -> bool {
        (self.seen, self.missing) = (look, None);
        self.connecting = socket.state == State::SynSent;
        // An orphan has no user any more.
        let uid = if opened.uid == Opened::NO_UID { self.opened.uid } else { opened.uid };
        let opened = Opened { uid, opener: self.opened.opener, ..opened };
        let changed = self.opened != opened;
        self.opened = opened;
        changed
    }

    /// Tells of it; `above` holds the listener that it came in on.
    pub(super) fn tell(
        &mut self,
        above: Option<ProgramKey>,
        at: BootTime,
        events: &mut Vec<Event>,
    ) {
        let known = self.opened.opener;
        self.opened.opener = known.or(above).or(self.holder);
        let when = if self.told { at } else { self.from };
        self.told = true;
        events.push(Event { at: when, kind: EventKind::Opened(self.opened.clone()) });
        let taker = self.holder.filter(|holder| self.opened.opener != Some(*holder));
        if let Some(by) = taker.filter(|_| !self.taken) {
            self.taken = true;
            let kind = EventKind::Taken { cookie: self.opened.cookie, by };
            events.push(Event { at, kind });
        }
    }

    /// How it ended, as far as the kernel's word tells: a socket that was disconnected (a reset by
    /// ourselves, or a connect that failed) has lost the far end's port.
    pub(super) fn ending(&self, end: &Ended, lingers: bool) -> Ending {
        let disconnected = self.opened.remote.is_some()
            && end.proto == Proto::Tcp
            && end.remote.port == Port::NONE;
        match (self.connecting, disconnected) {
            _ if lingers || self.lingers => Ending::TimeWait,
            (true, true) => Ending::Failed,
            (true, false) => Ending::Unseen,
            (false, true) => Ending::Aborted,
            (false, false) => Ending::Closed,
        }
    }
}
