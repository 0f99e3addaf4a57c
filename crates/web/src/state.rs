//! What every request may use.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::feedback::Votes;
use crate::guard::Access;
use crate::live::{Happenings, Looks};
use crate::metrics::Metrics;
use crate::{Machine, Trouble};

/// What every request may use; cheap to clone.
#[derive(Clone, Debug)]
pub struct State {
    machine: Arc<dyn Machine>,
    access: Arc<Access>,
    votes: Option<Arc<Votes>>,
    looks: Arc<Semaphore>,
    searches: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    live: Looks,
    happenings: Happenings,
    metrics: Arc<Metrics>,
    ending: watch::Receiver<bool>,
}

impl State {
    /// A service that tells those whom `access` lets in of `machine`.
    #[must_use]
    pub fn new(machine: Arc<dyn Machine>, access: Access) -> State {
        State {
            machine,
            access: Arc::new(access),
            votes: None,
            looks: Arc::new(Semaphore::new(LOOKS)),
            searches: Arc::new(Semaphore::new(SEARCHES)),
            streams: Arc::new(Semaphore::new(STREAMS)),
            live: Looks::default(),
            happenings: Happenings::default(),
            metrics: Arc::default(),
            ending: watch::channel(false).1,
        }
    }

    /// Asks readers whether a page helped, and keeps what they say in `votes`.
    #[must_use]
    pub fn with_votes(self, votes: Votes) -> State {
        State { votes: Some(Arc::new(votes)), ..self }
    }

    /// The same service, which ends when `ending` says so.
    pub(crate) fn ending_with(self, ending: watch::Receiver<bool>) -> State {
        State { ending, ..self }
    }

    /// Asks the machine, on a thread that may wait. So many ask at once, and others wait for them.
    ///
    /// # Errors
    /// [`Trouble`] of the machine.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Machine) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.wait(&self.looks, question).await
    }

    /// The same for what may take long, since it searches the records: nobody who wants to know what
    /// is so now waits for it.
    ///
    /// # Errors
    /// [`Trouble`] of the machine.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Machine) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        self.wait(&self.searches, question).await
    }

    async fn wait<T: Send + 'static>(
        &self,
        turns: &Arc<Semaphore>,
        question: impl FnOnce(&dyn Machine) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let turn = turns.clone().acquire_owned().await.expect("nobody closes the semaphore");
        let machine = self.machine.clone();
        let asked = tokio::task::spawn_blocking(move || {
            // Whoever asked may have gone; it is somebody else's turn only when this is done.
            let _turn = turn;
            question(&*machine)
        });
        let broken = || Trouble::Failed("the look at the machine broke off".to_owned());
        asked.await.unwrap_or_else(|_| Err(broken()))
    }

    /// Who may ask.
    pub(crate) fn access(&self) -> &Access {
        &self.access
    }

    /// What readers say of pages, if they are asked.
    pub(crate) fn votes(&self) -> Option<&Arc<Votes>> {
        self.votes.as_ref()
    }

    /// What tells of changes.
    pub(crate) fn changes(&self) -> tokio::sync::broadcast::Receiver<Arc<crate::Look>> {
        self.live.follow(self)
    }

    /// What tells of what happens.
    pub(crate) fn happenings(&self) -> tokio::sync::broadcast::Receiver<Arc<crate::live::Heard>> {
        self.happenings.follow(&self.machine)
    }

    /// What happened last, the newest first.
    pub(crate) fn last_happened(&self) -> Vec<Arc<dyn crate::Happened>> {
        self.happenings.last()
    }

    /// A place for one more stream; `None` where all are taken.
    pub(crate) fn stream_permit(&self) -> Option<OwnedSemaphorePermit> {
        self.streams.clone().try_acquire_owned().ok()
    }

    /// How many streams are open.
    pub(crate) fn streams(&self) -> usize {
        STREAMS - self.streams.available_permits()
    }

    /// What is counted.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Turns true when the service ends.
    pub(crate) fn ending(&self) -> watch::Receiver<bool> {
        self.ending.clone()
    }
}

/// How many looks at the machine are taken at once.
const LOOKS: usize = 4;
/// How many searches of the records.
const SEARCHES: usize = 2;
/// How many streams are open at once.
const STREAMS: usize = 1024;
