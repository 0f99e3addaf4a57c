//! The commands, one file or folder each.

pub(crate) mod card;
pub(crate) mod chart;
pub(crate) mod doctor;
pub(crate) mod feedback;
pub(crate) mod generate;
pub(crate) mod lease;
pub(crate) mod ls;
pub(crate) mod overview;
pub(crate) mod owners_pin;
pub(crate) mod pilot;
pub(crate) mod range;
pub(crate) mod record;
pub(crate) mod registry;
pub(crate) mod room;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod stop;
pub(crate) mod watch;
pub(crate) mod who;

use std::time::Duration;

use sockets::{NetnsScope, Search};

use crate::args::LookArgs;

impl LookArgs {
    /// The namespaces to look into.
    pub(crate) fn netns(self) -> NetnsScope {
        if self.all_netns { NetnsScope::All } else { NetnsScope::Own }
    }

    /// How far to search for owners.
    pub(crate) fn search(self) -> Search {
        if self.full_walk { Search::Full } else { Search::Likely { budget: WALK_BUDGET } }
    }
}

/// How long to look for further holders once each socket has one. An ordinary machine, with 10,000
/// descriptors, is walked through completely in about this time.
const WALK_BUDGET: Duration = Duration::from_millis(20);
