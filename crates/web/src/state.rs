//! What every request may use.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{Machine, Trouble};

/// What every request may use; cheap to clone.
#[derive(Clone, Debug)]
pub struct State {
    machine: Arc<dyn Machine>,
    looks: Arc<Semaphore>,
}

impl State {
    /// A service that tells of `machine`.
    #[must_use]
    pub fn new(machine: Arc<dyn Machine>) -> State {
        State { machine, looks: Arc::new(Semaphore::new(LOOKS)) }
    }

    /// Asks the machine, on a thread that may wait. So many ask at once, and others wait for them.
    ///
    /// # Errors
    /// [`Trouble`] of the machine.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&dyn Machine) -> Result<T, Trouble> + Send + 'static,
    ) -> Result<T, Trouble> {
        let _turn = self.looks.acquire().await.expect("nobody closes the semaphore");
        let machine = self.machine.clone();
        let asked = tokio::task::spawn_blocking(move || question(&*machine)).await;
        asked.unwrap_or_else(|_| Err(Trouble::Failed("the look at the machine broke off".into())))
    }
}

/// How many looks at the machine are taken at once.
const LOOKS: usize = 4;
