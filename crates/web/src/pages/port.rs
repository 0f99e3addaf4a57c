//! `/ports/60440`: what a port is, who has it now and had it before, and whether it can be bound.

use askama::Template;
use axum::extract::{self, Path};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use registry::{Port, Proto};

use crate::page::{Frame, page};
use crate::{PortAsked, PortNow, State};

#[derive(Template)]
#[template(path = "port.html")]
struct PortPage {
    frame: Frame,
    now: PortNow,
}

impl PortPage {
    fn number(&self) -> String {
        self.now.asked.port.to_string()
    }
}

/// The page of a port, for TCP and UDP.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    frame: Frame,
    Path(port): Path<String>,
) -> Response {
    answer(state, frame, &port, None).await
}

/// The page of a port of one protocol.
pub(crate) async fn show_proto(
    extract::State(state): extract::State<State>,
    frame: Frame,
    Path((port, proto)): Path<(String, String)>,
) -> Response {
    match proto.parse() {
        Ok(proto) => answer(state, frame, &port, Some(proto)).await,
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn answer(state: State, frame: Frame, port: &str, proto: Option<Proto>) -> Response {
    let Ok(port) = port.parse::<u16>() else { return StatusCode::NOT_FOUND.into_response() };
    let asked = PortAsked { port: Port(port), proto };
    match state.ask(move |machine| machine.port(asked, frame.viewer)).await {
        Ok(now) => page(&PortPage { frame, now }),
        Err(trouble) => trouble.into_response(),
    }
}
