//! Where a store is, and how much it keeps.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

/// Where a store is, and how much it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its directory, made if it is not there.
    pub dir: PathBuf,
    /// For how long tenures are kept after their end.
    pub keep: Duration,
    /// How many bytes the store may take; the oldest segments go first.
    pub max_size: u64,
    /// After how many ended tenures a segment is sealed, though its hour is not over.
    pub batch: usize,
}

impl Settings {
    /// A store in `dir` that keeps 30 days, or 2 GB if that is less.
    #[must_use]
    pub fn new(dir: PathBuf) -> Settings {
        let keep = Duration::from_hours(30 * 24);
        Settings { dir, keep, max_size: 2_000_000_000, batch: 1 << 18 }
    }

    /// Where the store is unless somebody says otherwise: `/var/lib/portolan` for root, else
    /// `portolan` in `$XDG_STATE_HOME` or `~/.local/state`. `None` where the user has no home.
    #[must_use]
    pub fn default_dir() -> Option<PathBuf> {
        if rustix::process::geteuid().is_root() {
            return Some(PathBuf::from("/var/lib/portolan"));
        }
        state_home(env::var_os("XDG_STATE_HOME").map(PathBuf::from), env::home_dir())
    }
}

/// The XDG base directory specification: a relative path is not to be heeded.
fn state_home(state: Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    let given = state.filter(|state| state.is_absolute());
    let state = given.or_else(|| home.map(|home| home.join(".local/state")));
    state.map(|state| state.join("portolan"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_directory_is_that_of_xdg() {
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(state_home(path("/s"), path("/h")), path("/s/portolan"));
        assert_eq!(state_home(path("s"), path("/h")), path("/h/.local/state/portolan"));
        assert_eq!(state_home(None, None), None);
    }
}
