//! Compiles the facts into the packed table, whose format `src/table.rs` describes, and holds the
//! committed `data/table.bin` to the result. After a change of the facts:
//! `REGISTRY_WRITE=1 cargo test -p registry --test registry compiled`.

use std::collections::{BTreeMap, BTreeSet};

use registry::{PortRange, Standing};

use crate::facts::{Entry, entries, heading};

#[test]
fn the_committed_table_is_compiled_from_the_committed_facts() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/data/table.bin");
    let table = compile(&entries());
    if std::env::var_os("REGISTRY_WRITE").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    let committed = std::fs::read(path).unwrap();
    assert!(
        committed == table,
        "data/table.bin ({} bytes) is not what data/*.tsv compile to ({} bytes); \
         REGISTRY_WRITE=1 cargo test -p registry --test registry compiled writes it",
        committed.len(),
        table.len(),
    );
}

/// A row of the table: the protocols that say the same of the same ports.
struct Row {
    ports: PortRange,
    protos: u8,
    name: &'static str,
    description: &'static str,
    reference: &'static str,
    standing: Standing,
}

fn compile(entries: &[Entry]) -> Vec<u8> {
    let rows = merge(entries);
    let names = Strings::new(rows.iter().map(|row| row.name).filter(|name| !name.is_empty()));
    let source = ["package", "version", "date", "licence"].map(heading);
    let texts = rows.iter().flat_map(|row| [row.description, row.reference]);
    let texts = Strings::new(texts.chain(source));
    let mut named: Vec<usize> = (0..rows.len()).filter(|&row| !rows[row].name.is_empty()).collect();
    named.sort_by_key(|&row| names.index(rows[row].name));

    let singles = rows.iter().filter(|row| row.ports.count() == 1).count();
    let counts = [rows.len(), singles, named.len(), names.ends.len(), texts.ends.len()];
    let sizes = [names.text.len(), texts.text.len(), 0];
    let mut table = Vec::new();
    counts.into_iter().chain(sizes).for_each(|number| put_u32(&mut table, number));
    source.into_iter().for_each(|text| put_u16(&mut table, texts.index(text)));
    rows.iter().for_each(|row| row.put(&mut table, &names, &texts));
    named.into_iter().for_each(|row| put_u16(&mut table, row));
    names.ends.iter().chain(&texts.ends).for_each(|&end| put_u32(&mut table, end));
    table.extend_from_slice(names.text.as_bytes());
    table.extend_from_slice(texts.text.as_bytes());
    table
}

/// The rows in the order of the table.
fn merge(entries: &[Entry]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut place = BTreeMap::new();
    for entry in entries {
        let Entry { ports, proto, name, description, reference, standing } = *entry;
        let key = (ports, name, description, reference, standing);
        let at = *place.entry(key).or_insert(rows.len());
        if at == rows.len() {
            rows.push(Row { ports, protos: 0, name, description, reference, standing });
        }
        assert!(rows[at].protos & 1 << proto as u8 == 0, "twice: {entry:?}");
        rows[at].protos |= 1 << proto as u8;
    }
    rows.sort_by_key(Row::place);
    rows
}

impl Row {
    /// Single ports before ranges, each by port; at a port official rows first, then by protocol,
    /// those that a document defines before others, and else in the order of the entries.
    fn place(&self) -> impl Ord + use<> {
        let unofficial = !self.standing.is_official();
        let proto = self.protos.trailing_zeros();
        (self.ports.count() > 1, self.ports, unofficial, proto, self.reference.is_empty())
    }

    fn put(&self, table: &mut Vec<u8>, names: &Strings, texts: &Strings) {
        let optional = |strings: &Strings, text: &'static str| {
            if text.is_empty() { usize::from(u16::MAX) } else { strings.index(text) }
        };
        put_u16(table, usize::from(self.ports.first().number()));
        put_u16(table, usize::from(self.ports.last().number()));
        put_u16(table, optional(names, self.name));
        put_u16(table, texts.index(self.description));
        put_u16(table, optional(texts, self.reference));
        table.push(self.protos);
        table.push(match self.standing {
            Standing::Assigned => 0,
            Standing::Reserved => 1,
            Standing::Unassigned => 2,
            Standing::Unofficial => 3,
        });
    }
}

/// Distinct strings, ascending without regard to case.
struct Strings {
    index: BTreeMap<&'static str, usize>,
    ends: Vec<usize>,
    text: String,
}

impl Strings {
    fn new(strings: impl Iterator<Item = &'static str>) -> Strings {
        let ordered: BTreeSet<_> = strings.map(|text| (text.to_ascii_lowercase(), text)).collect();
        let mut all = Strings { index: BTreeMap::new(), ends: Vec::new(), text: String::new() };
        for (index, (_, text)) in ordered.into_iter().enumerate() {
            all.text.push_str(text);
            all.ends.push(all.text.len());
            all.index.insert(text, index);
        }
        all
    }

    fn index(&self, text: &'static str) -> usize {
        self.index[text]
    }
}

fn put_u16(table: &mut Vec<u8>, number: usize) {
    let number = u16::try_from(number).expect("the table's indices fit sixteen bits");
    table.extend_from_slice(&number.to_le_bytes());
}

fn put_u32(table: &mut Vec<u8>, number: usize) {
    let number = u32::try_from(number).expect("the table's offsets fit thirty-two bits");
    table.extend_from_slice(&number.to_le_bytes());
}
