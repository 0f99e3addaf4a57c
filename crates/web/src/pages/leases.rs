//! `/leases`: the ports that are kept for somebody.

use askama::Template;
use axum::extract;
use axum::response::Response;

use crate::page::{Frame, page};
use crate::{LeasesNow, Server, State, Trouble};

#[derive(Template)]
#[template(path = "leases.html")]
struct LeasesPage {
    frame: Frame,
    leases: Result<LeasesNow, Trouble>,
}

impl LeasesPage {
    /// Whether some holders are not told.
    fn is_partly(&self, leases: &&LeasesNow) -> bool {
        leases.leases.iter().any(|lease| lease.holder.is_none())
    }
}

/// The page.
pub(crate) async fn show(extract::State(state): extract::State<State>, frame: Frame) -> Response {
    let leases = state.ask(move |machine| machine.leases(frame.viewer)).await;
    page(&LeasesPage { frame, leases })
}
