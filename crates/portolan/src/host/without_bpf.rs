//! Without programs in the kernel: `/proc` alone tells of owners.

use sockets::{Source, Watcher};

/// This machine.
pub(crate) fn host() -> impl Source + Sync {
    sockets::host()
}

/// Refuses.
pub(crate) fn pin(_gid: u32) -> anyhow::Result<&'static str> {
    anyhow::bail!("{WITHOUT}")
}

/// Refuses.
pub(crate) fn unpin() -> anyhow::Result<bool> {
    anyhow::bail!("{WITHOUT}")
}

/// Refuses.
pub(crate) fn recorder(_buffer: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    anyhow::bail!("{WITHOUT}")
}

/// There is no pilot.
pub(crate) fn pilot_counts() -> Option<Vec<(&'static str, u64)>> {
    None
}

const WITHOUT: &str =
    "this portolan was built without the programs that run in the kernel (its feature bpf)";
