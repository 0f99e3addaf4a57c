//! The reader's language: which it is, and every message in it. Messages are Fluent files in
//! `locales/`, parsed when a language is first read; one that a language lacks is told in English.

mod arg;
mod bundle;
mod catalogue;
mod language;
mod number;
mod remark;
mod rich;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub use arg::Arg;
pub use language::{Direction, Language};
pub use remark::Remark;
pub use rich::{Rich, Strict};

use bundle::message;
use catalogue::Catalogue;

/// A language to say things in. It costs nothing to copy, and nothing to have.
///
/// ```
/// use web::{Language, Locale};
///
/// let urdu = Locale::of(Language::Urdu);
/// assert_eq!(urdu.say("search-button"), "تلاش");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Locale {
    language: Language,
}

/// A message, and the language that it could be told in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The text. Values in it stand between U+2068 and U+2069 where the language is written from
    /// right to left, so that none is turned around; see [`Rich`].
    pub text: Cow<'static, str>,
    /// English where the reader's language lacks it.
    pub language: Language,
}

impl Locale {
    /// The locale of `language`.
    #[must_use]
    pub const fn of(language: Language) -> Locale {
        Locale { language }
    }

    /// The language.
    #[must_use]
    pub const fn language(self) -> Language {
        self.language
    }

    /// The language's tag (BCP 47): `en`, `ur`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.language.tag()
    }

    /// Which way it is written.
    #[must_use]
    pub const fn direction(self) -> Direction {
        self.language.direction()
    }

    /// `count` with its thousands apart, as the language has them.
    #[must_use]
    pub fn count(self, count: usize) -> String {
        number::apart(count.to_string(), self.language)
    }

    /// A number that English writes as `text`, as the language writes it: `0,2 %` for `0.2 %`.
    #[must_use]
    pub fn figures(self, text: &str) -> Cow<'_, str> {
        number::figures(text, self.language)
    }

    /// The message `id`, without values in it.
    #[must_use]
    pub fn say(self, id: &str) -> Cow<'static, str> {
        self.message(id, &[]).text
    }

    /// The message `id` with `args` in it.
    #[must_use]
    pub fn text(self, id: &str, args: &[(&'static str, Arg<'_>)]) -> Cow<'static, str> {
        self.message(id, args).text
    }

    /// The message `id` with `args` in it, and the language that it is in. An `id` that does not
    /// even exist in English stands for itself; a test finds those.
    #[must_use]
    pub fn message(self, id: &str, args: &[(&'static str, Arg<'_>)]) -> Message {
        let languages = [self.language, Language::English];
        let found = languages.into_iter().find_map(|language| {
            let text = message(language, Catalogue::Pages, id, args)?;
            Some(Message { text, language })
        });
        debug_assert!(found.is_some(), "no message is called {id}");
        found.unwrap_or_else(|| Message {
            text: Cow::Owned(id.to_owned()),
            language: Language::English,
        })
    }

    /// The sentence `id` of the card in a terminal; `None` in English, and where the language lacks
    /// it: the program has the English itself, and begins without reading any message.
    #[must_use]
    pub fn card(self, id: &str, args: &[(&'static str, Arg<'_>)]) -> Option<Cow<'static, str>> {
        if self.language == Language::English {
            return None;
        }
        message(self.language, Catalogue::Card, id, args)
    }

    /// What is said of a finding of the doctor: its title for the id `finding-close-wait-pile`, and
    /// `-why`, `-fix` and `-price` behind that; a [`Remark`] for an id and `args` of its own. `None` in
    /// English, which the finding has itself, and where the language lacks it.
    #[must_use]
    pub fn finding(self, id: &str, args: &[(&'static str, Arg<'_>)]) -> Option<Cow<'static, str>> {
        message(self.language, Catalogue::Findings, id, args)
    }
}
