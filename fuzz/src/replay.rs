//! Feeds every target its corpus: `replay`, or `replay --list` for the names of the targets.
//!
//! Each file is tried whole and cut off at every length, since the kernel too may cut a text short.
//! A target without a corpus fails, and so does a corpus without a target.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use portolan_fuzz::{TARGETS, Target, target};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("--list") {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        return Ok(ExitCode::SUCCESS);
    }
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut failures = orphans(&corpus)?;
    for target in TARGETS {
        failures.extend(replay(target, &corpus.join(target.name))?);
    }
    for failure in &failures {
        eprintln!("fuzz: {failure}");
    }
    Ok(if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Folders of the corpus that belong to no target.
fn orphans(corpus: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let names = entries(corpus)?.into_iter().filter_map(|path| Some(path.file_name()?.to_owned()));
    let unknown = names.filter(|name| name.to_str().and_then(target).is_none());
    Ok(unknown.map(|name| format!("{} is no target", name.display())).collect())
}

fn replay(target: &Target, folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let files = entries(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut failures = Vec::new();
    if files.is_empty() {
        failures.push(format!("{} has no corpus", target.name));
    }
    for file in &files {
        let bytes = fs::read(file)?;
        for length in lengths(bytes.len()) {
            if panic::catch_unwind(|| (target.run)(&bytes[..length])).is_err() {
                failures.push(format!("{} at {length} bytes", file.display()));
                break;
            }
        }
    }
    println!("{}: {} files", target.name, files.len());
    Ok(failures)
}

/// The whole, and up to a few thousand shorter lengths, the shortest first.
fn lengths(len: usize) -> impl Iterator<Item = usize> {
    (0..len).step_by(len / 2048 + 1).chain([len])
}

fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let paths: std::io::Result<BTreeSet<PathBuf>> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect();
    Ok(paths?.into_iter().collect())
}
