//! By which light a reader wants pages, told in the page itself: a script that asked the browser first would hold up
//! its painting. The page's own script keeps the choice in a cookie.

use std::fmt;

use axum::http::{HeaderMap, header};

use crate::guard::cookie;

/// What a reader chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Nothing: as the system has it.
    #[default]
    System,
    /// Parchment.
    Day,
    /// Deep water.
    Night,
}

impl Theme {
    /// What the cookie of a request says.
    pub(crate) fn kept(headers: &HeaderMap) -> Theme {
        let mut lines = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
        match lines.find_map(|line| cookie(line, COOKIE)) {
            Some("day") => Theme::Day,
            Some("night") => Theme::Night,
            _ => Theme::System,
        }
    }
}

impl askama::filters::HtmlSafe for Theme {}

/// As an attribute of the page, a space before it.
impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Theme::System => Ok(()),
            Theme::Day => f.write_str(" data-theme=\"day\""),
            Theme::Night => f.write_str(" data-theme=\"night\""),
        }
    }
}

/// Written by `portolan.js`.
const COOKIE: &str = "portolan_theme";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_what_was_chosen_and_nothing_else() {
        let told = |cookies: &str| {
            let headers = HeaderMap::from_iter([(header::COOKIE, cookies.parse().unwrap())]);
            Theme::kept(&headers).to_string()
        };
        assert_eq!(told("lang=ur; portolan_theme=night"), " data-theme=\"night\"");
        assert_eq!(told("portolan_theme=day"), " data-theme=\"day\"");
        assert_eq!(told("portolan_theme=\"><script>; theme=night"), "");
        assert_eq!(Theme::kept(&HeaderMap::new()), Theme::System);
    }
}
