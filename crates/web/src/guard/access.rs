//! Who may ask: the checks that every request passes before it is answered.

use std::sync::Arc;

use axum::extract::{self, Request};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::cookie::cookie;
use super::host::{is_loopback, is_origin_of, name_of};
use super::token::Token;
use crate::{State, Viewer};

/// Who may ask, and under which names.
#[derive(Clone, Debug, Default)]
pub struct Access {
    names: Vec<String>,
    token: Option<Arc<Token>>,
    scheme: Scheme,
}

/// How clients see us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Scheme {
    #[default]
    Http,
    Https,
}

impl Access {
    /// For this machine alone: whoever comes is who the kernel says, under a name of loopback.
    #[must_use]
    pub fn local() -> Access {
        Access::default()
    }

    /// For everywhere: whoever has `token` is the operator. Clients come over HTTPS.
    #[must_use]
    pub fn with_token(token: Token) -> Access {
        Access { names: Vec::new(), token: Some(Arc::new(token)), scheme: Scheme::Https }
    }

    /// Also under these names.
    #[must_use]
    pub fn named(mut self, names: impl IntoIterator<Item = String>) -> Access {
        self.names.extend(names);
        self
    }

    /// Whether a token is asked for.
    pub(crate) fn wants_token(&self) -> bool {
        self.token.is_some()
    }

    /// The token, where one is asked for.
    pub(super) fn token(&self) -> Option<&Arc<Token>> {
        self.token.as_ref()
    }

    /// What is said of cookies: how they travel.
    pub(crate) fn cookie_terms(&self) -> &'static str {
        match self.scheme {
            Scheme::Http => "Path=/; HttpOnly; SameSite=Strict",
            Scheme::Https => "Path=/; HttpOnly; SameSite=Strict; Secure",
        }
    }

    /// Whether `host` is us. A token travels to a name that was meant, or to an address.
    fn is_ours(&self, host: &str) -> bool {
        let Some(name) = name_of(host) else { return false };
        let is_address = || name.parse::<std::net::IpAddr>().is_ok();
        is_loopback(name)
            || self.names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
            || self.wants_token() && is_address()
    }
}

/// Lets a request through, or says why not.
pub(crate) async fn guard(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let access = state.access();
    if let Err((status, why)) = check(access, &request) {
        return refuse(status, why);
    }
    if let Some(token) = access.token() {
        if signed_in(token, request.headers()).await {
            request.extensions_mut().insert(Viewer::Everything);
        } else if !is_open(request.uri().path()) {
            return ask_for_token(&request);
        }
    }
    next.run(request).await
}

/// Whether a request is meant for us, and made by a page of ours or no page at all.
fn check(access: &Access, request: &Request) -> Result<(), (StatusCode, &'static str)> {
    let headers = request.headers();
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = match (hosts.next().map(|host| host.to_str()), hosts.next()) {
        (Some(Ok(host)), None) => host,
        _ => return Err((StatusCode::BAD_REQUEST, "a request names one Host")),
    };
    // What a target says itself goes before what the header says (RFC 9112 §3.2.2).
    let target = request.uri().authority().map(Authority::as_str);
    if !access.is_ours(host) || !target.is_none_or(|target| access.is_ours(target)) {
        let why = "this is not the host you asked for: come by localhost or 127.0.0.1, or start \
                   portolan serve with --host NAME";
        return Err((StatusCode::MISDIRECTED_REQUEST, why));
    }
    let foreign = (StatusCode::FORBIDDEN, "pages of other sites may not ask this");
    let mut origins = headers.get_all(header::ORIGIN).iter().peekable();
    if origins.peek().is_some() {
        let asked = target.unwrap_or(host);
        let is_same = |it: &HeaderValue| it.to_str().is_ok_and(|it| is_origin_of(it, asked));
        return if origins.all(is_same) { Ok(()) } else { Err(foreign) };
    }
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_link = request.method() == Method::GET && said("sec-fetch-mode") == Some("navigate");
    match said("sec-fetch-site") {
        None | Some("same-origin" | "none") => Ok(()),
        Some(_) if is_link => Ok(()),
        Some(_) => Err(foreign),
    }
}

/// Whether a request comes with the token, or with a session that began with it.
async fn signed_in(token: &Arc<Token>, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let session = text(header::COOKIE).and_then(|header| cookie(header, SESSION));
    if session.is_some_and(|session| token.knows(session)) {
        return true;
    }
    match text(header::AUTHORIZATION).and_then(bearer) {
        Some(secret) => super::sign_in::is_token(token, secret).await,
        None => false,
    }
}

/// The token in an `Authorization`, whose scheme is in any case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then_some(secret.trim())
}

/// Whether a path is answered to anybody.
fn is_open(path: &str) -> bool {
    matches!(path, "/healthz" | "/sign-in" | "/favicon.ico") || path.starts_with("/assets/")
}

fn ask_for_token(request: &Request) -> Response {
    let headers = request.headers();
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if request.method() == Method::GET && accepts.is_some_and(|accept| accept.contains("text/html"))
    {
        return Redirect::to("/sign-in").into_response();
    }
    let why = "a token is needed: Authorization: Bearer TOKEN, or sign in at /sign-in";
    let mut refusal = refuse(StatusCode::UNAUTHORIZED, why);
    let scheme = header::HeaderValue::from_static("Bearer realm=\"portolan\"");
    refusal.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
    refusal
}

fn refuse(status: StatusCode, why: &'static str) -> Response {
    (status, format!("{why}\n")).into_response()
}

/// The cookie of those who signed in.
pub(super) const SESSION: &str = "portolan_session";

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    /// What a request for `target` with these lines gets.
    fn status(target: &str, lines: &[(header::HeaderName, &str)]) -> u16 {
        let mut request = Request::builder().uri(target);
        for (name, value) in lines {
            request = request.header(name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        check(&Access::local(), &request).map_or_else(|(status, _)| status.as_u16(), |()| 200)
    }

    #[test]
    fn the_host_in_a_target_counts_as_the_one_in_the_header_does() {
        for (target, told) in [
            ("/ports/22", 200),
            ("http://localhost/ports/22", 200),
            ("http://127.0.0.1:7678/ports/22", 200),
            ("http://evil.example/ports/22", 421),
            ("http://localhost@evil.example/", 421),
        ] {
            assert_eq!(status(target, &[(header::HOST, "localhost")]), told, "{target}");
        }
        assert_eq!(status("http://localhost/", &[(header::HOST, "evil.example")]), 421);
        let from = |origin| [(header::HOST, "localhost"), (header::ORIGIN, origin)];
        assert_eq!(status("http://localhost:1/", &from("http://localhost:1")), 200);
        assert_eq!(status("http://localhost:1/", &from("http://localhost")), 403);
    }

    #[test]
    fn every_origin_must_be_ours() {
        let (host, ours) = ((header::HOST, "localhost"), (header::ORIGIN, "http://localhost"));
        let evil = (header::ORIGIN, "http://evil.example");
        assert_eq!(status("/", &[host.clone(), ours.clone()]), 200);
        assert_eq!(status("/", &[host.clone(), ours.clone(), evil.clone()]), 403);
        assert_eq!(status("/", &[host, evil, ours]), 403);
    }

    #[test]
    fn a_token_comes_with_its_scheme_in_any_case() {
        for value in ["Bearer secret", "bearer secret", "BEARER   secret "] {
            assert_eq!(bearer(value), Some("secret"), "{value}");
        }
        for none in ["Basic secret", "Bearersecret", "secret", ""] {
            assert_eq!(bearer(none), None, "{none}");
        }
    }
}
