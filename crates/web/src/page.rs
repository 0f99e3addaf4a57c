//! What every page has: its language, its frame, and how it becomes an answer.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{Html, IntoResponse, Response};
use serde::de::DeserializeOwned;

use crate::language_choice;
use crate::server::Seat;
use crate::theme::Theme;
use crate::{Arg, Language, Locale, Message, NoteView, Rich, Trouble, Viewer, asset};

/// What the frame of a page is made of; every page's template has one as its field `frame`.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    /// The language.
    pub(crate) locale: Locale,
    /// Who looks.
    pub(crate) viewer: Viewer,
    /// By which light.
    pub(crate) theme: Theme,
    /// What was asked of it, the language aside: `port=443&udp`.
    pub(crate) query: Arc<str>,
}

impl Frame {
    /// A message without arguments.
    pub(crate) fn t(&self, id: impl AsRef<str>) -> Rich<'static> {
        Rich(self.locale.say(id.as_ref()))
    }

    /// A message with one argument.
    pub(crate) fn t1<'a>(
        &self,
        id: impl AsRef<str>,
        name: &'static str,
        value: impl Into<Arg<'a>>,
    ) -> Rich<'static> {
        Rich(self.locale.text(id.as_ref(), &[(name, value.into())]))
    }

    /// A number that English writes as `text`, as the page's language writes it.
    pub(crate) fn figures<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.locale.figures(text)
    }

    /// Every language, as a reader can choose it.
    pub(crate) fn languages(&self) -> [Language; 5] {
        Language::ALL
    }

    /// The query of the same page in another language.
    pub(crate) fn query_in(&self, language: &Language) -> String {
        let and = if self.query.is_empty() { "" } else { "&" };
        format!("{}{and}lang={language}", self.query)
    }

    /// Whether the page is in this language.
    pub(crate) fn speaks(&self, language: &Language) -> bool {
        self.locale.language() == *language
    }

    /// What HTML must be told of something in `language`, where that is not the page's.
    pub(crate) fn foreign_to(&self, language: &Language) -> Foreign {
        Foreign((!self.speaks(language)).then_some(*language))
    }

    /// What could not be seen, and what HTML must be told of its language.
    pub(crate) fn note(&self, note: &NoteView) -> (Foreign, Rich<'static>) {
        let Message { text, language } = note.told(self.locale);
        (self.foreign_to(&language), Rich(text))
    }

    /// Where an asset is served.
    pub(crate) fn asset(&self, name: &str) -> &'static str {
        asset::path(name)
    }
}

/// The attributes of something in another language than its page.
pub(crate) struct Foreign(Option<Language>);

impl askama::filters::HtmlSafe for Foreign {}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(language) = self.0 else { return Ok(()) };
        write!(f, " lang=\"{language}\" dir=\"{}\"", language.direction())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Frame, Infallible> {
        let locale = Locale::of(language_choice::language(parts));
        let query = language_choice::without(&parts.uri).into();
        Ok(Frame { locale, viewer: viewer_of(parts), theme: Theme::kept(&parts.headers), query })
    }
}

/// What a query asks of a page. What it says twice, or so that nobody understands it, is not asked: a
/// person gets the page rather than a line about its address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lenient<T>(pub(crate) T);

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequestParts<S> for Lenient<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Lenient<T>, Infallible> {
        let read = Query::from_request_parts(parts, state).await;
        Ok(Lenient(read.map(|Query(asked)| asked).unwrap_or_default()))
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

/// The text of a header, if there is one that can be read.
pub(crate) fn text_of(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// A page as an answer.
pub(crate) fn page(template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return broken().into_response() };
    Html(html).into_response()
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
