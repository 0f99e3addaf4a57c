//! The file `catalog`: what every segment of a directory says of itself, so that a question needs to
//! open only those that may have the answer. Nothing is lost with it: what is missing in it, or has
//! another size, is read from the segment itself.

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Segment;
use super::name::UNFINISHED;
use super::seal::create;
use super::summary::Summary;
use crate::{Error, file};

/// A line of the catalog.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    /// What the names of the segment's files begin with.
    name: String,
    /// The size of the file of tenures.
    pub(super) tenures: u64,
    /// The size of the file of programs.
    pub(super) programs: u64,
    pub(super) summary: Summary,
}

/// The entries of a catalog, by name; none where it is missing or damaged.
pub(super) fn read(dir: &Path) -> HashMap<String, Entry> {
    let content = file::read(&dir.join(FILE)).unwrap_or_default();
    let entries = parse(&content).unwrap_or_default();
    entries.into_iter().map(|entry| (entry.name.clone(), entry)).collect()
}

/// Reads the content of a catalog; `None` where it is damaged.
pub(super) fn parse(content: &[u8]) -> Option<Vec<Entry>> {
    let rest = content.strip_prefix(HEAD.as_bytes())?;
    let (sum, lines) = rest.split_at_checked(8)?;
    let lines = lines.strip_prefix(b"\n")?;
    if format!("{:08x}", crc32fast::hash(lines)).as_bytes() != sum {
        return None;
    }
    let entries: Vec<Entry> =
        serde_json::Deserializer::from_slice(lines).into_iter().collect::<Result<_, _>>().ok()?;
    entries.iter().all(|entry| entry.summary.format == super::FORMAT).then_some(entries)
}

/// Replaces the catalog of `dir`: what it says of segments, and of those that are missing.
pub(super) fn write<'a>(
    dir: &Path,
    segments: &[Segment],
    lost: impl Iterator<Item = &'a Entry>,
) -> Result<(), Error> {
    let mut lines = Vec::new();
    let mut add = |entry: &Entry| {
        serde_json::to_writer(&mut lines, entry).expect("numbers and text are JSON");
        lines.push(b'\n');
    };
    for segment in segments {
        let (name, summary) = (segment.name.to_string(), Summary::clone(&segment.summary));
        add(&Entry { name, tenures: segment.tenures, programs: segment.programs, summary });
    }
    lost.for_each(add);
    let mut content = format!("{HEAD}{:08x}\n", crc32fast::hash(&lines)).into_bytes();
    content.append(&mut lines);
    let path = dir.join(FILE);
    let unfinished = path.with_extension(UNFINISHED);
    let written = create(&unfinished).and_then(|mut file| file.write_all(&content));
    written.map_err(Error::io("write", &unfinished))?;
    fs::rename(&unfinished, &path).map_err(Error::io("write", &path))
}

/// What it is called.
pub(super) const FILE: &str = "catalog";
/// What a catalog begins with; the checksum of the lines follows.
const HEAD: &str = "portolan catalog 1 ";
