//! Answers that a browser keeps and asks about again (RFC 9110 §8.8.3 and §13.1.2).

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Which state of something an answer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ETag(String);

impl ETag {
    /// The tag of what these bytes say. Weak: answers of one tag mean the same, and may differ in
    /// when they were given.
    pub(crate) fn of(bytes: &[u8]) -> ETag {
        ETag(format!("W/\"{:016x}\"", crate::asset::fnv(bytes)))
    }

    /// `body`, or that nothing is other than what the asker has.
    pub(crate) fn answer(&self, asked: &HeaderMap, kind: &'static str, body: Vec<u8>) -> Response {
        let headers =
            [(header::ETAG, self.0.as_str()), (header::CACHE_CONTROL, "private, no-cache")];
        if self.is_known_to(asked) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, [(header::CONTENT_TYPE, kind)], body).into_response()
    }

    fn is_known_to(&self, asked: &HeaderMap) -> bool {
        let known =
            asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
        known.flat_map(|tags| tags.split(',')).map(str::trim).any(|tag| {
            let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
            tag == "*" || opaque(tag) == opaque(&self.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_sent_again() {
        let tag = ETag::of(b"so");
        let ask = |known: &str| {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, known.parse().unwrap());
            tag.answer(&asked, "text/plain", b"so".to_vec()).status()
        };
        assert_eq!(ask(&tag.0), StatusCode::NOT_MODIFIED);
        assert_eq!(
            ask(&format!("\"x\", {}", tag.0.trim_start_matches("W/"))),
            StatusCode::NOT_MODIFIED
        );
        assert_eq!(ask("*"), StatusCode::NOT_MODIFIED);
        assert_eq!(ask("W/\"0123456789abcdef\""), StatusCode::OK);
        let answer = tag.answer(&HeaderMap::new(), "text/plain", b"so".to_vec());
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::ETAG], tag.0);
    }
}
