//! With programs in the kernel, where they may be loaded or are pinned.

use sockets::Source;

/// This machine.
pub(crate) fn host() -> impl Source {
    bpf::Host::default()
}

/// Pins the owners' iterator for the group `gid`; returns where.
pub(crate) fn pin(gid: u32) -> anyhow::Result<&'static str> {
    Ok(bpf::pin(gid).map(|()| bpf::PINNED)?)
}

/// Takes the pinned iterator away; whether there was one.
pub(crate) fn unpin() -> anyhow::Result<bool> {
    Ok(bpf::unpin()? == bpf::Pinned::Before)
}
