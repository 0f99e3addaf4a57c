//! What every page has: its language, its frame, and how it becomes an answer.

use std::convert::Infallible;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::locale::{Args, Value};
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
        let viewer = parts.extensions.get::<Viewer>().copied().unwrap_or(Viewer::Nobody);
        Ok(Frame { locale: Locale::negotiate(accepted, None), viewer })
    }
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A page as an answer.
pub(crate) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            Trouble::Failed(format!("the page could not be written: {error}")).into_response()
        }
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        let status = match self {
            Trouble::Asked(_) => StatusCode::BAD_REQUEST,
            Trouble::Unknown(_) => StatusCode::NOT_FOUND,
            Trouble::NotForYou => StatusCode::FORBIDDEN,
            Trouble::Failed(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        (status, format!("{self}\n")).into_response()
    }
}
