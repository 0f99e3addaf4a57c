//! A few words about this very machine: English beside them, and the message that says the same in
//! other languages.

use std::borrow::Cow;
use std::fmt;

use super::{Arg, Language, Locale};

/// A few words or a sentence with names and numbers of this machine in it.
///
/// ```
/// use web::{Language, Locale, Remark};
///
/// let remark = Remark {
///     english: "port 8080".to_owned(),
///     message: Some(("subject-port", vec![("port", "8080".into())])),
/// };
/// assert_eq!(remark.to_string(), "port 8080");
/// assert_eq!(remark.told(Locale::of(Language::English)), None);
/// assert!(remark.told(Locale::of(Language::Spanish)).unwrap().starts_with("puerto"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// In English.
    pub english: String,
    /// The message that says so in other languages, and the values in it; `None` for what is the same
    /// in all of them, as a name, and for what is said in English alone.
    pub message: Option<(&'static str, Vec<(&'static str, Arg<'static>)>)>,
}

impl Remark {
    /// The remark in the language of `locale`, for [`Strict`](super::Strict): every value between U+2068
    /// and U+2069. `None` in English and where the language lacks it: `english` is all there is.
    #[must_use]
    pub fn told(&self, locale: Locale) -> Option<Cow<'static, str>> {
        let (id, args) = self.message.as_ref()?;
        locale.finding(id, args)
    }

    /// The remark as a value of another.
    pub(super) fn inside(&self, language: Language) -> Cow<'_, str> {
        self.told(Locale::of(language)).unwrap_or(Cow::Borrowed(&self.english))
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.english)
    }
}

impl From<String> for Remark {
    /// The same in every language.
    fn from(name: String) -> Remark {
        Remark { english: name, message: None }
    }
}

impl From<&str> for Remark {
    /// The same in every language.
    fn from(name: &str) -> Remark {
        Remark::from(name.to_owned())
    }
}
