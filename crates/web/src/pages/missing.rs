//! Ports that there are not: what was read, and what may be meant.

use askama::Template;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use registry::{Port, Standing, Target, Term};
use serde::de::DeserializeOwned;

use crate::Rich;
use crate::page::{Frame, page};

#[derive(Template)]
#[template(path = "missing.html")]
struct MissingPage {
    frame: Frame,
    title: Rich<'static>,
    read: String,
    said: Rich<'static>,
    guesses: Vec<Guess>,
}

/// Something that may be meant.
struct Guess {
    address: String,
    text: Rich<'static>,
}

/// The parts of a path; one that is no text leads nowhere.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named<T>, Response> {
        if let Ok(Path(named)) = Path::from_request_parts(parts, state).await {
            return Ok(Named(named));
        }
        let Ok(frame) = Frame::from_request_parts(parts, state).await;
        Err(nowhere(frame, parts.uri.clone()).await)
    }
}

/// The answer to what is no port and no service.
pub(super) fn port(frame: Frame, read: &str) -> Response {
    let number: Option<u64> = read.parse().ok();
    let digits = read.trim_start_matches('-');
    let is_number = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let id = if is_number { "missing-number" } else { "missing-name" };
    let guesses = number.map_or_else(|| words(read), |number| numbers(&frame, number, read));
    answer(frame, shown(read), id, guesses)
}

/// The answer to an address that leads nowhere.
pub(crate) async fn nowhere(frame: Frame, uri: Uri) -> Response {
    let said = frame.t1("missing-page", "read", shown(uri.path()));
    let title = frame.t("missing-nothing");
    let page =
        page(&MissingPage { frame, title, read: shown(uri.path()), said, guesses: Vec::new() });
    (StatusCode::NOT_FOUND, page).into_response()
}

/// The answer to a port of a protocol that there is not.
pub(super) fn proto(frame: Frame, port: &str, read: &str) -> Response {
    let port = port.parse().ok().map(Port);
    let guess = port.map(|port| Guess {
        address: format!("/ports/{port}"),
        text: frame.t1("port-heading", "port", port),
    });
    answer(frame, shown(read), "missing-proto", guess.into_iter().collect())
}

fn answer(frame: Frame, read: String, id: &'static str, guesses: Vec<Guess>) -> Response {
    let said = frame.t1(id, "read", &read);
    let title = frame.t("missing-title");
    let page = page(&MissingPage { frame, title, read, said, guesses });
    (StatusCode::NOT_FOUND, page).into_response()
}

/// What may be meant by a number that is too large: one without its last digit, one that was cut to
/// sixteen bits, the last.
fn numbers(frame: &Frame, number: u64, read: &str) -> Vec<Guess> {
    let cut = read[..read.len() - 1].parse::<u16>().ok();
    let wrapped = u16::try_from(number % 65536).ok();
    let guesses =
        [(cut, "missing-cut"), (wrapped, "missing-wrapped"), (Some(u16::MAX), "missing-last")];
    let mut found: Vec<Guess> = Vec::new();
    for (port, id) in guesses.into_iter().filter_map(|(port, id)| Some((port?, id))) {
        let address = format!("/ports/{port}");
        if port > 0 && !found.iter().any(|guess| guess.address == address) {
            found.push(Guess { address, text: frame.t1(id, "port", Port(port)) });
        }
    }
    found
}

/// What may be meant by a word: the service of nearly that name, and those that have the word in
/// their name or description.
fn words(read: &str) -> Vec<Guess> {
    let nearest = match read.parse::<Target>() {
        Ok(target) => target.port().map(|port| guess(port, target.service.unwrap_or_default(), "")),
        Err(error) => error.nearest().and_then(|name| {
            let line = registry::service(name, None).into_iter().next()?;
            Some(guess(line.ports.first(), name, line.description))
        }),
    };
    let found = read.parse::<Term>().map(|term| registry::search(&term)).unwrap_or_default();
    let found = found
        .iter()
        .filter(|line| line.standing != Standing::Reserved)
        .filter_map(|line| Some(guess(line.ports.first(), line.name?, line.description)));
    let mut guesses: Vec<Guess> = Vec::new();
    for guess in nearest.into_iter().chain(found) {
        if guesses.len() < GUESSES && !guesses.iter().any(|it| it.address == guess.address) {
            guesses.push(guess);
        }
    }
    guesses
}

fn guess(port: Port, name: &str, description: &str) -> Guess {
    let what = if description.is_empty() { String::new() } else { format!(": {description}") };
    let text = Rich(format!("\u{2068}{port} `{name}`{what}\u{2069}").into());
    Guess { address: format!("/ports/{port}"), text }
}

/// What was read, no longer than anybody needs to recognise it.
fn shown(read: &str) -> String {
    let mut shown: String = read.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
    if read.chars().count() > LONGEST {
        shown.push('…');
    }
    shown
}

const LONGEST: usize = 60;
const GUESSES: usize = 8;
