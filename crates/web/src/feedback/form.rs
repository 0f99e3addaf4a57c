//! The question at the end of a page, the vote that answers it, and `/feedback`.

use askama::Template;
use axum::Form;
use axum::extract;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use registry::Proto;
use serde::Deserialize;

use super::{Face, FeedbackError, PageCount, Votes};
use crate::guard::{cookie, secret};
use crate::page::{Frame, page, text_of};
use crate::{State, Trouble};

/// The question whether a page helped.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The page's path.
    pub(crate) page: String,
    /// What this browser said before.
    said: Option<Face>,
}

impl Question {
    /// The question at the end of `page`, if readers are asked.
    pub(crate) fn on(page: String, state: &State, headers: &HeaderMap) -> Option<Question> {
        let votes = state.votes()?;
        let browser = text_of(headers, header::COOKIE).and_then(|it| cookie(it, BROWSER));
        let said = browser.and_then(|browser| votes.of(&page, browser));
        Some(Question { page, said })
    }

    /// The faces to choose from.
    pub(crate) fn faces(&self) -> [Face; 3] {
        Face::ALL
    }

    /// Whether `face` is what this browser said.
    pub(crate) fn is_said(&self, face: &Face) -> bool {
        self.said == Some(*face)
    }
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub(crate) struct Vote {
    page: String,
    face: String,
}

/// Takes a vote, and goes back to the page.
pub(crate) async fn vote(
    extract::State(state): extract::State<State>,
    frame: Frame,
    headers: HeaderMap,
    Form(vote): Form<Vote>,
) -> Response {
    let Some(votes) = state.votes().cloned() else { return StatusCode::NOT_FOUND.into_response() };
    let Some(face) = Face::named(&vote.face).filter(|_| is_page(&vote.page)) else {
        let why = "a vote has a page of ours and a face: sad, doubtful or glad";
        return Trouble::Asked(why.to_owned()).into_response();
    };
    let known = text_of(&headers, header::COOKIE).and_then(|it| cookie(it, BROWSER));
    let Some(browser) = known.filter(|it| it.len() == 32).map(str::to_owned).or_else(secret) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let key = (vote.page.clone(), browser.clone());
    let (language, viewer) = (frame.locale.tag(), frame.viewer);
    let taken = tokio::task::spawn_blocking(move || votes.take(key, face, language, viewer)).await;
    match taken {
        Ok(Ok(())) => {}
        Ok(Err(error @ (FeedbackError::TooMany | FeedbackError::Full))) => {
            let later = [(header::RETRY_AFTER, "60")];
            return (StatusCode::TOO_MANY_REQUESTS, later, format!("{error}\n")).into_response();
        }
        _ => return Trouble::Failed("the vote could not be kept".to_owned()).into_response(),
    }
    let terms = state.access().cookie_terms();
    let set = format!("{BROWSER}={browser}; Max-Age=31536000; {terms}");
    let back = Redirect::to(&format!("{}#feedback", vote.page));
    ([(header::SET_COOKIE, set)], back).into_response()
}

/// Whether `path` is a page that asks.
fn is_page(path: &str) -> bool {
    let is_port = |port: &str| {
        let (number, proto) = port.split_once('/').unwrap_or((port, Proto::Tcp.name()));
        number.parse::<u16>().is_ok_and(|it| it.to_string() == number)
            && Proto::ALL.iter().any(|it| it.name() == proto)
    };
    path == "/" || path.strip_prefix("/ports/").is_some_and(is_port)
}

#[derive(Template)]
#[template(path = "feedback.html")]
struct FeedbackPage {
    frame: Frame,
    counts: Vec<PageCount>,
}

/// What readers said, for the operator.
pub(crate) async fn show(extract::State(state): extract::State<State>, frame: Frame) -> Response {
    let Some(votes) = state.votes().cloned() else { return StatusCode::NOT_FOUND.into_response() };
    if !frame.viewer.is_operator() {
        return Trouble::NotForYou.into_response();
    }
    let read = move || Votes::counts(votes.path());
    match tokio::task::spawn_blocking(read).await {
        Ok(Ok(counts)) => page(&FeedbackPage { frame, counts }),
        _ => Trouble::Failed("the votes could not be read".to_owned()).into_response(),
    }
}

/// The cookie that tells browsers apart, and is for nothing else.
const BROWSER: &str = "portolan_browser";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_are_voted_on() {
        for page in
            ["/", "/ports/0", "/ports/60440", "/ports/53/udp", "/ports/22/sctp", "/ports/22/dccp"]
        {
            assert!(is_page(page), "{page}");
        }
        for none in [
            "",
            "//evil.example",
            "/ports/70000",
            "/ports/+1",
            "/ports/53/x",
            "/ports/53/TCP",
            "/feedback",
        ] {
            assert!(!is_page(none), "{none}");
        }
    }
}
