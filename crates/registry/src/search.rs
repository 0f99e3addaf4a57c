//! Searching the registry: by number, by range, by name and by words of the description.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::str::FromStr;

use crate::table::{Row, TABLE};
use crate::{Assignment, ParseRangeError, PortRange, Proto, Standing};

/// What to search the registry for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    what: What,
    proto: Option<Proto>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Lines whose ports overlap one of these.
    Ports(Vec<PortRange>),
    /// Lines with every one of these words, of which there is at least one; together they may be a
    /// service's name, with hyphens between them.
    Words { words: Vec<String>, name: String },
}

impl Term {
    /// The ports searched for, ascending and each once, where it is ports and not words.
    #[must_use]
    pub fn ports(&self) -> Option<&[PortRange]> {
        match &self.what {
            What::Ports(ranges) => Some(ranges),
            What::Words { .. } => None,
        }
    }
}

impl FromStr for Term {
    type Err = ParseRangeError;

    /// Reads ports and ranges with commas between them, or words, each with `/tcp` behind it or `tcp/` before it or neither.
    ///
    /// # Errors
    /// [`ParseRangeError`] for nothing at all and for numbers that are not ports: `70000`,
    /// `8100-8000`.
    fn from_str(text: &str) -> Result<Term, ParseRangeError> {
        let (text, proto) = split_proto(text.trim());
        let text = text.strip_prefix(':').unwrap_or(text);
        let has_words = text.chars().any(char::is_alphabetic);
        let ranges: Result<Vec<PortRange>, _> = text.split(',').map(str::parse).collect();
        let what = match ranges {
            Ok(ranges) => What::Ports(PortRange::union(ranges)),
            Err(error) if !has_words => return Err(error),
            Err(_) => {
                let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
                What::Words { name: words.join("-"), words }
            }
        };
        Ok(Term { what, proto })
    }
}

impl From<PortRange> for Term {
    fn from(range: PortRange) -> Self {
        Term { what: What::Ports(vec![range]), proto: None }
    }
}

/// The lines that `term` finds.
///
/// For ports: the lines that overlap them, by port, official ones first at each. For words, which
/// must all occur in a line, case aside: the service of that very name, then names that begin with
/// it, names that have it inside, then descriptions and references; each by port. A service on
/// several protocols has a line for each, one after the other. Lines that only call a port
/// unassigned are left out.
///
/// ```
/// use registry::search;
///
/// let found = search(&"remote desktop".parse()?);
/// assert!(found.iter().any(|line| line.name == Some("rdp")));
/// assert_eq!(search(&"6010".parse()?)[0].name, Some("x11"));
/// # Ok::<(), registry::ParseRangeError>(())
/// ```
#[must_use]
pub fn search(term: &Term) -> Vec<Assignment> {
    let mut rows: Vec<((Match, PortRange, bool), Row)> = TABLE
        .rows()
        .filter(|row| row.standing() != Standing::Unassigned)
        .filter_map(|row| {
            let rank = term.rank(row)?;
            Some(((rank, row.ports(), !row.standing().is_official()), row))
        })
        .collect();
    rows.sort_by_key(|&(order, _)| order);
    let lines = rows.into_iter().flat_map(|(_, row)| row.assignments());
    lines.filter(|line| term.proto.is_none_or(|proto| proto == line.proto)).collect()
}

/// How well a row matches; the best comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Exact,
    NameStart,
    Name,
    Text,
}

impl Term {
    fn rank(&self, row: Row) -> Option<Match> {
        match &self.what {
            What::Ports(ranges) => {
                ranges.iter().any(|range| range.overlaps(row.ports())).then_some(Match::Exact)
            }
            What::Words { words, name } => rank(words, name, row),
        }
    }
}

/// How well `row` matches all of `words`: as well as the word that matches worst.
fn rank(words: &[String], name: &str, row: Row) -> Option<Match> {
    let own = row.name().unwrap_or_default();
    if own.eq_ignore_ascii_case(name) {
        return Some(Match::Exact);
    }
    words.iter().try_fold(Match::NameStart, |worst, word| {
        let found = match position(own, word) {
            Some(0) => Match::NameStart,
            Some(_) => Match::Name,
            None => {
                let reference = row.reference().unwrap_or_default();
                position(row.description(), word).or_else(|| position(reference, word))?;
                Match::Text
            }
        };
        Some(worst.max(found))
    })
}

/// Where `word` first occurs in `text`, ASCII case aside.
fn position(text: &str, word: &str) -> Option<usize> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let (first, rest) = word.split_first()?;
    let starts = (text.len() + 1).checked_sub(word.len())?;
    // Few places begin as the word does.
    (0..starts).find(|at| {
        text[*at].eq_ignore_ascii_case(first)
            && text[at + 1..at + word.len()].eq_ignore_ascii_case(rest)
    })
}

/// Takes the protocol from `80/tcp` and `tcp/80`.
fn split_proto(text: &str) -> (&str, Option<Proto>) {
    let Some((left, right)) = text.rsplit_once('/') else { return (text, None) };
    match (left.parse(), right.parse()) {
        (_, Ok(proto)) => (left.trim_end(), Some(proto)),
        (Ok(proto), _) => (right.trim_start(), Some(proto)),
        _ => (text, None),
    }
}
