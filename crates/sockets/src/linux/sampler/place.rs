//! One network namespace that is looked into: the connection for dumps, the subscription to the
//! kernel's word, and what was told and not yet joined.

use std::io;

use registry::Proto;
use rustix::fd::BorrowedFd;

use super::broadcast::{Broadcast, Ended, Heard};
use super::scene::Memory;
use crate::linux::inet_diag::Table;
use crate::linux::sock_diag::SockDiag;
use crate::{BootTime, Event, EventKind, Family, NetnsId, Query, Socket};

/// A namespace, for as long as it is looked into. Its descriptors keep it in being.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) netns: NetnsId,
    /// When the last look began; `None` before the first.
    pub(super) looked: Option<BootTime>,
    /// Whether the last look saw a socket that a process may have a descriptor for.
    pub(super) inhabited: bool,
    pub(super) ended: Vec<Ended>,
    pub(super) memory: Memory,
    /// Where the kernel's word was lost.
    pub(super) lost: Vec<Event>,
    diag: SockDiag,
    broadcast: io::Result<Broadcast>,
    /// When the kernel's word was last heard to the end, at first when it began.
    heard: BootTime,
}

impl Place {
    /// Opens the namespace of the calling thread, which is `netns`, at `at`; with room for `room`
    /// bytes of the kernel's word, or without it for none.
    ///
    /// # Errors
    /// If there is no `sock_diag`.
    pub(super) fn open(netns: NetnsId, room: usize, at: BootTime) -> io::Result<Place> {
        let broadcast = match room {
            0 => Err(io::Error::other("not asked for")),
            _ => Broadcast::open(room),
        };
        Ok(Place {
            netns,
            looked: None,
            inhabited: true,
            ended: Vec::new(),
            memory: Memory::default(),
            lost: Vec::new(),
            diag: SockDiag::open(netns)?,
            broadcast,
            heard: at,
        })
    }

    /// Whether the kernel tells of ended sockets here; if not, why.
    pub(super) fn heralded(&self) -> Result<BorrowedFd<'_>, &io::Error> {
        self.broadcast.as_ref().map(rustix::fd::AsFd::as_fd)
    }

    /// Takes in what the kernel told until `at`; `buffer` is room to read in.
    pub(super) fn hear(&mut self, at: BootTime, buffer: &mut [u8]) {
        let Ok(broadcast) = &self.broadcast else { return };
        let since = self.looked.unwrap_or(self.heard);
        match broadcast.read(self.netns, (since, at), buffer, &mut self.ended) {
            Ok(Heard::All) => {}
            Ok(Heard::NotAll) => {
                let kind = EventKind::Lost { since: self.heard, events: 1 };
                self.lost.push(Event { at, kind });
            }
            Err(error) => self.broadcast = Err(error),
        }
        self.heard = at;
    }

    /// Puts the sockets that are here now in place of those in `sockets`.
    ///
    /// # Errors
    /// If the kernel refuses.
    pub(super) fn list(&mut self, sockets: &mut Vec<Socket>) -> io::Result<()> {
        let query = Query::default();
        sockets.clear();
        // The older request, for both families at once, may be unknown to a newer kernel.
        if self.diag.dump(Table::Tcp, &query, sockets).is_err() {
            sockets.clear();
            for family in FAMILIES {
                self.diag.dump(Table::One(Proto::Tcp, family), &query, sockets)?;
            }
        }
        for family in FAMILIES {
            self.diag.dump(Table::One(Proto::Udp, family), &query, sockets)?;
        }
        self.inhabited = sockets.iter().any(|socket| socket.inode != 0);
        Ok(())
    }
}

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];
