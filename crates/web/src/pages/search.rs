//! `/search`: a port by its number, a service's name or words; as a page, and while one types.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use registry::{Assignment, Port, Target, Term};
use serde::Deserialize;

use crate::page::{Frame, Lenient, page};

/// What is searched for.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    frame: Frame,
    asked: String,
    found: FoundPart,
}

/// What was found, the best first.
#[derive(Template)]
#[template(path = "search/found.html")]
struct FoundPart {
    frame: Frame,
    /// The port that the text names outright.
    port: Option<Port>,
    rows: Vec<Row>,
    more: usize,
}

/// A service of the registry.
#[derive(Debug)]
struct Row {
    assignment: Assignment,
    protos: Vec<&'static str>,
}

impl Row {
    fn name(&self) -> &'static str {
        self.assignment.name.unwrap_or(self.assignment.standing.name())
    }

    fn ports(&self) -> String {
        let ports = self.assignment.ports;
        if ports.count() == 1 {
            return ports.first().to_string();
        }
        format!("{}–{}", ports.first(), ports.last())
    }
}

/// Where a service is searched for by its name.
pub(super) fn address(name: &str) -> String {
    // Of what names consist of, a plus alone means something else in a query.
    format!("/search?q={}", name.replace('+', "%2B"))
}

/// The page; where the text can only be one port, that port's.
pub(crate) async fn show(frame: Frame, Lenient(asked): Lenient<Asked>) -> Response {
    let text = asked.q.trim();
    let target: Option<Target> = text.parse().ok();
    let is_number = text.chars().any(|c| c.is_ascii_digit());
    if let Some(port) = target.filter(|_| is_number).and_then(|target| target.port()) {
        return Redirect::to(&format!("/ports/{port}")).into_response();
    }
    let found = find(frame.clone(), text, ROWS);
    page(&SearchPage { frame, asked: text.to_owned(), found })
}

/// What is found while one types.
pub(crate) async fn instant(frame: Frame, Lenient(asked): Lenient<Asked>) -> Response {
    page(&find(frame, asked.q.trim(), AT_ONCE))
}

fn find(frame: Frame, text: &str, most: usize) -> FoundPart {
    let text: String = text.chars().take(LONGEST).collect();
    let target: Option<Target> = text.parse().ok();
    let port = target.and_then(|target| target.port());
    let mut rows: Vec<Row> = Vec::new();
    for assignment in text.parse::<Term>().map(|term| registry::search(&term)).unwrap_or_default() {
        let proto = assignment.proto.name();
        let same = |row: &&mut Row| {
            let it = row.assignment;
            (it.ports, it.name, it.standing)
                == (assignment.ports, assignment.name, assignment.standing)
        };
        match rows.iter_mut().rev().take(4).find(same) {
            Some(row) => row.protos.push(proto),
            None => rows.push(Row { assignment, protos: vec![proto] }),
        }
    }
    let more = rows.len().saturating_sub(most);
    rows.truncate(most);
    FoundPart { frame, port, rows, more }
}

/// How many services a page has, and how many are found while one types.
const ROWS: usize = 100;
const AT_ONCE: usize = 8;
/// No longer text is searched for.
const LONGEST: usize = 100;
