//! What the disk lets us do: a thread that makes journals durable, and what to do when nothing can
//! be written.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::timeline::Now;
use crate::{Disk, Moment};

/// A thread that waits for the disk, so that nobody else has to.
#[derive(Debug)]
pub(crate) struct Syncer {
    files: Sender<Arc<File>>,
    done: Receiver<io::Result<()>>,
    busy: bool,
}

impl Syncer {
    /// For files in `dir`, which become durable with their names.
    pub(crate) fn start(dir: &Path) -> Syncer {
        let (files, waiting) = channel::<Arc<File>>();
        let (told, done) = channel();
        let dir = File::open(dir);
        thread::spawn(move || {
            let mut last: Option<Arc<File>> = None;
            while let Ok(file) = waiting.recv() {
                let is_new =
                    last.replace(Arc::clone(&file)).is_none_or(|last| !Arc::ptr_eq(&last, &file));
                let name = dir.as_ref().ok().filter(|_| is_new);
                let synced = file.sync_data().and_then(|()| name.map_or(Ok(()), File::sync_all));
                if told.send(synced).is_err() {
                    return;
                }
            }
        });
        Syncer { files, done, busy: false }
    }

    /// Asks for a file to become durable, unless one is on its way. Whether it was asked for.
    pub(crate) fn sync(&mut self, file: Arc<File>) -> bool {
        let asked = !self.busy && self.files.send(file).is_ok();
        self.busy |= asked;
        asked
    }

    /// How the last one went, once that is known.
    pub(crate) fn result(&mut self) -> Option<io::Result<()>> {
        let result = self.done.try_recv().ok()?;
        self.busy = false;
        Some(result)
    }
}

/// Whether the disk can be written, and what to do if not.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    /// Since when, why, and when to try again (in nanoseconds since boot).
    journal: Option<(Moment, String)>,
    /// The same of a disk that took what was written and did not keep it, and whether a journal of
    /// which that is so is still in use.
    unkept: Option<(Moment, String)>,
    spoilt: bool,
    seal: Option<(Moment, String)>,
    retry: u64,
    /// Since when nothing is recorded.
    stopped: Option<Now>,
}

impl Trouble {
    /// The journal could not be written.
    pub(crate) fn journal(&mut self, error: &io::Error, now: Moment) {
        self.journal.get_or_insert_with(|| (now, error.to_string()));
    }

    /// What was written may not be on the disk, though all later writes and syncs succeed.
    pub(crate) fn unkept(&mut self, error: &io::Error, now: Moment) {
        self.unkept.get_or_insert_with(|| (now, error.to_string()));
        self.spoilt = true;
    }

    /// What was written is on the disk.
    pub(crate) fn kept(&mut self) {
        if !self.spoilt {
            self.unkept = None;
        }
    }

    /// Whether the journal must be left for that.
    pub(crate) fn is_spoilt(&self) -> bool {
        self.spoilt
    }

    /// Another journal is in use.
    pub(crate) fn rotated(&mut self) {
        self.spoilt = false;
    }

    /// A segment could not be sealed.
    pub(crate) fn seal(&mut self, why: String, now: Moment, retry: u64) {
        self.seal.get_or_insert((now, why));
        self.retry = retry;
    }

    pub(crate) fn journal_is_written(&mut self) {
        self.journal = None;
    }

    pub(crate) fn segment_is_sealed(&mut self) {
        self.seal = None;
    }

    pub(crate) fn journal_is_stuck(&self) -> bool {
        self.journal.is_some()
    }

    /// Whether sealing may be tried at this time since boot.
    pub(crate) fn may_seal(&self, now: u64) -> bool {
        self.seal.is_none() || now >= self.retry
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    pub(crate) fn stopped(&self) -> Option<Moment> {
        self.stopped.map(|now| now.utc)
    }

    /// The same, in nanoseconds since boot.
    pub(crate) fn stopped_at(&self) -> Option<u64> {
        self.stopped.map(|now| now.since_boot.0)
    }

    pub(crate) fn stop(&mut self, now: Now) {
        self.stopped.get_or_insert(now);
    }

    pub(crate) fn resume(&mut self) {
        self.stopped = None;
    }

    pub(crate) fn state(&self) -> Disk {
        let why = self.journal.as_ref().or(self.unkept.as_ref()).or(self.seal.as_ref());
        match (self.stopped(), why) {
            (Some(since), why) => {
                let why = why.map_or_else(
                    || "segments wait to be sealed".to_owned(),
                    |(_, why)| why.clone(),
                );
                Disk::Stopped { since, why }
            }
            (None, Some((since, why))) => Disk::Delayed { since: *since, why: why.clone() },
            (None, None) => Disk::Writable,
        }
    }
}
