//! `/ports/60440`: what a port is, who has it now and had it before, and whether it can be bound.

use askama::Template;
use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use registry::{Port, Proto};

use super::before::{Asked, BeforePart};
use super::now::NowPart;
use crate::feedback::Question;
use crate::page::{Frame, page};
use crate::{PortAsked, PortNow, State};

#[derive(Template)]
#[template(path = "port.html")]
struct PortPage {
    frame: Frame,
    now: PortNow,
    now_part: NowPart,
    before: BeforePart,
    question: Option<Question>,
}

impl PortPage {
    fn number(&self) -> String {
        self.now.asked.port.to_string()
    }

    fn path(&self) -> String {
        path(self.now.asked)
    }
}

/// Where the page of a port is.
pub(crate) fn path(asked: PortAsked) -> String {
    match asked.proto {
        Some(proto) => format!("/ports/{}/{proto}", asked.port),
        None => format!("/ports/{}", asked.port),
    }
}

/// The port that a path names, written as we write it.
pub(crate) fn number(text: &str) -> Option<Port> {
    text.parse::<u16>().ok().filter(|number| number.to_string() == text).map(Port)
}

/// The protocol that a path names, one whose sockets are listed.
pub(crate) fn proto(text: &str) -> Option<Proto> {
    [Proto::Tcp, Proto::Udp].into_iter().find(|proto| proto.name() == text)
}

/// There is no such page.
pub(crate) fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is no such port\n").into_response()
}

/// The page of a port, for TCP and UDP.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    frame: Frame,
    headers: HeaderMap,
    Path(port): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    answer(state, frame, &headers, (&port, None), asked).await
}

/// The page of a port of one protocol.
pub(crate) async fn show_proto(
    extract::State(state): extract::State<State>,
    frame: Frame,
    headers: HeaderMap,
    Path((port, proto)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    match self::proto(&proto) {
        Some(proto) => answer(state, frame, &headers, (&port, Some(proto)), asked).await,
        None => not_found(),
    }
}

async fn answer(
    state: State,
    frame: Frame,
    headers: &HeaderMap,
    (text, proto): (&str, Option<Proto>),
    of_past: Asked,
) -> Response {
    let Some(port) = number(text) else { return elsewhere(text, proto) };
    let asked = PortAsked { port, proto };
    let now = match state.ask(move |machine| machine.port(asked, frame.viewer)).await {
        Ok(now) => now,
        Err(trouble) => return trouble.into_response(),
    };
    let before = BeforePart::ask(&state, frame, asked, of_past).await;
    let question = Question::on(path(asked), &state, headers);
    let now_part = NowPart { frame, now: now.clone() };
    page(&PortPage { frame, now, now_part, before, question })
}

/// Where a name or an odd spelling means a port: that port's page.
fn elsewhere(text: &str, proto: Option<Proto>) -> Response {
    let target = text.parse::<registry::Target>().ok();
    let port = target.and_then(|target| target.ports.first().map(|range| range.first()));
    match port {
        Some(port) => Redirect::to(&path(PortAsked { port, proto })).into_response(),
        None => not_found(),
    }
}
