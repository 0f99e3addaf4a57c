//! `/api/v1`: the program's own JSON, schema `portolan/1`, with the filters of its commands. The
//! document that describes it is `openapi.json`; a test holds it against the routes and the answers.

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{self, Path, Query};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;

use crate::etag::ETag;
use crate::live::{Heard, stream};
use crate::page::Caller;
use crate::pages;
use crate::pages::watch::{Asked, is_meant};
use crate::{Filters, JsonAsked, Machine, News, State, Trouble, Viewer};

/// The routes of the API.
pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/api/v1/openapi.json", get(document))
        .route("/api/v1/overview", get(overview))
        .route("/api/v1/ports/{port}", get(port))
        .route("/api/v1/sockets", get(sockets))
        .route("/api/v1/who", get(who))
        .route("/api/v1/registry", get(registry))
        .route("/api/v1/room", get(room))
        .route("/api/v1/doctor", get(doctor))
        .route("/api/v1/leases", get(leases))
        .route("/api/v1/status", get(status))
        .route("/api/v1/chart", get(pages::chart::data))
        .route("/api/v1/events", get(events))
        .route("/api/{*path}", get(nothing))
}

async fn document(headers: HeaderMap) -> Response {
    tagged(&headers, include_bytes!("../openapi.json").to_vec())
}

async fn overview(state: extract::State<State>, caller: Caller) -> Response {
    answer(state.0, caller, JsonAsked::Overview).await
}

async fn port(
    state: extract::State<State>,
    caller: Caller,
    port: Result<Path<String>, PathRejection>,
) -> Response {
    match port {
        Ok(Path(port)) => answer(state.0, caller, JsonAsked::Port(port)).await,
        Err(error) => refusal(&Trouble::Asked(error.body_text())),
    }
}

async fn sockets(
    state: extract::State<State>,
    caller: Caller,
    Query(filters): Query<Vec<(String, String)>>,
) -> Response {
    answer(state.0, caller, JsonAsked::Sockets(Filters(filters))).await
}

async fn who(
    state: extract::State<State>,
    caller: Caller,
    Query(filters): Query<Vec<(String, String)>>,
) -> Response {
    answer(state.0, caller, JsonAsked::Who(Filters(filters))).await
}

async fn registry(
    state: extract::State<State>,
    caller: Caller,
    Query(asked): Query<Vec<(String, String)>>,
) -> Response {
    match asked.as_slice() {
        [(name, term)] if name == "q" => {
            answer(state.0, caller, JsonAsked::Registry(term.clone())).await
        }
        _ => refusal(&Trouble::Asked("it takes what to search for: ?q=postgres".to_owned())),
    }
}

async fn room(state: extract::State<State>, caller: Caller) -> Response {
    answer(state.0, caller, JsonAsked::Room).await
}

async fn doctor(state: extract::State<State>, caller: Caller) -> Response {
    answer(state.0, caller, JsonAsked::Doctor).await
}

async fn leases(state: extract::State<State>, caller: Caller) -> Response {
    answer(state.0, caller, JsonAsked::Leases).await
}

async fn status(state: extract::State<State>, caller: Caller) -> Response {
    answer(state.0, caller, JsonAsked::Status).await
}

async fn nothing() -> Response {
    let why = "there is nothing here: see /api/v1/openapi.json".to_owned();
    refusal(&Trouble::Unknown(why))
}

/// What happens, on some ports or all, as lines of `portolan watch --json` in a stream of events.
async fn events(
    extract::State(state): extract::State<State>,
    caller: Caller,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let asked = asked.map_err(|error| Trouble::Asked(error.body_text()));
    let target = match asked.and_then(|Query(asked)| asked.target()) {
        Ok(target) => target,
        Err(trouble) => return refusal(&trouble),
    };
    let mut heard = state.happenings();
    let viewer = caller.viewer;
    stream(&state, caller.seat, move |line| async move {
        loop {
            match heard.recv().await.as_deref() {
                Ok(Heard::News(News::Happened(happened))) => {
                    for one in happened {
                        if is_meant(target.as_ref(), &**one) {
                            line.send("happened", &one.json(viewer)).await?;
                        }
                    }
                }
                Ok(Heard::News(News::Missed(count))) => {
                    line.send("missed", &missed(*count)).await?;
                }
                Ok(Heard::Trouble(trouble)) => {
                    line.send("trouble", &error(&trouble.to_string())).await?;
                    return Ok(());
                }
                Err(tokio::sync::broadcast::error::RecvError::Lagged(batches)) => {
                    line.send("missed", &missed(*batches)).await?;
                }
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return Ok(()),
            }
        }
    })
}

fn missed(count: u64) -> String {
    #[derive(Serialize)]
    struct Missed {
        schema: &'static str,
        event: &'static str,
        count: u64,
    }
    to_json(&Missed { schema: SCHEMA, event: "missed", count })
}

async fn answer(state: State, caller: Caller, asked: JsonAsked) -> Response {
    let viewer: Viewer = caller.viewer;
    let slow = matches!(
        asked,
        JsonAsked::Who(_) | JsonAsked::Port(_) | JsonAsked::Room | JsonAsked::Doctor
    );
    let answer = move |machine: &dyn Machine| machine.json(&asked, viewer);
    let answered = if slow { state.search(answer).await } else { state.ask(answer).await };
    match answered {
        Ok(json) => tagged(&caller.headers, json),
        Err(trouble) => refusal(&trouble),
    }
}

fn tagged(headers: &HeaderMap, json: Vec<u8>) -> Response {
    ETag::of(&json).answer(headers, "application/json", json)
}

/// Why there is no answer, as JSON.
pub(crate) fn refusal(trouble: &Trouble) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (trouble.status(), json, error(&trouble.to_string())).into_response()
}

fn error(why: &str) -> String {
    #[derive(Serialize)]
    struct Error<'a> {
        schema: &'static str,
        error: &'a str,
    }
    to_json(&Error { schema: SCHEMA, error: why })
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and numbers can be written")
}

const SCHEMA: &str = "portolan/1";
