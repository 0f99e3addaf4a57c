//! Answers about the made-up host's past, as people and programs see them.

use std::collections::BTreeSet;

use sockets::NetnsId;

use super::{Found, Inquiry, Teller, json, text};
use crate::args::WhoArgs;
use crate::exit::Exit;
use crate::fixture::past;
use crate::output::{Paint, Terminal};

/// What `portolan who` finds; an underscore in an argument is a space.
fn found(words: &str) -> Found {
    let args = WhoArgs::of_words(words).unwrap();
    let inquiry = Inquiry::new(&args, past::now()).unwrap();
    let answer = past::ask(&inquiry.question);
    let own = Some(NetnsId(4_026_531_840));
    Found::new(inquiry, answer, Teller::Recorder, past::users(), own)
}

fn text_of(words: &str, width: Option<usize>) -> String {
    let mut out = Vec::new();
    let terminal = Terminal { width, height: width.map(|_| 24) };
    text::write(&found(words), &mut out, Paint::PLAIN, terminal).unwrap();
    String::from_utf8(out).unwrap()
}

fn json_of(words: &str) -> String {
    let mut out = Vec::new();
    json::write(&found(words), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn first_line(words: &str) -> String {
    text_of(words, None).lines().next().unwrap().to_owned()
}

#[test]
fn who_held_a_port_at_a_time() {
    insta::assert_snapshot!("who_60440_at_80", text_of("60440 --at 14:03:11", Some(80)));
    insta::assert_snapshot!("who_60440_at_json", json_of("60440 --at 14:03:11"));
}

#[test]
fn who_ever_held_a_port() {
    insta::assert_snapshot!("who_60440_80", text_of("60440", Some(80)));
    insta::assert_snapshot!("who_60440_200", text_of("60440", Some(200)));
    insta::assert_snapshot!("who_60440_pipe", text_of("60440", None));
    insta::assert_snapshot!("who_60440_json", json_of("60440"));
}

#[test]
fn a_listener_with_what_came_in_on_it() {
    insta::assert_snapshot!("who_22_at_80", text_of("22/tcp --at 14:03:11", Some(80)));
    insta::assert_snapshot!("who_22_at_200", text_of("22/tcp --at 14:03:11", Some(200)));
    insta::assert_snapshot!("who_22_at_json", json_of("22/tcp --at 14:03:11"));
}

#[test]
fn what_a_process_held() {
    insta::assert_snapshot!(
        "who_process_80",
        text_of("--process pwned --from yesterday", Some(80))
    );
}

#[test]
fn the_answer_comes_as_a_sentence() {
    for (words, sentence) in [
        (
            "60440 --at 14:03:11",
            "curl (4711) of alice held 60440/tcp at 14:03:11, talking to 203.0.113.7:443",
        ),
        ("22 --at 14:00", "sshd (700) of root listened on 22/tcp between 14:00:00 and 14:00:59"),
        (
            "60440/tcp --at 11:41",
            "60440/tcp was in TIME-WAIT between 11:41:00 and 11:41:59, by inference, left by \
             apt-get (3302) of root",
        ),
        ("60440/udp --at 14:03:11", "Nobody held 60440/udp at 14:03:11"),
        (
            "60440 --at 2026-11-22_18:30:00.700",
            "a hidden process of alice held 60440/tcp at 2026-11-22 18:30:00.700, trying to reach \
             198.51.100.9:8443, which refused",
        ),
        (
            "60440 --at 2026-11-22_02:59:30",
            "a process of alice that was not seen held 60440/tcp at 2026-11-22 02:59:30, talking \
             to 203.0.113.9:443",
        ),
        (
            "60440 --from 2026-11-22_02:00 --to 2026-11-22_02:59",
            "a process of alice that was not seen held 60440/tcp from 2026-11-22 02:59:00 to \
             2026-11-22 03:00:00, as far as is known, talking to 203.0.113.9:443",
        ),
        (
            "60440 --at 10:00:01",
            "It is not known who held 60440 at 10:00:01: not all of that time is recorded",
        ),
        ("443 --from -1h", "Nobody held 443 between 14:00:00 and 15:00:00"),
        (
            "60440 --from -2h",
            "curl (4711) of alice has held 60440/tcp since 14:02:11, talking to 203.0.113.7:443",
        ),
        (
            "22 --at 14:03:11",
            "22 within 14:03:11: sshd (700) of root listened on it; 2 connections of sshd (700) \
             of root and 1 other came in on it",
        ),
    ] {
        assert_eq!(first_line(words), sentence, "{words}");
    }
}

#[test]
fn the_status_tells_somebody_from_nobody_and_from_not_known() {
    for (words, exit) in [
        ("60440 --at 14:03:11", Exit::Answered),
        ("60440 --at 11:41", Exit::Answered),
        ("60440/udp --at 14:03:11", Exit::No),
        ("60440 --at 10:00:01", Exit::Unknown),
        ("22 --at 10:00:01", Exit::Answered),
        ("443", Exit::Unknown),
        ("443 --from 11:00", Exit::No),
        ("60440 --at 2026-11-20", Exit::Unknown),
    ] {
        assert_eq!(found(words).exit(), exit, "{words}");
    }
}

#[test]
fn what_was_not_recorded_is_noted_also_beside_an_answer() {
    let text = text_of("22 --at 10:00:01", None);
    let note = "note: not recorded from 10:00:00 to 10:00:02: events came faster than they were \
                taken, 1,204 events lost";
    assert!(text.contains(note), "{text}");
    let text = text_of("60440 --at 2026-11-20", None);
    assert!(
        text.contains("not recorded before 2026-11-21 09:00:00: recording had not begun"),
        "{text}"
    );
    let text = text_of("60440", None);
    assert!(!text.contains("had not begun") && text.contains("no recorder ran"), "{text}");
}

#[test]
fn who_told_is_said() {
    let mut found = found("60440");
    found.teller = Teller::Store("/var/lib/portolan".into());
    let mut out = Vec::new();
    let terminal = Terminal { width: None, height: None };
    text::write(&found, &mut out, Paint::PLAIN, terminal).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.ends_with("read from /var/lib/portolan\n"), "{text}");
}

#[test]
fn a_limit_says_that_there_was_more() {
    let text = text_of("60440 --limit 2", None);
    assert!(text.starts_with("The newest 2 tenures of 60440 since"), "{text}");
    assert!(text.contains("there are more") && text.contains("--limit"), "{text}");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 60..200 {
        for words in ["60440", "60440 --at 14:03:11", "22 --at 14:03:11", "--process pwned"] {
            let text = text_of(words, Some(width));
            assert!(text.lines().all(|l| crate::output::width_of(l) <= width), "{width}:\n{text}");
        }
    }
}

#[test]
fn every_field_is_documented() {
    let documented = include_str!("../../../../../docs/json.md");
    let mut found = BTreeSet::new();
    for words in ["60440", "22 --at 14:03:11", "--process pwned"] {
        crate::fixture::keys(&serde_json::from_str(&json_of(words)).unwrap(), &mut found);
    }
    for key in ["comm_hex", "taker", "time_wait_until", "events", "remarks"] {
        assert!(found.contains(key), "{key} is not in the fixture");
    }
    for key in found {
        let names = [format!("`{key}`"), format!(".{key}`")];
        assert!(names.iter().any(|name| documented.contains(name)), "docs/json.md lacks {key}");
    }
}

#[test]
fn where_nothing_was_recorded_programs_are_told_too() {
    let args = WhoArgs::of_words("60440 --at 14:03:11").unwrap();
    let inquiry = Inquiry::new(&args, past::now()).unwrap();
    let found = Found::nothing(inquiry, vec!["/var/lib/portolan".into()]);
    assert_eq!(found.exit(), Exit::Unknown);
    let mut out = Vec::new();
    json::write(&found, &mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((&json["answer"], &json["since"]), (&"unknown".into(), &serde_json::Value::Null));
    assert_eq!((&json["source"], &json["dir"]), (&"store".into(), &"/var/lib/portolan".into()));
    assert_eq!(json["tenures"], serde_json::json!([]));
}
