//! What [`crate::fuzz`] does with the files of a segment.

use std::path::Path;

use super::checked::Checked;
use super::name::Name;
use super::read::TenureFile;
use super::{programs, rows};

/// Reads a file of tenures as if it were on disk.
pub(crate) fn tenures(content: &[u8]) {
    let path = Path::new("fuzz.tenures.parquet");
    let Ok(file) = Checked::in_memory(content.to_vec().into(), path) else { return };
    let Ok(file) = TenureFile::read(file, path) else { return };
    let _ = file.summary();
    let all: Vec<u32> = (0..file.pages()).flat_map(|page| file.page_rows(page)).collect();
    if let Ok(tenures) = rows::bare(&file, &all) {
        assert_eq!(tenures.len(), all.len());
    }
}

/// Reads a file of programs as if it were on disk.
pub(crate) fn programs(content: &[u8]) {
    let path = Path::new("fuzz.programs.parquet");
    if let Ok(file) = Checked::in_memory(content.to_vec().into(), path) {
        let _ = programs::read(file, None);
    }
}

/// Reads a catalog.
pub(crate) fn catalog(content: &[u8]) {
    let _ = super::catalog::parse(content);
}

/// Reads the name of a file; one that is a segment's is written the same again.
pub(crate) fn name(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    if let Some((name, part)) = Name::parse(text) {
        assert_eq!(name.file(part), text);
    }
}
