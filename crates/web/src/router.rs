//! Which page is where, and what every request passes through on its way.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::{State, api, asset, feedback, guard, language_choice, metrics, pages};

/// The service that tells of the machine of `state`.
pub fn router(state: State) -> Router {
    Router::new()
        .route("/", get(pages::chart::show))
        .route("/chart.svg", get(pages::chart::picture))
        .route("/chart/names.json", get(pages::chart::names))
        .route("/chart/live", get(pages::chart::live))
        .route("/ports/{port}", get(pages::port::show))
        .route("/ports/{port}/{proto}", get(pages::port::show_proto))
        .route("/ports/{port}/live", get(pages::now::live))
        .route("/ports/{port}/{proto}/live", get(pages::now::live_proto))
        .route("/ports/{port}/before", get(pages::before::part))
        .route("/list", get(pages::list::show))
        .route("/list/live", get(pages::list::live))
        .route("/watch", get(pages::watch::show))
        .route("/watch/live", get(pages::watch::live))
        .route("/room", get(pages::room::show))
        .route("/room/live", get(pages::room::live))
        .route("/doctor", get(pages::doctor::show))
        .route("/leases", get(pages::leases::show))
        .route("/search", get(pages::search::show))
        .route("/search/instant", get(pages::search::instant))
        .route("/feedback", get(feedback::show).post(feedback::vote))
        .route("/sign-in", get(guard::show).post(guard::sign_in))
        .route("/sign-out", post(guard::sign_out))
        .route("/assets/{file}", get(asset::serve))
        .route("/favicon.ico", get(async || Redirect::temporary(asset::path("mark.svg"))))
        .route("/metrics", get(metrics::show))
        .route("/healthz", get(async || "ok\n"))
        .merge(api::routes())
        .fallback(pages::missing::nowhere)
        .layer(from_fn(language_choice::remember))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(BODY))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        // A fault in one answer is that answer's alone.
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TO_ANSWER))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn_with_state(state.clone(), metrics::count))
        .layer(from_fn(guard::protect))
        .with_state(state)
}

/// How many bytes a form has at most.
const BODY: usize = 4 << 10;
/// How long an answer may take, the body of the request included.
const TO_ANSWER: Duration = Duration::from_secs(30);
