//! Reading the tenures of a segment: by pages where the index allows, by columns, by rows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{BoolType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::page_index::column_index::ColumnIndexMetaData;

use super::checked::Checked;
use super::coded::{Coded, Presence};
use super::columns::NONE;
use super::pages::Pages;
use super::schema::{self, Column, PAGE_ROWS};
use super::summary::{self, Summary};
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
    /// Opens the file of the segment with this number.
    pub(super) fn open(path: &Path, number: u64) -> Result<TenureFile, Error> {
        let opened = TenureFile::read(Checked::open(path)?, path)?;
        let about = opened.footer.file_metadata();
        summary::check_number(about, number).map_err(|why| opened.damaged(why))?;
        Ok(opened)
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
        self.partly_told(column, rows, Some, |rows| {
            if column.has_dictionary() {
                let coded = self.coded(column, rows)?;
                return self.all(coded.codes.iter().map(|code| coded.long(*code)));
            }
            self.plain::<Int64Type>(column, rows)
        })
    }

    /// A column of 32-bit numbers at some rows, ascending.
    pub(super) fn words(&self, column: Column, rows: &[u32]) -> Result<Vec<Option<u32>>, Error> {
        let told = |value| u32::try_from(value).ok().map(Some);
        self.partly_told(column, rows, told, |rows| {
            if column.has_dictionary() {
                let coded = self.coded(column, rows)?;
                let value = |code: &u32| match code {
                    &NONE => Some(None),
                    code => coded.word(*code).map(Some),
                };
                return self.all(coded.codes.iter().map(value));
            }
            let values = self.plain::<Int32Type>(column, rows)?;
            Ok(values.into_iter().map(|value| Some(value.cast_unsigned())).collect())
        })
    }

    /// A column of text at some rows, ascending; each text that there is is read once. `None` where
    /// a row has none.
    pub(super) fn parsed<T: Clone>(
        &self,
        column: Column,
        rows: &[u32],
        parse: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Error> {
        let coded = self.coded(column, rows)?;
        coded.parsed(parse).ok_or_else(|| self.damaged(STRANGE))
    }

    /// A column of yes and no at some rows, ascending.
    pub(super) fn flags(&self, column: Column, rows: &[u32]) -> Result<Vec<bool>, Error> {
        self.plain::<BoolType>(column, rows)
    }

    /// The values of a column at some rows: `told` makes them of what the index tells where the least on
    /// a page is the greatest, the others are `read`.
    fn partly_told<T: Clone>(
        &self,
        column: Column,
        rows: &[u32],
        told: impl Fn(i64) -> Option<T>,
        read: impl FnOnce(&[u32]) -> Result<Vec<T>, Error>,
    ) -> Result<Vec<T>, Error> {
        let pages = || rows.chunk_by(|one, other| page_of(*one) == page_of(*other));
        let value = |page: &[u32]| {
            let (least, greatest) = self.bounds(column, page_of(*page.first()?));
            told(least).filter(|_| least == greatest && !column.is_optional())
        };
        if !pages().any(|page| value(page).is_some()) {
            return read(rows);
        }
        let unknown: Vec<u32> =
            pages().filter(|page| value(page).is_none()).flatten().copied().collect();
        let mut read = read(&unknown)?.into_iter();
        let mut all = Vec::with_capacity(rows.len());
        for page in pages() {
            match value(page) {
                Some(value) => all.resize(all.len() + page.len(), value),
                None => all.extend(read.by_ref().take(page.len())),
            }
        }
        Ok(all)
    }

    /// Every value, if there is one of every row.
    fn all<T>(&self, values: impl Iterator<Item = Option<T>>) -> Result<Vec<T>, Error> {
        let values: Option<Vec<T>> = values.collect();
        values.ok_or_else(|| self.damaged(STRANGE))
    }

    /// A column with a dictionary.
    fn coded(&self, column: Column, rows: &[u32]) -> Result<Coded, Error> {
        let presence = if column.is_optional() { Presence::Optional } else { Presence::Required };
        if rows.is_empty() {
            return Ok(Coded::default());
        }
        self.pages_of(column)
            .and_then(|mut pages| Coded::read(&mut pages, rows, presence))
            .map_err(Error::parquet("read", &self.path))
    }

    /// A column without a dictionary, all of whose rows have a value.
    fn plain<T: DataType>(&self, column: Column, rows: &[u32]) -> Result<Vec<T::T>, Error> {
        let mut picked = Vec::with_capacity(rows.len());
        if !rows.is_empty() {
            let description = self.footer.file_metadata().schema_descr().column(column as usize);
            self.pages_of(column)
                .map(|pages| ColumnReaderImpl::<T>::new(description, Box::new(pages)))
                .and_then(|reader| pick(reader, rows, &mut picked))
                .map_err(Error::parquet("read", &self.path))?;
        }
        Ok(picked)
    }

    fn pages_of(&self, column: Column) -> Result<Pages, ParquetError> {
        let at = column as usize;
        let index = self.footer.page_index_for_row_group(0);
        let pages = index.page_locations(at).cloned().unwrap_or_default();
        Pages::of(&self.file, self.footer.row_group(0).column(at), self.rows, pages)
    }
}

/// The page of a row.
fn page_of(row: u32) -> usize {
    row as usize / PAGE_ROWS
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
    picked: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let mut next = 0;
    let mut values = Vec::new();
    for rows in rows.chunk_by(|one, other| page_of(*one) == page_of(*other)) {
        let (first, last) = (rows[0] as usize, rows[rows.len() - 1] as usize);
        reader.skip_records(first - next)?;
        values.clear();
        reader.read_records(last + 1 - first, None, None, &mut values)?;
        if values.len() != last + 1 - first {
            return Err(ParquetError::EOF("a column has too few rows".to_owned()));
        }
        next = last + 1;
        picked.extend(rows.iter().map(|row| values[*row as usize - first].clone()));
    }
    Ok(())
}

/// What is wrong with a file that has what nobody wrote.
const STRANGE: &str = "a row has a value that no tenure can have";
