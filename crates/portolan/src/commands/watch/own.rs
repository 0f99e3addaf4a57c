//! `watch` where no recorder runs: our own look at what happens.

use std::io::Write;
use std::time::Duration;

use anyhow::Context;
use log::{Change, Ledger};
use sockets::{Event, Watcher, Watching};

use super::Screen;
use crate::args::SourceName;
use crate::exit::Exit;
use crate::recorder::{Source, lost};
use crate::report;

/// Somebody who watches what we see.
pub(super) trait Onlooker {
    /// Whether they have had enough.
    fn has_gone(&mut self) -> bool;
    /// Shows them what happened.
    fn show(&mut self, changes: Vec<Change>) -> anyhow::Result<()>;
    /// Tells them that so many events were lost.
    fn missed(&mut self, count: u64) -> anyhow::Result<()>;
}

/// Watches by ourselves, with programs in the kernel where they may run, else by sampling.
pub(super) fn watch(name: SourceName, screen: &mut Screen<'_, impl Write>) -> anyhow::Result<Exit> {
    look_on(name, screen, introduce)?;
    Ok(Exit::Answered)
}

/// Shows `onlooker` what happens, once it is said how we watch.
pub(super) fn look_on(
    name: SourceName,
    onlooker: &mut impl Onlooker,
    introduce: impl FnOnce(&dyn Watcher, Option<String>),
) -> anyhow::Result<()> {
    let Source { mut watcher, instead } = Source::open(name, None)?;
    let mut ledger = Ledger::new().context("this machine's clocks could not be read")?;
    survey(&mut *watcher, &mut ledger, onlooker)?;
    introduce(&*watcher, instead);
    let mut events: Vec<Event> = Vec::new();
    while !onlooker.has_gone() {
        watcher.wait(PAUSE);
        let lost = drain(&mut *watcher, &mut ledger, &mut events, onlooker)?;
        ledger.tick();
        if lost > 0 {
            onlooker.missed(lost)?;
            survey(&mut *watcher, &mut ledger, onlooker)?;
        }
    }
    Ok(())
}

/// Takes in every socket that is open now: at the start, and after a loss.
fn survey(
    watcher: &mut dyn Watcher,
    ledger: &mut Ledger,
    onlooker: &mut impl Onlooker,
) -> anyhow::Result<()> {
    let (mut events, mut changes) = (Vec::new(), Vec::new());
    watcher.survey(&mut events).context("the open sockets could not be listed")?;
    ledger.survey(&events);
    drain(watcher, ledger, &mut events, onlooker)?;
    ledger.settle(&mut changes);
    onlooker.show(changes)
}

/// Shows what has happened; how many events were lost.
fn drain(
    watcher: &mut dyn Watcher,
    ledger: &mut Ledger,
    events: &mut Vec<Event>,
    onlooker: &mut impl Onlooker,
) -> anyhow::Result<u64> {
    let mut changes = Vec::new();
    events.clear();
    watcher.drain(events).context("what happens can no longer be watched")?;
    ledger.apply(events, &mut changes);
    onlooker.show(changes)?;
    Ok(lost(events))
}

/// Says how we watch, and what that cannot show.
fn introduce(watcher: &dyn Watcher, instead: Option<String>) {
    let how = match watcher.watching() {
        Watching::Kernel => "what the kernel tells; no recorder runs",
        Watching::Sampling => "by sampling, what is short is missed; no recorder runs",
    };
    let shortcomings: Vec<String> = instead.into_iter().chain(watcher.shortcomings()).collect();
    report::notes(&shortcomings);
    report::line(format_args!("portolan: watching {how}"));
}

/// How long to let things happen before they are shown.
const PAUSE: Duration = Duration::from_millis(50);
