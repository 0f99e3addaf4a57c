//! The Fluent files of each language, as they are built in.

use super::Language;

/// The named files of a language's folder.
macro_rules! files {
    ($language:literal: $($name:literal),*) => {
        [$(File {
            name: $name,
            text: include_str!(concat!("../../locales/", $language, "/", $name, ".ftl")),
        }),*]
    };
}

/// What messages are for. Each purpose has files of its own and is parsed for itself: who prints a
/// card pays for no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Catalogue {
    /// The pages.
    Pages,
    /// The card in a terminal. Its English is in the program, beside what it says.
    Card,
    /// What the doctor can find. Its English is in the program, too.
    Findings,
}

/// A file of messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct File {
    /// Its name in every language's folder.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests name files"))]
    pub(super) name: &'static str,
    /// What stands in it.
    pub(super) text: &'static str,
}

impl Catalogue {
    /// The files of `language`; it falls back to English for those that it lacks.
    pub(super) const fn files(self, language: Language) -> &'static [File] {
        match (self, language) {
            (Catalogue::Pages, Language::English) => {
                &files!["en": "chart", "doctor", "interface", "leases", "port", "port-now", "prose", "room"]
            }
            (Catalogue::Pages, Language::Urdu) => {
                &files!["ur": "chart", "doctor", "interface", "leases", "port", "port-now", "prose", "room"]
            }
            (Catalogue::Pages, Language::Spanish) => {
                &files!["es": "chart", "doctor", "interface", "leases", "port", "port-now", "room"]
            }
            (Catalogue::Pages, Language::German) => {
                &files!["de": "chart", "doctor", "interface", "leases", "port", "port-now", "room"]
            }
            (Catalogue::Pages, Language::Chinese) => {
                &files!["zh": "chart", "doctor", "interface", "leases", "port", "port-now", "room"]
            }
            (Catalogue::Card | Catalogue::Findings, Language::English) => &[],
            (Catalogue::Findings, Language::Urdu) => {
                &files!["ur": "findings", "findings-evidence", "findings-prose"]
            }
            (Catalogue::Findings, Language::Spanish) => {
                &files!["es": "findings", "findings-evidence", "findings-prose"]
            }
            (Catalogue::Findings, Language::German) => {
                &files!["de": "findings", "findings-evidence", "findings-prose"]
            }
            (Catalogue::Findings, Language::Chinese) => {
                &files!["zh": "findings", "findings-evidence", "findings-prose"]
            }
            (Catalogue::Card, Language::Urdu) => &files!["ur": "card"],
            (Catalogue::Card, Language::Spanish) => &files!["es": "card"],
            (Catalogue::Card, Language::German) => &files!["de": "card"],
            (Catalogue::Card, Language::Chinese) => &files!["zh": "card"],
        }
    }
}
