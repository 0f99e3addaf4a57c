//! What could not be seen, and why.

use crate::{Arg, Language, Locale, Message};

/// What could not be seen, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteView {
    /// In English.
    pub english: String,
    /// The card's message that says so in other languages, and the values in it; `None` where it is
    /// said in English alone.
    pub message: Option<(&'static str, Vec<(&'static str, Arg<'static>)>)>,
}

impl NoteView {
    /// The note in the language of `locale`, else in English.
    #[must_use]
    pub fn told(&self, locale: Locale) -> Message {
        let told = self.message.as_ref().and_then(|(id, args)| locale.card(id, args));
        match told {
            Some(text) => Message { text, language: locale.language() },
            None => Message { text: self.english.clone().into(), language: Language::English },
        }
    }
}
