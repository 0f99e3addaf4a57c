//! `/list`: every socket with its owner, filtered, ordered, and live.

use std::time::Duration;

use askama::Template;
use axum::extract::{self, Query};
use axum::response::{IntoResponse, Response};

use crate::live::stream;
use crate::page::{Caller, Frame, fragment, page};
use crate::{Filters, ListAsked, ListNow, State, Trouble, Viewer, Who};

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    frame: Frame,
    filters: Filters,
    rows: RowsPart,
    live: String,
}

/// The table, or why there is none.
#[derive(Template)]
#[template(path = "list/rows.html")]
struct RowsPart {
    frame: Frame,
    list: Result<ListNow, Trouble>,
}

impl ListPage {
    /// What was asked of a filter, to be put back into its field.
    fn value(&self, name: &str) -> &str {
        let found = self.filters.0.iter().find(|(it, _)| it == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Whether a filter without a value was asked for.
    fn is_on(&self, name: &str) -> bool {
        self.filters.0.iter().any(|(it, _)| it == name)
    }
}

type Pairs = Query<Vec<(String, String)>>;

/// The list.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    frame: Frame,
    extract::RawQuery(query): extract::RawQuery,
    Query(pairs): Pairs,
) -> Response {
    let filters = filters(pairs);
    let list = ask(&state, frame.viewer, filters.clone()).await;
    let live = format!("/list/live?{}", query.unwrap_or_default());
    let rows = RowsPart { frame: frame.clone(), list };
    page(&ListPage { frame, filters, rows, live })
}

/// Tells what changes in the list.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Query(pairs): Pairs,
) -> Response {
    let filters = filters(pairs);
    let mut changes = state.changes();
    let told = state.clone();
    stream(&told, caller.seat, move |line| async move {
        let mut shown = String::new();
        loop {
            let list = ask(&state, frame.viewer, filters.clone()).await;
            line.show("rows", fragment(&RowsPart { frame: frame.clone(), list }), &mut shown)
                .await?;
            tokio::time::sleep(PAUSE).await;
            let _changed_or_behind = changes.recv().await;
        }
    })
    .into_response()
}

/// What of a query filters: the language does not.
fn filters(pairs: Vec<(String, String)>) -> Filters {
    Filters(pairs.into_iter().filter(|(name, _)| name != "lang").collect())
}

async fn ask(state: &State, viewer: Viewer, filters: Filters) -> Result<ListNow, Trouble> {
    let asked = ListAsked { filters, most: ROWS };
    state.ask(move |machine| machine.list(&asked, viewer)).await
}

/// How many rows a page has; the rest is counted.
const ROWS: usize = 500;
/// A long list is not made anew more often.
const PAUSE: Duration = Duration::from_millis(500);
