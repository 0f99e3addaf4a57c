//! The pages of a column, unpacked. The Parquet library would make a compressor and a decompressor
//! of its own for every column, which costs more than most pages take to unpack: a thread has one.

use std::cell::RefCell;
use std::sync::Arc;

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::serialized_reader::SerializedPageReader;
use zstd::bulk::Decompressor;
use zstd::zstd_safe::get_frame_content_size;

use super::checked::Checked;

/// The pages of a column of a file.
pub(super) struct Pages {
    /// As they lie in the file.
    packed: SerializedPageReader<Checked>,
}

impl Pages {
    /// The pages of the column that `chunk` describes, whose data lie at `locations`.
    pub(super) fn of(
        file: &Arc<Checked>,
        chunk: &ColumnChunkMetaData,
        rows: usize,
        locations: Vec<PageLocation>,
    ) -> Result<Pages> {
        let Compression::ZSTD(_) = chunk.compression() else {
            return Err(ParquetError::General("a column is not packed with zstd".to_owned()));
        };
        let chunk = chunk.clone().into_builder().set_compression(Compression::UNCOMPRESSED);
        let chunk = chunk.build()?;
        let packed = SerializedPageReader::new(Arc::clone(file), &chunk, rows, Some(locations))?;
        Ok(Pages { packed })
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let mut page = self.packed.get_next_page()?;
        match &mut page {
            Some(Page::DataPage { buf, .. } | Page::DictionaryPage { buf, .. }) => {
                *buf = unpacked(buf)?;
            }
            Some(Page::DataPageV2 { .. }) => {
                return Err(ParquetError::General("a page is of the second version".to_owned()));
            }
            None => {}
        }
        Ok(page)
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

fn unpacked(packed: &[u8]) -> Result<Bytes> {
    let refused = || ParquetError::General("a page cannot be unpacked".to_owned());
    let size = get_frame_content_size(packed).ok().flatten().ok_or_else(refused)?;
    let size = usize::try_from(size).ok().filter(|size| *size <= LARGEST).ok_or_else(refused)?;
    let unpacked = UNPACKER.with_borrow_mut(|unpacker| {
        let unpacker = match unpacker {
            Some(unpacker) => unpacker,
            empty => empty.insert(Decompressor::new()?),
        };
        unpacker.decompress(packed, size)
    });
    unpacked.map(Bytes::from).map_err(ParquetError::from)
}

thread_local! {
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// No page of ours is larger: a dictionary of a column of text.
const LARGEST: usize = 1 << 30;
