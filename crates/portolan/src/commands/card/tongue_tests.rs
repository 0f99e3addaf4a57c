//! Cards of the made-up host in languages other than English.

use super::tests::{card, card_with_past, written};
use crate::output::width_of;
use crate::tongue::Tongue;

const TARGETS: [&str; 7] = ["22", "8080", "8081", "60440", "8080-8089", "50051/tcp", "9/sctp"];
const OTHERS: [&str; 4] = ["ur", "es", "de", "zh"];

fn spoken(target: &str, language: &str, width: Option<usize>) -> String {
    let mut card = card_with_past(target);
    card.tongue = Tongue::of(Some(language)).unwrap();
    written(&card, width)
}

#[test]
fn cards_of_other_languages() {
    for language in OTHERS {
        insta::assert_snapshot!(
            format!("card_8080_{language}"),
            spoken("8080", language, Some(80))
        );
        insta::assert_snapshot!(
            format!("card_60440_{language}"),
            spoken("60440", language, Some(100))
        );
    }
}

#[test]
fn no_line_is_wider_than_the_terminal_in_any_language() {
    for language in OTHERS {
        for width in [60, 80, 120] {
            for target in TARGETS {
                let text = spoken(target, language, Some(width));
                let wide = text.lines().find(|line| width_of(line) > width);
                assert!(wide.is_none(), "{language} {target} {width}:\n{wide:?}");
            }
        }
    }
}

/// A terminal takes every line for itself: what is isolated in one must end in it.
#[test]
fn every_isolate_ends_on_its_line() {
    for target in TARGETS {
        for width in [Some(60), Some(90), None] {
            for line in spoken(target, "ur", width).lines() {
                let count = |range: std::ops::RangeInclusive<char>| {
                    line.chars().filter(|c| range.contains(c)).count()
                };
                let (opened, closed) =
                    (count('\u{2066}'..='\u{2068}'), count('\u{2069}'..='\u{2069}'));
                assert_eq!(opened, closed, "{line:?}");
            }
        }
    }
}

#[test]
fn only_urdu_has_marks_of_direction() {
    let marks = |c: char| matches!(c, '\u{200e}' | '\u{2066}'..='\u{2069}');
    for language in ["en", "es", "de", "zh"] {
        assert!(!spoken("8080", language, None).contains(marks), "{language}");
    }
    assert!(spoken("8080", "ur", None).contains(marks));
}

#[test]
fn what_others_say_keeps_every_number_and_name_of_the_english() {
    let facts = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let kept = |word: &&str| word.len() > 2 && word.bytes().any(|b| b.is_ascii_digit());
        words.filter(kept).map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    for target in TARGETS {
        let english = facts(&written(&card(target), None));
        for language in OTHERS {
            let mut card = card(target);
            card.tongue = Tongue::of(Some(language)).unwrap();
            let other = facts(&written(&card, None));
            let lost: Vec<_> = english.difference(&other).filter(|it| !it.contains(',')).collect();
            assert!(lost.is_empty(), "{language} {target} lost {lost:?}");
        }
    }
}

/// The very tables that the tools would print of the made-up host.
#[test]
fn a_page_shows_what_tools_print() {
    let asked = |port| web::PortAsked { port: registry::Port(port), proto: None };
    let now = super::port_now(&crate::fixture::Harbour, asked(8080)).unwrap().printed;
    insta::assert_snapshot!("printed_8080", format!("{}\n{}\n{}", now.portolan, now.ss, now.lsof));
    let none = super::port_now(&crate::fixture::Harbour, asked(0)).unwrap();
    assert!(none.sockets.is_empty() && none.binds.is_empty());
    assert_eq!((none.printed.portolan.as_str(), none.printed.lsof.as_str()), ("", ""));
}
