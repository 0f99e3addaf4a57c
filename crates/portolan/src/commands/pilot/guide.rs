//! Keeping the pilot told where connects come from, as the routes change.

use std::thread;
use std::time::Duration;

use anyhow::Context;
use bpf::pilot::Routes;
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::switch::Wish;
use crate::report;

/// Tells the pilot the routes, as they change.
pub(super) struct Guide {
    routes: Routes,
    reach: Reach,
    /// How often it was told.
    turn: u32,
    failing: bool,
}

/// Of which network namespaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// That which we are in.
    Ours,
    /// All: those of containers too.
    All,
}

impl Guide {
    /// Tells it for the first time.
    pub(super) fn new(reach: Reach) -> Guide {
        let mut guide = Guide { routes: Routes::new(), reach, turn: 0, failing: false };
        guide.tell();
        guide
    }

    /// Tells it what has changed, in other namespaces now and then. That this fails is said once, until it
    /// works again.
    pub(super) fn tell(&mut self) {
        let told = self.told();
        self.remark(told);
    }

    fn told(&mut self) -> Result<(), String> {
        let is_for_all = self.reach == Reach::All && self.turn.is_multiple_of(SELDOM);
        self.turn = self.turn.wrapping_add(1);
        let told = match is_for_all {
            true => self.routes.tell().and_then(|()| self.routes.tell_elsewhere()),
            false => self.routes.tell(),
        };
        told.map_err(|error| {
            format!("connects from an address that the kernel chooses are left to it: {error}")
        })
    }

    fn remark(&mut self, done: Result<(), String>) {
        if let (Err(why), false) = (&done, self.failing) {
            report::notes(&[why]);
        }
        self.failing = done.is_err();
    }

    /// Goes on until a signal ends it, and pilots what is wished also where that is made anew.
    pub(super) fn stay(mut self, mut wish: Wish) -> anyhow::Result<()> {
        let mut signals =
            Signals::new([SIGHUP, SIGINT, SIGTERM]).context("signals could not be waited for")?;
        thread::spawn(move || {
            loop {
                thread::sleep(OFTEN);
                let granted = wish.grant_again().map_err(|error| format!("{error:#}"));
                let done = granted.and_then(|()| self.told());
                self.remark(done);
            }
        });
        let _heard_or_not = sd_notify::notify(&[NotifyState::Ready]);
        signals.forever().next();
        Ok(())
    }
}

/// How long connects over a route that has changed, or in a cgroup that was made anew, are the kernel's at most.
const OFTEN: Duration = Duration::from_millis(250);
/// Every which time other namespaces are looked for: that takes a look at every process.
const SELDOM: u32 = 8;
