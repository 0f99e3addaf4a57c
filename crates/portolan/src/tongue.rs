//! The language that a person reads a card in: by `--lang`, else by the environment. English is in
//! the program, beside what it says, and costs nothing; what other languages say is looked up.

use std::borrow::Cow;
use std::env;

use web::{Arg, Direction, Language, Locale};

/// A language to say things in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tongue(Locale);

impl Tongue {
    /// The language called `asked`, else that of `LC_ALL`, `LC_MESSAGES` or `LANG`.
    ///
    /// # Errors
    /// If `asked` is no language that is spoken here.
    pub(crate) fn of(asked: Option<&str>) -> anyhow::Result<Tongue> {
        let language = match asked {
            Some(asked) => Language::named(asked).ok_or_else(|| unknown(asked))?,
            None => {
                let set = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| env::var(name).ok());
                Language::of_environment(set.iter().map(Option::as_deref))
            }
        };
        Ok(Tongue(Locale::of(language)))
    }

    /// The sentence `id` with `args` in it, or `english` in English and where it was not translated.
    /// One that runs from right to left is isolated, so that it does so inside the card's lines,
    /// which run from left to right.
    pub(crate) fn say(
        self,
        id: &str,
        args: &[(&'static str, Arg<'_>)],
        english: impl FnOnce() -> String,
    ) -> String {
        match self.0.card(id, args) {
            Some(said) if self.is_right_to_left() => format!("{RIGHT_TO_LEFT}{said}{END}"),
            Some(said) => said.into_owned(),
            None => english(),
        }
    }

    /// The word `id` for a place of its own: a label, a cell.
    pub(crate) fn word(self, id: &str, english: &'static str) -> Cow<'static, str> {
        match self.0.card(id, &[]) {
            // The mark keeps words that stand side by side from running together.
            Some(word) if self.is_right_to_left() => format!("{word}{LEFT_TO_RIGHT}").into(),
            Some(word) => word,
            None => english.into(),
        }
    }

    fn is_right_to_left(self) -> bool {
        self.0.direction() == Direction::RightToLeft
    }
}

fn unknown(asked: &str) -> anyhow::Error {
    let spoken = Language::ALL.map(|language| format!("{language} ({})", language.name()));
    anyhow::anyhow!("--lang '{asked}': not spoken here; give one of {}", spoken.join(", "))
}

/// U+2067, begins what runs from right to left; U+2069 ends it (UAX #9 §2.4).
const RIGHT_TO_LEFT: char = '\u{2067}';
const END: char = '\u{2069}';
/// U+200E, a letter of no width that runs from left to right.
const LEFT_TO_RIGHT: char = '\u{200e}';

#[cfg(test)]
mod tests {
    use super::*;

    fn tongue(name: &str) -> Tongue {
        Tongue::of(Some(name)).unwrap()
    }

    #[test]
    fn english_is_said_by_the_program_itself() {
        let said = tongue("en").say("card-none-assigned", &[], || "none assigned".to_owned());
        assert_eq!(said, "none assigned");
        assert_eq!(tongue("POSIX"), Tongue::default());
    }

    #[test]
    fn what_was_not_translated_is_said_in_english() {
        assert_eq!(tongue("de").say("no-such-sentence", &[], || "so".to_owned()), "so");
    }

    #[test]
    fn an_unknown_language_is_refused_in_one_line() {
        let error = Tongue::of(Some("tlh")).unwrap_err().to_string();
        assert!(error.contains("'tlh'") && error.contains("ur (اردو)"), "{error}");
    }
}
