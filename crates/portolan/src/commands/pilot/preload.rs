//! Piloting by a library: it is written to a file once, named in `LD_PRELOAD`, and the program takes our
//! place.

use std::env;
use std::fs::{self, DirBuilder, File, Metadata};
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
    if !is_ours(&fs::symlink_metadata(folder)?) {
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

/// Where it may lie: for programs of every user where it is root's, else the user's own. Root may not write to the
/// first where that is read-only, or where he is root of a user namespace alone.
fn folders() -> Vec<PathBuf> {
    let us = rustix::process::geteuid();
    let name = format!("portolan-{}", us_outside(us.as_raw()));
    let cache = cache().map(|cache| cache.join("portolan"));
    if us.is_root() {
        // What the environment names may be another's whom root works for; he could put his own library there.
        let cache = cache.filter(|cache| is_below_ours(cache));
        let all = ["/var/cache/portolan".into()].into_iter().chain(cache);
        return all.chain([Path::new("/tmp").join(name)]).collect();
    }
    cache.into_iter().chain([env::temp_dir().join(name)]).collect()
}

/// Where the environment has programs keep such things.
fn cache() -> Option<PathBuf> {
    let absolute = |name: &str| {
        env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute())
    };
    absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
}

/// Whether the first directory above `path` that there is belongs to us, and nobody else may write to it.
fn is_below_ours(path: &Path) -> bool {
    let above = path.ancestors().skip(1).find_map(|above| fs::symlink_metadata(above).ok());
    above.is_some_and(|above| is_ours(&above))
}

fn is_ours(directory: &Metadata) -> bool {
    let us = rustix::process::geteuid().as_raw();
    directory.is_dir() && directory.uid() == us && directory.mode() & 0o022 == 0
}

/// The number that a user has outside of this user namespace: in each there may be a root, and all of them may
/// see one `/tmp`.
fn us_outside(us: u32) -> u32 {
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    outside(us, &map).unwrap_or(us)
}

/// By a map of `user_namespaces(7)`: rows of a first number inside, the one outside, and how many.
fn outside(us: u32, map: &str) -> Option<u32> {
    map.lines().find_map(|row| {
        let mut numbers = row.split_whitespace().map(|number| number.parse::<u32>().ok());
        let (inside, outside, count) = (numbers.next()??, numbers.next()??, numbers.next()??);
        let nth = us.checked_sub(inside).filter(|nth| *nth < count)?;
        outside.checked_add(nth)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_user_has_a_number_outside_of_his_namespace() {
        assert_eq!(outside(0, "         0          0 4294967295\n"), Some(0));
        assert_eq!(outside(1000, "         0          0 4294967295\n"), Some(1000));
        let podman = "         0       1000          1\n         1     100000      65536\n";
        assert_eq!(outside(0, podman), Some(1000));
        assert_eq!(outside(33, podman), Some(100_032));
        assert_eq!(outside(70_000, podman), None);
        assert_eq!(outside(0, "nonsense"), None);
    }

    #[test]
    fn what_is_below_anothers_directory_is_not_for_root() {
        let ours = tempfile::tempdir().unwrap();
        assert!(is_below_ours(&ours.path().join("cache/portolan")));
        fs::set_permissions(ours.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(!is_below_ours(&ours.path().join("cache/portolan")));
    }
}
