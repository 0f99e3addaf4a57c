//! The language that a browser chose: by `?lang=ur` on any page, which a cookie keeps, else by its
//! `Accept-Language`.

use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::Language;

/// The language to answer a request in.
pub(crate) fn language(parts: &Parts) -> Language {
    let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|it| it.to_str().ok());
    Language::negotiate([asked(&parts.uri), kept(&parts.headers)], accepted)
}

/// Keeps a language that was asked for in a cookie, and tells caches what an answer depends on.
pub(crate) async fn remember(request: Request, next: Next) -> Response {
    let asked = asked(request.uri()).and_then(Language::named);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let html =
        headers.get(header::CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(b"text/html"));
    if html {
        headers.append(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    }
    if let Some(language) = asked {
        let cookie = format!("{COOKIE}={language}; Path=/; Max-Age={YEAR}; SameSite=Lax; HttpOnly");
        headers.append(header::SET_COOKIE, cookie.parse().expect("a tag is plain text"));
    }
    response
}

/// The language of the query.
fn asked(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("lang="))
}

/// The query without what it says of the language.
pub(crate) fn without(uri: &Uri) -> String {
    let pairs = uri.query().unwrap_or_default().split('&');
    let others = pairs.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("lang"));
    others.collect::<Vec<_>>().join("&")
}

/// The language of the cookie.
fn kept(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

const COOKIE: &str = "lang";
/// A year in seconds.
const YEAR: u32 = 31_536_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn of(uri: &str, headers: &[(header::HeaderName, &'static str)]) -> Language {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        language(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn what_is_asked_goes_before_what_is_kept_before_what_is_accepted() {
        let kept = [(header::COOKIE, "a=b; lang=es"), (header::ACCEPT_LANGUAGE, "de")];
        assert_eq!(of("/?x=1&lang=ur", &kept), Language::Urdu);
        assert_eq!(of("/", &kept), Language::Spanish);
        assert_eq!(of("/", &kept[1..]), Language::German);
        assert_eq!(of("/?lang=tlh", &[(header::COOKIE, "language=es")]), Language::English);
    }
}
