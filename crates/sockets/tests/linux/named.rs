//! Network namespaces with names.

use std::path::{Path, PathBuf};

use crate::namespace::run;

/// A namespace that `ip-netns(8)` keeps, of a name that no other run of the tests has; it goes with
/// the value.
pub(crate) struct Named {
    pub(crate) name: String,
}

impl Named {
    pub(crate) fn add(what: &str) -> Named {
        let name = format!("portolan-test-{what}-{}", std::process::id());
        run(&["ip", "netns", "add", &name]);
        Named { name }
    }

    pub(crate) fn path(&self) -> PathBuf {
        Path::new("/run/netns").join(&self.name)
    }

    /// What a command prints that runs inside.
    pub(crate) fn run(&self, command: &[&str]) -> String {
        run(&[&["ip", "netns", "exec", &self.name], command].concat())
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        run(&["ip", "netns", "del", &self.name]);
    }
}
