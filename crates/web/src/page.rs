//! What every page has: its language, its frame, and how it becomes an answer.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::guard::cookie;
use crate::locale::{Args, Value};
use crate::server::Seat;
use crate::{Locale, Trouble, Viewer, asset};

/// What the frame of a page is made of; every page's template has one as its field `frame`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frame {
    /// The language.
    pub(crate) locale: &'static Locale,
    /// Who looks.
    pub(crate) viewer: Viewer,
}

impl Frame {
    /// A message without arguments.
    pub(crate) fn t(&self, id: &str) -> String {
        self.locale.text(id, None).into_owned()
    }

    /// A message with one argument.
    pub(crate) fn t1(&self, id: &str, name: &str, value: impl Into<Value<'static>>) -> String {
        let mut args = Args::new();
        args.set(name, value.into());
        self.locale.text(id, Some(&args)).into_owned()
    }

    /// Where an asset is served.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        asset::path(name)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Frame, Infallible> {
        let accepted = text_of(&parts.headers, header::ACCEPT_LANGUAGE);
        let cookies = text_of(&parts.headers, header::COOKIE);
        let chosen = cookies.and_then(|cookies| cookie(cookies, LANGUAGE));
        let locale = Locale::negotiate(accepted, chosen);
        Ok(Frame { locale, viewer: viewer_of(parts) })
    }
}

/// Who asks, and how.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// As whom.
    pub(crate) viewer: Viewer,
    /// The place of the connection; none where there is none, in tests.
    pub(crate) seat: Option<Arc<Seat>>,
    /// What else was said.
    pub(crate) headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Caller, Infallible> {
        Ok(Caller {
            viewer: viewer_of(parts),
            seat: parts.extensions.get::<Arc<Seat>>().cloned(),
            headers: parts.headers.clone(),
        })
    }
}

fn viewer_of(parts: &Parts) -> Viewer {
    parts.extensions.get::<Viewer>().copied().unwrap_or(Viewer::Nobody)
}

pub(crate) fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A page as an answer.
pub(crate) fn page(template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return broken().into_response() };
    let varies = HeaderValue::from_static("accept-language, cookie");
    ([(header::VARY, varies)], Html(html)).into_response()
}

/// A part of a page, for a stream.
pub(crate) fn fragment(template: &impl Template) -> Result<String, Trouble> {
    template.render().map_err(|_| broken())
}

fn broken() -> Trouble {
    Trouble::Failed("the page could not be written".to_owned())
}

impl Trouble {
    /// As HTTP says it.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Trouble::Asked(_) => StatusCode::BAD_REQUEST,
            Trouble::Unknown(_) => StatusCode::NOT_FOUND,
            Trouble::NotForYou => StatusCode::FORBIDDEN,
            Trouble::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        (self.status(), format!("{self}\n")).into_response()
    }
}

/// The cookie of the language that was chosen.
pub(crate) const LANGUAGE: &str = "portolan_language";
