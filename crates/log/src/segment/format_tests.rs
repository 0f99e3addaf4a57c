//! `docs/store-format.md` says what the files are, and files of old versions stay readable.

use std::fs;
use std::path::{Path, PathBuf};

use parquet::file::metadata::PageIndexPolicy;
use parquet::file::metadata::ParquetMetaDataReader;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::schema::types::ColumnDescriptor;

use super::checked::Checked;
use super::name::Part;
use super::schema::PAGE_ROWS;
use super::tests::made::{all, every_kind};
use super::{Host, SegmentAbout, Segments, seal};
use crate::Moment;

fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(crate_dir().join("../../docs/store-format.md")).unwrap()
}

/// The names and types that the document gives, in its order.
fn documented(part: &str) -> Vec<(String, String)> {
    let text = document();
    let (_, table) = text.split_once(&format!("<!-- columns:{part} -->")).unwrap();
    let (table, _) = table.split_once("<!-- /columns -->").unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let (name, rest) = row.split_once("` | ").unwrap();
        (name.to_owned(), rest.split_once(" | ").unwrap().0.to_owned())
    })
    .collect()
}

/// The names and types that a file has, in its order.
fn written(path: &Path) -> Vec<(String, String)> {
    let footer =
        ParquetMetaDataReader::new().parse_and_finish(&Checked::open(path).unwrap()).unwrap();
    let columns = footer.file_metadata().schema_descr().columns();
    columns.iter().map(|column| (column.path().string(), kind(column))).collect()
}

fn kind(column: &ColumnDescriptor) -> String {
    use parquet::basic::LogicalType;
    let logical = match column.logical_type_ref() {
        None => String::new(),
        Some(LogicalType::String) => " (STRING)".to_owned(),
        Some(LogicalType::Integer(integer)) => {
            format!(" (INTEGER({},{}))", integer.bit_width, integer.is_signed)
        }
        Some(LogicalType::Timestamp(timestamp)) => {
            format!(" (TIMESTAMP(NANOS,{}))", timestamp.is_adjusted_to_u_t_c)
        }
        Some(other) => format!(" ({other:?})"),
    };
    let optional = if column.self_type().is_optional() { ", optional" } else { "" };
    format!("{}{logical}{optional}", column.physical_type())
}

fn sealed(dir: &Path) -> PathBuf {
    let host = Host { name: "harbour".into(), machine: "00ff".into() };
    seal(dir, &every_kind(), &SegmentAbout { host, hour: Moment(0) }).unwrap().path(Part::Tenures)
}

#[test]
fn the_document_has_every_column_and_its_type() {
    let dir = tempfile::tempdir().unwrap();
    let tenures = sealed(dir.path());
    assert_eq!(documented("tenures"), written(&tenures));
    let programs = tenures.to_str().unwrap().replace("tenures", "programs");
    assert_eq!(documented("programs"), written(Path::new(&programs)));
}

#[test]
fn the_document_has_every_field_of_a_summary() {
    let dir = tempfile::tempdir().unwrap();
    sealed(dir.path());
    let (segments, _) = Segments::scan(dir.path()).unwrap();
    let summary = serde_json::to_value(&*segments.iter().next().unwrap().summary).unwrap();
    let text = document();
    for field in summary.as_object().unwrap().keys() {
        let named = text.lines().any(|line| {
            line.starts_with("| `")
                && line.split(" | ").next().unwrap().contains(&format!("`{field}`"))
        });
        assert!(named, "docs/store-format.md does not say what `{field}` is");
    }
}

#[test]
fn pages_are_as_the_document_says() {
    let dir = tempfile::tempdir().unwrap();
    let path = sealed(dir.path());
    let footer = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Required)
        .parse_and_finish(&Checked::open(&path).unwrap())
        .unwrap();
    let index = footer.page_index_for_row_group(0);
    assert_eq!(footer.num_row_groups(), 1);
    let rows = usize::try_from(footer.file_metadata().num_rows()).unwrap();
    assert!(rows > PAGE_ROWS, "several pages have to be compared");
    let mut bounded = Vec::new();
    for (at, (name, _)) in written(&path).into_iter().enumerate() {
        let pages = index.page_locations(at).unwrap();
        let firsts: Vec<i64> = pages.iter().map(|page| page.first_row_index).collect();
        let expected = (0..rows).step_by(PAGE_ROWS).map(|row| i64::try_from(row).unwrap());
        assert_eq!(firsts, expected.collect::<Vec<_>>(), "{name}");
        if index
            .column_index(at)
            .is_some_and(|index| !matches!(index, ColumnIndexMetaData::BOOLEAN(_)))
        {
            bounded.push(name);
        }
    }
    assert_eq!(bounded, ["proto", "local_port", "start", "duration_ns", "netns"]);
}

fn golden() -> PathBuf {
    crate_dir().join("tests/golden/v1")
}

/// What the segments of `dir` answer to everything, as text.
fn answered(dir: &Path) -> String {
    let (segments, damage) = Segments::scan(dir).unwrap();
    assert_eq!(damage, vec![]);
    let found = segments.find(&all());
    let tenures = found.tenures.iter().map(|tenure| format!("{tenure:?}\n"));
    format!("{:?}\n{:?}\n{}", found.since, found.gaps, tenures.collect::<String>())
}

#[test]
fn files_of_version_1_are_read_as_they_were() {
    let expected = fs::read_to_string(golden().join("expected.txt")).unwrap();
    assert!(answered(&golden()) == expected, "what the golden files say has changed");
}

#[test]
#[ignore = "writes tests/golden/v1 anew: for the first release of a version alone"]
fn write_golden_files() {
    let mut batch = every_kind();
    batch.rows.truncate(16);
    let host = Host { name: "harbour".into(), machine: "00ff".into() };
    fs::create_dir_all(golden()).unwrap();
    seal(&golden(), &batch, &SegmentAbout { host, hour: Moment(0) }).unwrap();
    fs::write(golden().join("expected.txt"), answered(&golden())).unwrap();
}
