//! The languages that portolan speaks, and which of them a reader wants: a word of theirs, HTTP's
//! `Accept-Language` (RFC 9110 §12.5.4), or a terminal's environment (POSIX, "Environment
//! Variables"). Tags are matched by their first part alone: `es-419` reads Spanish.

use std::fmt;

/// A language that portolan speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, which every other falls back to.
    #[default]
    English,
    /// Urdu, written from right to left.
    Urdu,
    /// Spanish.
    Spanish,
    /// German.
    German,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// Every language, as they are offered to a reader.
    pub const ALL: [Language; 5] =
        [Language::English, Language::Urdu, Language::Spanish, Language::German, Language::Chinese];

    /// Its tag (BCP 47): `en`, `ur`, `es`, `de` or `zh`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Urdu => "ur",
            Language::Spanish => "es",
            Language::German => "de",
            Language::Chinese => "zh",
        }
    }

    /// What it calls itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Urdu => "اردو",
            Language::Spanish => "Español",
            Language::German => "Deutsch",
            Language::Chinese => "中文",
        }
    }

    /// Which way it is written, as HTML's `dir` has it.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Language::Urdu => Direction::RightToLeft,
            _ => Direction::LeftToRight,
        }
    }

    /// The language of a tag or of a locale's name: `ur`, `ur-PK`, `ur_PK.UTF-8`; `C` and `POSIX`
    /// are English. `None` for one that is not spoken here.
    ///
    /// ```
    /// use web::Language;
    ///
    /// assert_eq!(Language::named("zh-Hans-CN"), Some(Language::Chinese));
    /// assert_eq!(Language::named("fr"), None);
    /// ```
    #[must_use]
    pub fn named(text: &str) -> Option<Language> {
        let first = text.split(['-', '_', '.', '@']).next().unwrap_or_default();
        if matches!(first, "C" | "POSIX") {
            return Some(Language::English);
        }
        Language::ALL.into_iter().find(|language| first.eq_ignore_ascii_case(language.tag()))
    }

    /// The language that a browser gets: the one it chose before, by a parameter or a cookie, else
    /// the best of `Accept-Language`, else English.
    ///
    /// ```
    /// use web::Language;
    ///
    /// assert_eq!(Language::negotiate([None, None], Some("fr, ur;q=0.8, en;q=0.9")), Language::English);
    /// assert_eq!(Language::negotiate([Some("ur"), None], Some("en")), Language::Urdu);
    /// ```
    #[must_use]
    pub fn negotiate<'a>(
        chosen: impl IntoIterator<Item = Option<&'a str>>,
        accept_language: Option<&str>,
    ) -> Language {
        let chosen = chosen.into_iter().flatten().find_map(Language::named);
        chosen.or_else(|| accepted(accept_language?)).unwrap_or_default()
    }

    /// The language of a terminal: by the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set
    /// and not empty. English where that is another language, or another encoding than UTF-8,
    /// which is what portolan writes.
    ///
    /// ```
    /// use web::Language;
    ///
    /// assert_eq!(Language::of_environment([None, Some(""), Some("ur_PK.UTF-8")]), Language::Urdu);
    /// assert_eq!(Language::of_environment([Some("C.UTF-8"), None, Some("ur_PK")]), Language::English);
    /// ```
    #[must_use]
    pub fn of_environment<'a>(variables: impl IntoIterator<Item = Option<&'a str>>) -> Language {
        let set = variables.into_iter().flatten().find(|value| !value.is_empty());
        set.filter(|value| writes_utf8(value)).and_then(Language::named).unwrap_or_default()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

/// Which way a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
}

impl Direction {
    /// The value of HTML's `dir`: `ltr` or `rtl`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The best of the languages that `header` accepts and that are spoken here; the first of those
/// that it wants equally.
fn accepted(header: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in header.split(',').take(MOST_RANGES) {
        let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
        let (tag, weight) = (tag.trim(), weight(parameters));
        let language = if tag == "*" { Some(Language::English) } else { Language::named(tag) };
        match language {
            Some(language) if weight > best.map_or(0, |(weight, _)| weight) => {
                best = Some((weight, language));
            }
            _ => {}
        }
    }
    best.map(|(_, language)| language)
}

/// The weight in thousandths: all of them where there is none, none where it cannot be read.
fn weight(parameters: &str) -> u16 {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return 1000;
    }
    let value = parameters.strip_prefix(['q', 'Q']).and_then(|rest| rest.trim().strip_prefix('='));
    let Some((whole, fraction)) = value.map(|v| v.trim().split_once('.').unwrap_or((v.trim(), "")))
    else {
        return 0;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match whole {
        "1" if fraction.bytes().all(|byte| byte == b'0') => 1000,
        "0" if fraction.len() <= 3 && digits(fraction) => {
            format!("{fraction:0<3}").parse().unwrap_or_default()
        }
        _ => 0,
    }
}

/// Whether a locale's name says UTF-8, or no encoding at all.
fn writes_utf8(locale: &str) -> bool {
    let encoding = locale.split_once('.').map(|(_, rest)| rest.split('@').next().unwrap_or(rest));
    encoding
        .is_none_or(|name| name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("utf8"))
}

/// More languages than this nobody reads, and a header is made by anybody.
const MOST_RANGES: usize = 50;

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(header: &str) -> Language {
        Language::negotiate([], Some(header))
    }

    #[test]
    fn the_heaviest_language_spoken_here_wins_and_of_equals_the_first() {
        for (header, language) in [
            ("ur-PK,ur;q=0.9,en;q=0.8", Language::Urdu),
            ("fr-CH, fr;q=0.9, en;q=0.7, de;q=0.8, *;q=0.5", Language::German),
            ("zh-TW", Language::Chinese),
            ("es-419 ; q = 0.5 , de ; q=0.4", Language::Spanish),
            ("de;q=0, fr", Language::English),
            ("fr, *;q=0.1, ur;q=0.05", Language::English),
            ("es, de", Language::Spanish),
            ("ur;q=1.001, de;q=0.2", Language::German),
            ("ur;q=nan, de;q=0.2", Language::German),
            ("ur;q=.9;x, de;q=0.2", Language::German),
            ("", Language::English),
            (";;;,,,q=1", Language::English),
        ] {
            assert_eq!(accept(header), language, "{header}");
        }
    }

    #[test]
    fn no_header_is_read_without_end() {
        let header = format!("{}ur", "fr,".repeat(MOST_RANGES));
        assert_eq!(accept(&header), Language::English);
    }

    #[test]
    fn a_choice_goes_before_what_is_accepted_and_one_that_is_unknown_does_not() {
        let chosen = |choice: [Option<&str>; 2]| Language::negotiate(choice, Some("es"));
        assert_eq!(chosen([None, Some("zh")]), Language::Chinese);
        assert_eq!(chosen([Some("de"), Some("zh")]), Language::German);
        assert_eq!(chosen([Some("<script>"), Some("")]), Language::Spanish);
    }

    #[test]
    fn a_terminal_speaks_as_posix_has_it() {
        let of = |all, messages, lang| Language::of_environment([all, messages, lang]);
        assert_eq!(of(None, None, None), Language::English);
        assert_eq!(of(None, None, Some("de_DE.UTF-8@euro")), Language::German);
        assert_eq!(of(None, None, Some("de_DE.ISO-8859-15@euro")), Language::English);
        assert_eq!(of(None, None, Some("zh_CN.GB18030")), Language::English);
        assert_eq!(of(None, Some("es_MX.utf8"), Some("de_DE")), Language::Spanish);
        assert_eq!(of(Some("POSIX"), Some("es_MX"), Some("de_DE")), Language::English);
        assert_eq!(of(None, None, Some("fr_FR.UTF-8")), Language::English);
    }

    #[test]
    fn every_language_is_found_by_its_tag_and_by_no_longer_word() {
        for language in Language::ALL {
            assert_eq!(Language::named(language.tag()), Some(language));
            assert_eq!(Language::named(&language.tag().to_uppercase()), Some(language));
            assert_eq!(Language::named(&format!("{language}x")), None);
        }
    }
}
