//! What a port's page says in words, written for that very port: pure functions from [`Facts`] to
//! [`Section`]s, in no language yet. A [`Saying`] names a message of `locales/` and what stands in
//! it. What is live (who has the port, who had it) is told elsewhere.

mod bind;
mod check;
mod command;
mod facts;
mod how;
mod note;
mod source;
#[cfg(test)]
mod tests;
mod what;
mod why;

pub use check::{Check, Example, Platform, Tool, checks};
pub use command::{Command, Row, macos_lsof, macos_netstat, powershell, windows_netstat};
pub use facts::{Facts, Neighbour, Service};
pub use source::{Cited, sources};

use crate::locale::{Arg, Locale, Message};

/// A paragraph, before it is told in a language.
#[derive(Clone, Debug, PartialEq)]
pub struct Saying {
    id: &'static str,
    args: Vec<(&'static str, Arg<'static>)>,
}

/// A part of the page: its heading and its paragraphs.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// Its anchor in the page.
    pub anchor: &'static str,
    /// Its heading.
    pub heading: Saying,
    /// What it says.
    pub paragraphs: Vec<Saying>,
}

impl Saying {
    /// The message `id`.
    const fn new(id: &'static str) -> Saying {
        Saying { id, args: Vec::new() }
    }

    /// The same with `value` in the place called `name`.
    fn with(mut self, name: &'static str, value: impl Into<Arg<'static>>) -> Saying {
        self.args.push((name, value.into()));
        self
    }

    /// The message that it is.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// It in a language, or in English where that lacks it.
    #[must_use]
    pub fn told(&self, locale: Locale) -> Message {
        locale.message(self.id, &self.args)
    }
}

impl Facts {
    /// The first sentence of the page: what the port is, in a line.
    #[must_use]
    pub fn summary(&self) -> Saying {
        what::summary(self)
    }

    /// What the port is: its assignment, its territory, what this host and others do with it.
    #[must_use]
    pub fn what(&self) -> Section {
        Section {
            anchor: "what",
            heading: Saying::new("what-heading"),
            paragraphs: what::paragraphs(self),
        }
    }

    /// What binding it takes, whoever has it now.
    #[must_use]
    pub fn bind(&self) -> Section {
        Section {
            anchor: "bind",
            heading: Saying::new("bind-heading"),
            paragraphs: bind::paragraphs(self),
        }
    }

    /// How ports like it work.
    #[must_use]
    pub fn how(&self) -> Section {
        Section {
            anchor: "how",
            heading: Saying::new("how-heading"),
            paragraphs: how::paragraphs(self),
        }
    }

    /// Why ports without an assignment matter; `None` for one that has one and is not handed out.
    #[must_use]
    pub fn why(&self) -> Option<Section> {
        let paragraphs = why::paragraphs(self);
        let heading = Saying::new("why-heading");
        (!paragraphs.is_empty()).then_some(Section { anchor: "why", heading, paragraphs })
    }
}
