//! The columns of a segment: what `docs/store-format.md` describes, as the Parquet library wants it.

use std::sync::{Arc, LazyLock};

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, Type};

/// A column of the tenures, in the order in which they are written; the last one, `segment`, is for
/// other readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Proto,
    LocalAddr,
    LocalPort,
    RemoteAddr,
    RemotePort,
    Role,
    Start,
    Duration,
    Ending,
    Evidence,
    Uid,
    Opener,
    Taker,
    Closer,
    Netns,
    Family,
    V6only,
    Stepped,
    Clock,
}

impl Column {
    /// Whether its values lie in a dictionary.
    pub(super) fn has_dictionary(self) -> bool {
        !matches!(self, Column::LocalPort | Column::Start | Column::Duration | Column::V6only)
    }

    /// Whether some rows have no value.
    pub(super) fn is_optional(self) -> bool {
        use Column::{Closer, Opener, RemoteAddr, RemotePort, Taker, Uid};
        matches!(self, RemoteAddr | RemotePort | Uid | Opener | Taker | Closer)
    }
}

/// How many rows a page has: few enough that one port's are read fast, enough to compress well.
pub(super) const PAGE_ROWS: usize = 4096;

const TENURES: &str = "message tenures {
    REQUIRED BYTE_ARRAY proto (STRING);
    REQUIRED BYTE_ARRAY local_addr (STRING);
    REQUIRED INT32 local_port (INTEGER(16, false));
    OPTIONAL BYTE_ARRAY remote_addr (STRING);
    OPTIONAL INT32 remote_port (INTEGER(16, false));
    REQUIRED BYTE_ARRAY role (STRING);
    REQUIRED INT64 start (TIMESTAMP(NANOS, true));
    REQUIRED INT64 duration_ns;
    REQUIRED BYTE_ARRAY ending (STRING);
    REQUIRED BYTE_ARRAY evidence (STRING);
    OPTIONAL INT32 uid (INTEGER(32, false));
    OPTIONAL INT32 opener (INTEGER(32, false));
    OPTIONAL INT32 taker (INTEGER(32, false));
    OPTIONAL INT32 closer (INTEGER(32, false));
    REQUIRED INT64 netns (INTEGER(64, false));
    REQUIRED BYTE_ARRAY family (STRING);
    REQUIRED BOOLEAN v6only;
    REQUIRED INT64 stepped_ns;
    REQUIRED INT64 clock (INTEGER(64, false));
    REQUIRED INT64 segment (INTEGER(64, false));
}";

/// The schema of the tenures.
pub(super) fn tenures() -> Arc<Type> {
    static SCHEMA: LazyLock<Arc<Type>> = LazyLock::new(|| {
        Arc::new(parse_message_type(TENURES).expect("the schema above is a schema"))
    });
    Arc::clone(&SCHEMA)
}

/// How tenures are written: the columns that a search prunes by have the least and the greatest
/// value of every page in the index.
pub(super) fn tenure_properties() -> WriterProperties {
    let mut properties = common();
    for name in ["local_port", "start", "duration_ns"] {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(name), false)
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_BINARY_PACKED);
    }
    for name in ["local_port", "start", "duration_ns", "netns", "proto"] {
        properties = properties
            .set_column_statistics_enabled(ColumnPath::from(name), EnabledStatistics::Page);
    }
    properties.build()
}

/// How programs are written.
pub(super) fn program_properties() -> WriterProperties {
    common().build()
}

fn common() -> WriterPropertiesBuilder {
    let level = ZstdLevel::try_new(1).unwrap_or_default();
    WriterProperties::builder()
        .set_created_by(concat!("portolan ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_dictionary_page_size_limit(64 << 20)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_max_row_group_row_count(None)
}
