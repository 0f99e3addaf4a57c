//! `/`: the chart of every port.

use askama::Template;
use axum::extract;
use axum::response::{IntoResponse, Response};

use crate::page::{Frame, page};
use crate::{ChartNow, Held, Role, State};

#[derive(Template)]
#[template(path = "chart.html")]
struct ChartPage {
    frame: Frame,
    chart: ChartNow,
}

impl ChartPage {
    fn listening(&self) -> impl Iterator<Item = &Held> {
        self.chart.held.iter().filter(|held| held.role == Role::Listens)
    }
}

/// The chart.
pub(crate) async fn show(extract::State(state): extract::State<State>, frame: Frame) -> Response {
    match state.ask(move |machine| machine.chart(None, frame.viewer)).await {
        Ok(chart) => page(&ChartPage { frame, chart }),
        Err(trouble) => trouble.into_response(),
    }
}
