//! Where what readers say is kept: apart from the recorder's store, for others may serve.

use std::path::{Path, PathBuf};

use anyhow::Context;

/// The file that was named, else root's or our own.
pub(crate) fn feedback_file(named: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(file) = named {
        return Ok(file.to_owned());
    }
    if rustix::process::geteuid().is_root() {
        return Ok(PathBuf::from("/var/lib/portolan-serve/feedback.redb"));
    }
    let dir = log::Settings::default_dir().context(
        "there is no place for it: neither HOME nor XDG_STATE_HOME is set; name one with --feedback",
    )?;
    Ok(dir.join("feedback.redb"))
}
