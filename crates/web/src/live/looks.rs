//! Looking again and again, while somebody wants to know what changes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::{self, Receiver, Sender};

use crate::{Look, State};

/// What tells all who look that something changed.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    changed: Sender<Arc<Look>>,
    looking: Arc<Mutex<bool>>,
}

impl Default for Looks {
    fn default() -> Looks {
        Looks { changed: broadcast::channel(BEHIND).0, looking: Arc::default() }
    }
}

impl Looks {
    /// What changes from now on.
    pub(crate) fn follow(&self, state: &State) -> Receiver<Arc<Look>> {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.changed.subscribe();
        if !*looking {
            *looking = true;
            tokio::spawn(self.clone().look(state.clone()));
        }
        receiver
    }

    /// Looks until nobody wants to know.
    async fn look(self, state: State) {
        loop {
            // A machine that cannot be looked at now may be later, and whoever opens a page is told.
            if let Ok(look) = state.ask(|machine| machine.look()).await
                && !look.changed.is_empty()
            {
                let _heard_or_not = self.changed.send(Arc::new(look));
            }
            if self.ends() {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn ends(&self) -> bool {
        let mut looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        *looking = self.changed.receiver_count() > 0;
        !*looking
    }
}

/// What changes is seen within half a second.
const PAUSE: Duration = Duration::from_millis(250);
/// How many looks one may be behind, until all may have changed for them.
const BEHIND: usize = 16;
