//! The parsers of what browsers and environments say, for fuzzing: whatever the bytes, none may panic.
//!
//! Not part of the interface; may change at any time.

use crate::{Language, Rich};

/// What says which language a reader wants; and the same as a message with marks in it.
pub fn languages(content: &[u8]) {
    let text = String::from_utf8_lossy(content);
    let _asked = Language::negotiate([Some(&*text)], Some(&text));
    let _accepted = Language::negotiate([], Some(&text));
    let _set = Language::of_environment([Some(&*text)]);
    let html = Rich(text).to_string();
    let tags =
        ["<bdi>", "</bdi>", "<code dir=\"ltr\">", "</code>", "<span class=\"range\">", "</span>"];
    let left = tags.iter().fold(html.clone(), |html, tag| html.replace(tag, ""));
    assert!(!left.contains(['<', '>']), "{html}");
    assert_eq!(html.matches("<bdi>").count(), html.matches("</bdi>").count(), "{html}");
}

/// What a client says in `Host` and `Cookie`.
pub fn headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    crate::guard::fuzz_host(&text);
    crate::guard::fuzz_cookie(&text);
}
