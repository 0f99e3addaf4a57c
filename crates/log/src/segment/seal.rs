//! Writing a segment: both files whole, on the disk and under their names, or nothing of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{BoolType, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnDescriptor;
use rustix::io::Errno;

use super::columns::{NONE, Values, columns};
use super::name::{Name, Part, UNFINISHED};
use super::order::order;
use super::summary::Summary;
use super::{Segment, SegmentAbout, checked, programs, schema};
use crate::file::regular;
use crate::{Batch, Error};

/// Writes `batch` as a segment of the store in `dir`. Once this returns it is on the disk and counts;
/// until then, and when it fails, nothing of it does.
///
/// # Errors
/// [`Error`] if it cannot be encoded or written; a file already there is never replaced.
pub fn seal(dir: &Path, batch: &Batch, about: &SegmentAbout) -> Result<Segment, Error> {
    let summary = Summary::of(batch, about);
    let key = KeyValue::new(super::KEY.to_owned(), json(&summary));
    let name = Name { hour: about.hour, number: batch.number };
    let programs_path = dir.join(name.file(Part::Programs));
    let programs =
        programs::encode(batch, key.clone()).map_err(Error::parquet("encode", &programs_path))?;
    let path = dir.join(name.file(Part::Tenures));
    let tenures =
        encode(batch, key, schema::tenure_properties()).map_err(Error::parquet("encode", &path))?;
    publish(dir, &programs_path, &programs)?;
    publish(dir, &path, &tenures).inspect_err(|_| drop(fs::remove_file(&programs_path)))?;
    let (tenures, programs) = (tenures.len() as u64, programs.len() as u64);
    Ok(Segment { dir: Arc::from(dir), name, tenures, programs, summary: Arc::new(summary) })
}

/// Writes a file under another name, to the disk, then gives it its own.
fn publish(dir: &Path, path: &Path, content: &[u8]) -> Result<(), Error> {
    let unfinished = path.with_extension(UNFINISHED);
    let renamed = write(&unfinished, content).and_then(|()| rename(&unfinished, path));
    renamed.map_err(|error| {
        let _ = fs::remove_file(&unfinished);
        Error::io("write", path)(error)
    })?;
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| {
        let _ = fs::remove_file(path);
        Error::io("write", dir)(error)
    })
}

fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes a file, or empties it: for who may read the journals, whose secrets it will have.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    regular(options.write(true).create(true).truncate(true).mode(0o640), path)
}

/// Renames, and fails where the new name is taken.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => look_and_rename(from, to),
        renamed => Ok(renamed?),
    }
}

/// The same on a filesystem that cannot do it in one step: nobody else makes files there while we
/// have the lock.
fn look_and_rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::rename(from, to),
        Err(error) => Err(error),
    }
}

fn json(summary: &Summary) -> String {
    serde_json::to_string(summary).expect("numbers and text are JSON")
}

/// The file of the tenures.
pub(super) fn encode(
    batch: &Batch,
    key: KeyValue,
    properties: WriterProperties,
) -> Result<Vec<u8>, ParquetError> {
    let columns = columns(batch, &order(batch));
    let mut file = SerializedFileWriter::new(Vec::new(), schema::tenures(), properties.into())?;
    if !batch.rows.is_empty() {
        let mut group = file.next_row_group()?;
        for values in &columns {
            write_column(&mut group, values)?;
        }
        group.close()?;
    }
    file.flush()?; // it holds up to 8 kB back
    let data = file.inner().len();
    let sums = checked::key(file.inner());
    file.append_key_value_metadata(key);
    file.append_key_value_metadata(sums);
    let mut content = file.into_inner()?;
    checked::complete(&mut content, data);
    Ok(content)
}

fn write_column(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &Values,
) -> Result<(), ParquetError> {
    let column = group.next_column()?;
    let mut column = column.ok_or_else(|| ParquetError::General("too many columns".to_owned()))?;
    match values {
        Values::Longs(values) => {
            column.typed::<Int64Type>().write_batch(values, None, None)?;
        }
        Values::Flags(values) => {
            column.typed::<BoolType>().write_batch(values, None, None)?;
        }
        Values::Words(values) => {
            let column = column.typed::<Int32Type>();
            let levels = levels(values, column.get_descriptor());
            let always = levels.is_none();
            let there = values.iter().filter(|value| always || **value != NONE);
            let there: Vec<i32> = there.map(|value| value.cast_signed()).collect();
            column.write_batch(&there, levels.as_deref(), None)?;
        }
        Values::Texts { dictionary, codes } => {
            let there = codes.iter().filter(|code| **code != NONE);
            let texts: Vec<_> = there.map(|code| dictionary[*code as usize].clone()).collect();
            let column = column.typed::<ByteArrayType>();
            let levels = levels(codes, column.get_descriptor());
            column.write_batch(&texts, levels.as_deref(), None)?;
        }
    }
    column.close()
}

/// Which rows have a value; `None` for a column where all do.
fn levels(values: &[u32], column: &ColumnDescriptor) -> Option<Vec<i16>> {
    let optional = column.max_def_level() > 0;
    optional.then(|| values.iter().map(|value| i16::from(*value != NONE)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_to_rename_replaces_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let [from, to] = ["from", "to"].map(|name| dir.path().join(name));
        for rename in [rename, look_and_rename] {
            fs::write(&from, b"new").unwrap();
            fs::write(&to, b"old").unwrap();
            let error = rename(&from, &to).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert_eq!(fs::read(&to).unwrap(), b"old");
            fs::remove_file(&to).unwrap();
            rename(&from, &to).unwrap();
            assert_eq!(fs::read(&to).unwrap(), b"new");
            assert!(!from.exists());
        }
    }
}
