//! The languages of the pages: Fluent messages (<https://projectfluent.org>), one folder of
//! `locales/` a language. A message that a language lacks is taken from English.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::FluentResource;
use fluent_bundle::concurrent::FluentBundle;
use unic_langid::LanguageIdentifier;

pub use fluent_bundle::{FluentArgs as Args, FluentValue as Value};

/// A language, with the messages it has.
pub struct Locale {
    tag: &'static str,
    direction: Direction,
    bundle: FluentBundle<FluentResource>,
}

/// Where lines begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// On the left.
    LeftToRight,
    /// On the right.
    RightToLeft,
}

impl Direction {
    /// As HTML's `dir` has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Direction::LeftToRight => "ltr",
            Direction::RightToLeft => "rtl",
        }
    }
}

impl Locale {
    /// English.
    #[must_use]
    pub fn english() -> &'static Locale {
        &ENGLISH
    }

    /// The language to answer in: the one that was `chosen`, else the best that `accept_language`
    /// (RFC 9110 §12.5.4) names, else English.
    #[must_use]
    pub fn negotiate(_accept_language: Option<&str>, _chosen: Option<&str>) -> &'static Locale {
        Locale::english()
    }

    /// The language's tag (BCP 47): `en`, `ur`.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.tag
    }

    /// Where its lines begin.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The message called `id`, with `args` in it; its id where no language has it.
    #[must_use]
    pub fn text<'a>(&'a self, id: &'a str, args: Option<&Args<'_>>) -> Cow<'a, str> {
        let pattern = self.bundle.get_message(id).and_then(|message| message.value());
        let Some(pattern) = pattern else { return Cow::Borrowed(id) };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, args, &mut errors)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locale").field(&self.tag).finish()
    }
}

static ENGLISH: LazyLock<Locale> = LazyLock::new(|| {
    const FILES: [&str; 2] = [
        include_str!("../../locales/en/interface.ftl"),
        include_str!("../../locales/en/port-now.ftl"),
    ];
    let language: LanguageIdentifier = "en".parse().expect("en is a language");
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    for file in FILES {
        let resource = FluentResource::try_new(file.to_owned());
        bundle.add_resource_overriding(resource.unwrap_or_else(|(read, _)| read));
    }
    Locale { tag: "en", direction: Direction::LeftToRight, bundle }
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_its_arguments_in_it() {
        let mut args = Args::new();
        args.set("port", "60440");
        let text = Locale::english().text("port-heading", Some(&args));
        assert_eq!(text.replace(['\u{2068}', '\u{2069}'], ""), "Port 60440");
        assert_eq!(Locale::english().text("no-such-message", None), "no-such-message");
    }
}
