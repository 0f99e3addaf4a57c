//! `/sign-in`: where a token is asked for, a page to give it.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Form;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::access::SESSION;
use super::cookie::{cookie, secret};
use super::token::Token;
use crate::State;
use crate::page::{Frame, page};

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage {
    frame: Frame,
    wrong: bool,
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct SignIn {
    token: String,
}

/// The page.
pub(crate) async fn show(frame: Frame) -> Response {
    page(&SignInPage { frame, wrong: false })
}

/// Takes a token and begins a session.
pub(crate) async fn sign_in(
    extract::State(state): extract::State<State>,
    frame: Frame,
    Form(form): Form<SignIn>,
) -> Response {
    let Some(token) = state.access().token() else { return Redirect::to("/").into_response() };
    if !is_token(token, form.token.trim()).await {
        let wrong = page(&SignInPage { frame, wrong: true });
        return (StatusCode::FORBIDDEN, wrong).into_response();
    }
    let Some(session) = secret() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    token.admit(&session);
    let terms = state.access().cookie_terms();
    let set = format!("{SESSION}={session}; {terms}");
    ([(header::SET_COOKIE, set)], Redirect::to("/")).into_response()
}

/// Ends a session.
pub(crate) async fn sign_out(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
) -> Response {
    let header = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    let session = header.and_then(|header| cookie(header, SESSION));
    if let (Some(token), Some(session)) = (state.access().token(), session) {
        token.dismiss(session);
    }
    let terms = state.access().cookie_terms();
    let set = format!("{SESSION}=; Max-Age=0; {terms}");
    ([(header::SET_COOKIE, set)], Redirect::to("/sign-in")).into_response()
}

/// Whether `secret` is the token. One is tried at a time, and a wrong one costs a second.
pub(super) async fn is_token(token: &Arc<Token>, secret: &str) -> bool {
    static TURN: Semaphore = Semaphore::const_new(1);
    if token.knows(secret) {
        return true;
    }
    let Ok(turn) = TURN.acquire().await else { return false };
    let (token, secret) = (token.clone(), secret.to_owned());
    let right = tokio::task::spawn_blocking(move || token.is(&secret)).await.unwrap_or(false);
    drop(turn);
    if !right {
        tokio::time::sleep(WRONG).await;
    }
    right
}

/// What a wrong token costs.
const WRONG: Duration = Duration::from_secs(1);
