//! Journals of any bytes: whatever they say, a batch comes of it that can be sealed.

use std::path::Path;

use super::replay::Replay;
use super::search::find_shelved;
use crate::journal::entry::entries;
use crate::{Moment, Question};

pub(crate) fn journal(content: &[u8]) {
    if let Ok(replay) = Replay::of(Path::new("00000001.journal"), 1, content) {
        check(replay);
    }
    if let Ok(entries) = entries(content) {
        check(Replay::of_entries(entries));
    }
}

/// Every index of the batch leads somewhere, and what is open can be told of.
fn check(replay: Replay) {
    if let Some(holdings) = &replay.holdings {
        let names = holdings.names();
        holdings.open.iter().for_each(|open| drop(open.hold.tenure(&names, 0)));
    }
    let alive = replay.alive().unwrap_or_default();
    let shelf = replay.shelf(None, alive);
    let batch = shelf.batch();
    let programs = batch.programs.len();
    for row in &batch.rows {
        assert!((row.clock as usize) < batch.clocks.len());
        let parties = [row.opener, row.taker, row.closer];
        assert!(parties.into_iter().flatten().all(|program| (program as usize) < programs));
    }
    let every = Question::between(Moment(i64::MIN), Moment(i64::MAX));
    find_shelved(&every, &shelf);
}

pub(crate) fn group(text: &[u8]) {
    super::lock::group(text);
}
