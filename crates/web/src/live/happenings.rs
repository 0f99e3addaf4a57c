//! Following what happens, while somebody wants to know and for a minute after.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::broadcast::{self, Receiver, Sender};

use crate::{Happened, Machine, News, Trouble};

/// What is heard of what happens.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// This.
    News(News),
    /// Nothing any more, and why.
    Trouble(Trouble),
}

/// What tells all who watch that something happened.
#[derive(Clone, Debug)]
pub(crate) struct Happenings {
    heard: Sender<Arc<Heard>>,
    following: Arc<Mutex<Following>>,
}

#[derive(Debug, Default)]
struct Following {
    running: bool,
    wanted: Option<Instant>,
    /// What happened last, the newest first.
    last: VecDeque<Arc<dyn Happened>>,
}

impl Default for Happenings {
    fn default() -> Happenings {
        Happenings { heard: broadcast::channel(BEHIND).0, following: Arc::default() }
    }
}

impl Happenings {
    /// What happens on `machine` from now on.
    pub(crate) fn follow(&self, machine: &Arc<dyn Machine>) -> Receiver<Arc<Heard>> {
        let mut following = self.following();
        following.wanted = Some(Instant::now());
        let receiver = self.heard.subscribe();
        if !following.running {
            let (machine, all) = (machine.clone(), self.clone());
            let started = std::thread::Builder::new()
                .name("follow".to_owned())
                .spawn(move || all.run(&*machine));
            following.running = started.is_ok();
        }
        receiver
    }

    /// What happened last, the newest first, if somebody watched.
    pub(crate) fn last(&self) -> Vec<Arc<dyn Happened>> {
        self.following().last.iter().cloned().collect()
    }

    fn run(&self, machine: &dyn Machine) {
        let ended = machine.follow(&mut |news| self.tell(news));
        let mut following = self.following();
        following.running = false;
        if let Err(trouble) = ended {
            following.last.clear();
            let _heard_or_not = self.heard.send(Arc::new(Heard::Trouble(trouble)));
        }
    }

    fn tell(&self, news: News) -> ControlFlow<()> {
        let mut following = self.following();
        if let News::Happened(happened) = &news {
            for one in happened {
                following.last.push_front(one.clone());
            }
            following.last.truncate(REMEMBERED);
        }
        let is_news = !matches!(&news, News::Happened(happened) if happened.is_empty());
        if is_news {
            let _heard_or_not = self.heard.send(Arc::new(Heard::News(news)));
        }
        let lately = following.wanted.is_some_and(|wanted| wanted.elapsed() < LINGERS);
        if self.heard.receiver_count() > 0 || lately {
            return ControlFlow::Continue(());
        }
        following.last.clear();
        following.running = false;
        ControlFlow::Break(())
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// For a page without scripts, which is loaded again to see more.
const LINGERS: Duration = Duration::from_secs(60);
/// How much of what happened such a page shows.
const REMEMBERED: usize = 100;
/// How many batches one may be behind, until they miss some.
const BEHIND: usize = 64;
