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
    for (language, sentences) in [
        (
            "de",
            [
                "1 Socket: eine ausgehende Verbindung von curl (4711) hat ihn",
                "nein für tcp auf 0.0.0.0: curl (4711) ist von ihm aus verbunden; SO_REUSEADDR würde nicht helfen",
                "4 Belegungen in den letzten 24 h, die neuesten zuerst",
                "als sie abgeholt wurden, 1.204 Ereignisse verloren",
                "Hinweis: in 1 Prozess ließ sich nicht hineinsehen",
            ],
        ),
        (
            "es",
            [
                "1 socket: lo tiene una conexión saliente de curl (4711)",
                "no para tcp en 0.0.0.0: curl (4711) está conectado desde él; SO_REUSEADDR no serviría",
                "4 tenencias en las últimas 24 h, las más recientes primero",
                "de lo que se recogían, 1204 sucesos perdidos",
                "nota: no se pudo mirar dentro de 1 proceso",
            ],
        ),
        (
            "zh",
            [
                "1 个套接字: curl (4711) 的一个传出连接占用它",
                "不行 tcp，地址 0.0.0.0: curl (4711) 正从它建立连接; SO_REUSEADDR 没有用",
                "过去 24 小时内4 次占用，最新的在前",
                "事件来得比处理得快，丢失 1,204 个事件",
                "注: 有 1 个进程无法查看",
            ],
        ),
        (
            "ur",
            [
                "\u{2067}\u{2068}curl (4711)\u{2069} کے باہر جانے والے ایک کنکشن کے پاس ہے\u{2069}",
                "\u{2068}tcp\u{2069} کے لیے \u{2068}0.0.0.0\u{2069} پر",
                "پچھلے 24 گھنٹوں میں",
                "\u{2068}1,204\u{2069} واقعات کھو گئے",
                "ایک پروسیس کے اندر نہیں دیکھا جا سکا",
            ],
        ),
    ] {
        let text = spoken("60440", language, None);
        for sentence in sentences {
            assert!(text.contains(sentence), "{language}: {sentence} is not in\n{text}");
        }
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
    assert!(now.portolan.starts_with("8080 · user port"), "{}", now.portolan);
    assert!(!now.portolan.contains("BEFORE"), "{}", now.portolan);
    assert!(now.ss.starts_with("Netid State") && now.ss.contains("127.0.0.1:8080"), "{}", now.ss);
    assert!(now.ss.contains("pid=812,fd="), "{}", now.ss);
    assert!(now.lsof.starts_with("COMMAND"), "{}", now.lsof);
    assert!(now.lsof.contains("TCP 127.0.0.1:8080 (LISTEN)"), "{}", now.lsof);
    let none = super::port_now(&crate::fixture::Harbour, asked(0)).unwrap();
    assert!(none.sockets.is_empty() && none.binds.is_empty());
    assert_eq!((none.printed.portolan.as_str(), none.printed.lsof.as_str()), ("", ""));
}
