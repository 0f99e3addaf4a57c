//! With programs in the kernel, where they may be loaded or are pinned.

use std::sync::LazyLock;

use sockets::{Source, Watcher};

/// This machine. What it puts into the kernel to tell owners stays there while we run.
pub(crate) fn host() -> impl Source + Sync {
    HOST.clone()
}

static HOST: LazyLock<bpf::Host> = LazyLock::new(bpf::Host::default);

/// Pins the owners' iterator for the group `gid`; returns where.
pub(crate) fn pin(gid: u32) -> anyhow::Result<&'static str> {
    Ok(bpf::pin(gid).map(|()| bpf::PINNED)?)
}

/// Takes the pinned iterator away; whether there was one.
pub(crate) fn unpin() -> anyhow::Result<bool> {
    Ok(bpf::unpin()? == bpf::Pinned::Before)
}

/// The recorder in the kernel, with a ring buffer of so many bytes, or as many as serve.
pub(crate) fn recorder(buffer: Option<u32>) -> anyhow::Result<Box<dyn Watcher>> {
    let ring = buffer.unwrap_or(bpf::Options::default().ring);
    Ok(Box::new(bpf::Recorder::open(bpf::Options { ring })?))
}

/// What the pilot did, by name; `None` where it is off, or not for us to see.
pub(crate) fn pilot_counts() -> Option<Vec<(&'static str, u64)>> {
    Some(bpf::pilot::status().ok()??.counts.named())
}
