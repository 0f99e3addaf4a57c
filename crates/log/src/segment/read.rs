//! Reading the tenures of a segment: by pages where the index allows, by columns, by rows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::column::reader::get_typed_column_reader;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::checked::Checked;
use super::schema::{self, Column, PAGE_ROWS};
use super::summary::Summary;
use crate::Error;

/// An open file of tenures.
#[derive(Debug)]
pub(super) struct TenureFile {
    path: PathBuf,
    file: Arc<Checked>,
    footer: ParquetMetaData,
    rows: usize,
}

impl TenureFile {
    pub(super) fn open(path: &Path) -> Result<TenureFile, Error> {
        TenureFile::read(Checked::open(path)?, path)
    }

    /// Reads the footer and the page index of a file.
    pub(super) fn read(file: Checked, path: &Path) -> Result<TenureFile, Error> {
        let footer = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Required)
            .parse_and_finish(&file)
            .map_err(Error::parquet("read", path))?;
        let damaged = |why| Error::Damaged { path: path.to_owned(), why };
        if footer.file_metadata().schema() != &*schema::tenures() {
            return Err(damaged("its columns are not those of a segment"));
        }
        let groups = footer.num_row_groups();
        let rows = usize::try_from(footer.file_metadata().num_rows()).unwrap_or(usize::MAX);
        if groups > 1 || groups == 0 && rows > 0 || u32::try_from(rows).is_err() {
            return Err(damaged("it has several row groups"));
        }
        if groups > 0 && !has_our_pages(&footer, rows) {
            return Err(damaged("its pages have another number of rows"));
        }
        Ok(TenureFile { path: path.to_owned(), file: Arc::new(file), footer, rows })
    }

    /// What the segment says of itself.
    pub(super) fn summary(&self) -> Result<Summary, Error> {
        let damaged = |why| self.damaged(why);
        let summary = Summary::read(self.footer.file_metadata()).map_err(damaged)?;
        if summary.format != super::FORMAT || summary.rows != self.rows as u64 {
            return Err(damaged("what it says of itself is not so"));
        }
        Ok(summary)
    }

    /// That something is wrong with the file.
    pub(super) fn damaged(&self, why: &'static str) -> Error {
        Error::Damaged { path: self.path.clone(), why }
    }

    /// How many pages there are.
    pub(super) fn pages(&self) -> usize {
        self.rows.div_ceil(PAGE_ROWS)
    }

    /// The rows of a page.
    pub(super) fn page_rows(&self, page: usize) -> std::ops::Range<u32> {
        let edge =
            |page: usize| u32::try_from((page * PAGE_ROWS).min(self.rows)).unwrap_or(u32::MAX);
        edge(page)..edge(page + 1)
    }

    /// The least and the greatest value of a column on a page; everything where that is not known.
    pub(super) fn bounds(&self, column: Column, page: usize) -> (i64, i64) {
        let index = self.footer.page_index_for_row_group(0);
        let bounds = match index.column_index(column as usize) {
            Some(ColumnIndexMetaData::INT64(index)) => {
                at(index.min_values(), index.max_values(), page)
            }
            Some(ColumnIndexMetaData::INT32(index)) => {
                at(index.min_values(), index.max_values(), page)
            }
            _ => None,
        };
        bounds.unwrap_or((i64::MIN, i64::MAX))
    }

    /// A column of 64-bit numbers at some rows, ascending.
    pub(super) fn longs(&self, column: Column, rows: &[u32]) -> Result<Vec<i64>, Error> {
        let values = self.column::<Int64Type>(column, rows)?;
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// A column of 32-bit numbers at some rows, ascending.
    pub(super) fn words(&self, column: Column, rows: &[u32]) -> Result<Vec<Option<u32>>, Error> {
        let values = self.column::<Int32Type>(column, rows)?;
        Ok(values.into_iter().map(|value| value.map(i32::cast_unsigned)).collect())
    }

    /// A column of text at some rows, ascending.
    pub(super) fn texts(
        &self,
        column: Column,
        rows: &[u32],
    ) -> Result<Vec<Option<ByteArray>>, Error> {
        self.column::<ByteArrayType>(column, rows)
    }

    /// A column of yes and no at some rows, ascending.
    pub(super) fn flags(&self, column: Column, rows: &[u32]) -> Result<Vec<bool>, Error> {
        let values = self.column::<BoolType>(column, rows)?;
        Ok(values.into_iter().map(Option::unwrap_or_default).collect())
    }

    fn column<T: DataType>(
        &self,
        column: Column,
        rows: &[u32],
    ) -> Result<Vec<Option<T::T>>, Error> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut picked = Vec::with_capacity(rows.len());
        self.reader(column)
            .and_then(|reader| pick::<T>(get_typed_column_reader(reader), rows, &mut picked))
            .map_err(Error::parquet("read", &self.path))?;
        Ok(picked)
    }

    fn reader(&self, column: Column) -> Result<ColumnReader, ParquetError> {
        let at = column as usize;
        let index = self.footer.page_index_for_row_group(0);
        let pages = index.offset_index(at).map(|index| index.page_locations().clone());
        let file = Arc::clone(&self.file);
        let chunk = self.footer.row_group(0).column(at);
        let pages = SerializedPageReader::new(file, chunk, self.rows, pages)?;
        let description = self.footer.file_metadata().schema_descr().column(at);
        Ok(get_column_reader(description, Box::new(pages)))
    }
}

/// Whether every column is in pages of [`PAGE_ROWS`], by which rows are looked for.
fn has_our_pages(footer: &ParquetMetaData, rows: usize) -> bool {
    let index = footer.page_index_for_row_group(0);
    (0..footer.row_group(0).num_columns()).all(|column| {
        let firsts = (0..rows).step_by(PAGE_ROWS).map(|row| i64::try_from(row).ok());
        index.offset_index(column).is_some_and(|index| {
            let pages = index.page_locations().iter();
            pages.map(|page| Some(page.first_row_index)).eq(firsts)
        })
    })
}

fn at<T: Copy + Into<i64>>(min: &[T], max: &[T], page: usize) -> Option<(i64, i64)> {
    Some(((*min.get(page)?).into(), (*max.get(page)?).into()))
}

/// Reads the values at some rows, ascending, page by page: what lies between two rows of a page is
/// decoded, pages without such a row are not read.
fn pick<T: DataType>(
    mut reader: ColumnReaderImpl<T>,
    rows: &[u32],
    picked: &mut Vec<Option<T::T>>,
) -> Result<(), ParquetError> {
    let mut next = 0;
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for rows in rows.chunk_by(|one, other| *one as usize / PAGE_ROWS == *other as usize / PAGE_ROWS)
    {
        let (first, last) = (rows[0] as usize, rows[rows.len() - 1] as usize);
        reader.skip_records(first - next)?;
        values.clear();
        levels.clear();
        let count = last + 1 - first;
        let (read, ..) = reader.read_records(count, Some(&mut levels), None, &mut values)?;
        if read != count {
            return Err(ParquetError::EOF("a column has too few rows".to_owned()));
        }
        next = last + 1;
        let mut values = values.drain(..);
        let mut wanted = rows.iter().map(|row| *row as usize - first).peekable();
        for at in 0..count {
            let there = levels.get(at).is_none_or(|level| *level > 0);
            let value = if there { values.next() } else { None };
            if wanted.next_if_eq(&at).is_some() {
                picked.push(value);
            }
        }
    }
    Ok(())
}
