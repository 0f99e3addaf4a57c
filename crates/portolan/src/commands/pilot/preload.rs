//! Piloting by a library: it is written to a file once, named in `LD_PRELOAD`, and the program takes our
//! place.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};

use alloc::dialer::Step;
use anyhow::Context;

use crate::exit::Exit;
use crate::program::Program;
use crate::report;

/// Becomes the program; returns only where that fails, with the exit status that a shell has for that.
pub(super) fn become_program(program: &Program) -> anyhow::Result<Exit> {
    let step = Step::of_this_kernel();
    if step != Step::WholeRange {
        report::notes(&["this kernel is older than Linux 6.8: the library changes nothing on it"]);
    }
    let library = place()?;
    let mut preload = library.into_os_string();
    if let Some(others) = env::var_os("LD_PRELOAD").filter(|others| !others.is_empty()) {
        preload.push(":");
        preload.push(others);
    }
    let error = program.command().env("LD_PRELOAD", preload).exec();
    report::error(format_args!("could not run {}: {error}", program.path.display()));
    Ok(Exit::Of(126))
}

/// Where the library lies; it is written if it does not.
///
/// Not under `/run`, from which many systems load nothing (`noexec`).
fn place() -> anyhow::Result<PathBuf> {
    let mut refused = None;
    for folder in folders() {
        let name = format!(
            "preload-{}-{:08x}.so",
            env!("CARGO_PKG_VERSION"),
            crc32fast::hash(preload::OBJECT)
        );
        let path = folder.join(name);
        if path.as_os_str().as_encoded_bytes().iter().any(|byte| b" :".contains(byte)) {
            continue; // LD_PRELOAD takes neither
        }
        match ensure(&folder, &path) {
            Ok(()) => return Ok(path),
            Err(error) => _ = refused.get_or_insert((path, error)),
        }
    }
    let (path, error) = refused.context("there is no place for the library: set XDG_CACHE_HOME")?;
    Err(error).with_context(|| format!("could not write {}", path.display()))
}

fn ensure(folder: &Path, path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let owner = fs::symlink_metadata(folder)?;
    let us = rustix::process::geteuid().as_raw();
    if owner.uid() != us || owner.mode() & 0o022 != 0 {
        let why = "others may write to its directory, or it is another's";
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
    }
    if fs::read(path).is_ok_and(|there| there == preload::OBJECT) {
        return Ok(());
    }
    let draft = path.with_extension(std::process::id().to_string());
    let written = File::options()
        .write(true)
        .create_new(true)
        .mode(0o755)
        .open(&draft)
        .and_then(|mut file| file.write_all(preload::OBJECT))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        _ = fs::remove_file(&draft);
    }
    written
}

/// Where it may lie: for programs of every user where it is root's, else the user's own.
fn folders() -> Vec<PathBuf> {
    let us = rustix::process::geteuid();
    if us.is_root() {
        return vec!["/var/cache/portolan".into()];
    }
    let absolute = |name: &str| {
        env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute())
    };
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    let shared = env::temp_dir().join(format!("portolan-{}", us.as_raw()));
    cache.map(|cache| cache.join("portolan")).into_iter().chain([shared]).collect()
}
