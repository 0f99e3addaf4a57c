//! Sealing batches, one at a time, on a thread of its own.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::{self, JoinHandle};

use super::recent::Shelf;
use crate::Error;
use crate::segment::{Segment, SegmentAbout, seal};

/// A batch to seal.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) dir: PathBuf,
    pub(crate) about: SegmentAbout,
    /// The journal that came after that of the batch. It is made durable first: what was open when
    /// the batch was full is in the older one besides, which is removed afterwards.
    pub(crate) next: Arc<File>,
}

/// The segment, if there was something to seal.
pub(crate) type Outcome = Result<Option<Segment>, Error>;

/// A thread that seals, or none.
#[derive(Debug, Default)]
pub(crate) struct Sealer {
    running: Option<(Receiver<Outcome>, JoinHandle<()>)>,
}

impl Sealer {
    pub(crate) fn start(&mut self, job: Job) {
        let (told, result) = channel();
        let thread = thread::spawn(move || {
            // Nobody listens where the store has gone; the next one finds the segment.
            let _ = told.send(job.run());
        });
        self.running = Some((result, thread));
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.running.is_some()
    }

    /// Waits until nothing is being sealed, and says how that went.
    pub(crate) fn wait(&mut self) -> Option<Outcome> {
        let (result, thread) = self.running.take()?;
        let _ = thread.join();
        Some(result.try_recv().unwrap_or_else(|_| Err(died())))
    }

    /// How sealing went, once that is known: the segment, if there was something to seal.
    pub(crate) fn result(&mut self) -> Option<Outcome> {
        let (result, _) = self.running.as_ref()?;
        let result = match result.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(died()),
        };
        self.running = None;
        Some(result)
    }
}

impl Drop for Sealer {
    /// The directory is not let go of while something is written there.
    fn drop(&mut self) {
        if let Some((_, thread)) = self.running.take() {
            let _ = thread.join();
        }
    }
}

impl Job {
    fn run(self) -> Outcome {
        self.next.sync_data().map_err(Error::io("write the journal in", &self.dir))?;
        let synced = File::open(&self.dir).and_then(|dir| dir.sync_all());
        synced.map_err(Error::io("write", &self.dir))?;
        if self.shelf.recent.is_empty() {
            return Ok(None);
        }
        seal(&self.dir, &self.shelf.batch(), &self.about).map(Some)
    }
}

fn died() -> Error {
    let source = io::Error::other("the thread that seals has died");
    Error::Io { what: "seal a segment in", path: PathBuf::from("the store"), source }
}
