//! The committed facts, `data/*.tsv`, read into entries: one for each service, protocol and port or
//! range. Overlay rows complete what the package says or add to it.

use std::collections::BTreeMap;

use registry::{PortRange, Proto, Standing};

pub(crate) const IANA: &str = include_str!("../../data/iana.tsv");
pub(crate) const OVERLAY: &str = include_str!("../../data/overlay.tsv");
pub(crate) const UNOFFICIAL: &str = include_str!("../../data/unofficial.tsv");

/// What one protocol says of one port or range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) ports: PortRange,
    pub(crate) proto: Proto,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) standing: Standing,
}

/// Every entry; for each port the overlay's additions, then the package's, then the unofficial.
pub(crate) fn entries() -> Vec<Entry> {
    let mut official: Vec<Entry> =
        rows(IANA).flat_map(|row| row.entries(official_standing)).collect();
    let place: BTreeMap<_, _> =
        official.iter().enumerate().map(|(at, entry)| (entry.key(), at)).collect();
    let mut added = Vec::new();
    for entry in rows(OVERLAY).flat_map(|row| row.entries(official_standing)) {
        match place.get(&entry.key()) {
            Some(&at) => official[at].complete(&entry),
            None => {
                assert!(entry.adds_a_row(), "there is no row to give a reference to: {entry:?}");
                added.push(entry);
            }
        }
    }
    let unofficial = rows(UNOFFICIAL).flat_map(|row| row.entries(|_| Standing::Unofficial));
    added.into_iter().chain(official).chain(unofficial).collect()
}

/// The value of a `# key: value` line at the head of the package's facts.
pub(crate) fn heading(key: &str) -> &'static str {
    let line = |line: &'static str| line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": ");
    IANA.lines().find_map(line).unwrap_or_else(|| panic!("iana.tsv has no {key}"))
}

/// The columns of one line.
pub(crate) struct Line {
    text: &'static str,
    columns: Vec<&'static str>,
}

/// The lines of a file that are not comments.
pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = Line> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.map(|text| Line { text, columns: text.split('\t').collect() })
}

impl Line {
    pub(crate) fn ports(&self) -> PortRange {
        self.column(0).parse().unwrap_or_else(|error| panic!("{}: {error}", self.text))
    }

    pub(crate) fn column(&self, index: usize) -> &'static str {
        self.columns.get(index).copied().unwrap_or_default()
    }

    fn entries(self, standing: impl Fn(&Line) -> Standing) -> Vec<Entry> {
        assert!((4..=5).contains(&self.columns.len()), "columns of {:?}", self.text);
        let proto =
            |name: &str| name.parse().unwrap_or_else(|_| panic!("protocol of {}", self.text));
        let entry = |name| Entry {
            ports: self.ports(),
            proto: proto(name),
            name: self.column(2),
            description: self.column(3),
            reference: self.column(4),
            standing: standing(&self),
        };
        self.column(1).split(',').map(entry).collect()
    }
}

impl Entry {
    fn key(&self) -> (PortRange, Proto, &'static str) {
        (self.ports, self.proto, self.name)
    }

    /// A reference alone is meant for a row that exists, whose name it then misspells.
    fn adds_a_row(&self) -> bool {
        self.reference.is_empty() || !self.description.is_empty()
    }

    fn complete(&mut self, overlay: &Entry) {
        assert!(
            !(overlay.description.is_empty() && overlay.reference.is_empty()),
            "the overlay says nothing new of {self:?}"
        );
        self.reference = overlay.reference;
        if !overlay.description.is_empty() {
            self.description = overlay.description;
        }
    }
}

/// A row without a name is held back or given up, or, as "any private mail system", assigned.
fn official_standing(line: &Line) -> Standing {
    let description = line.column(3).to_ascii_lowercase();
    match () {
        () if !line.column(2).is_empty() => Standing::Assigned,
        () if description.starts_with("reserved") => Standing::Reserved,
        () if description.starts_with("unassigned") || description == "de-registered" => {
            Standing::Unassigned
        }
        () => Standing::Assigned,
    }
}
