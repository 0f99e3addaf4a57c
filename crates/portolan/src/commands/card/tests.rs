//! Cards of the made-up host, as people and programs see them.

use std::collections::BTreeSet;

use registry::Target;

use super::{Before, Card, before, json, text};
use crate::args::LookArgs;
use crate::exit::Exit;
use crate::fixture::{Harbour, past};
use crate::history::Teller;
use crate::output::{Paint, Terminal};

pub(super) fn card(target: &str) -> Card {
    let target: Target = target.parse().unwrap();
    Card::draw(&Harbour, target, false, LookArgs::default()).unwrap()
}

/// The card of a host that a recorder runs on.
pub(super) fn card_with_past(target: &str) -> Card {
    let mut card = card(target);
    let now = past::now();
    let question = before::question(&card.target, None, now.timestamp());
    let answer = past::ask(&question);
    let known = before::Known::new(question, answer, Teller::Recorder, past::users(), now);
    card.before = Before::Known(Box::new(known));
    card
}

fn text_of(target: &str, width: Option<usize>) -> String {
    written(&card(target), width)
}

pub(super) fn written(card: &Card, width: Option<usize>) -> String {
    let mut out = Vec::new();
    let terminal = Terminal { width, height: width.map(|_| 24) };
    text::write(card, &mut out, Paint::PLAIN, terminal).unwrap();
    String::from_utf8(out).unwrap()
}

/// BEFORE and what follows it.
fn before_of(card: &Card, width: Option<usize>) -> String {
    let text = written(card, width);
    text[text.find("BEFORE").unwrap()..].to_owned()
}

fn json_of(target: &str) -> String {
    let mut out = Vec::new();
    json::write(&card(target), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn an_outgoing_connection() {
    insta::assert_snapshot!("card_60440_80", text_of("60440", Some(80)));
    insta::assert_snapshot!("card_60440_pipe", text_of("60440", None));
}

#[test]
fn a_hidden_dual_stack_listener_with_traffic() {
    insta::assert_snapshot!("card_ssh_80", text_of("ssh", Some(80)));
    insta::assert_snapshot!("card_ssh_200", text_of("ssh", Some(200)));
    insta::assert_snapshot!("card_ssh_json", json_of("ssh"));
}

#[test]
fn a_listener_of_several_processes_and_a_waiting_connection() {
    insta::assert_snapshot!("card_8080_80", text_of("8080", Some(80)));
    insta::assert_snapshot!("card_8080_json", json_of("8080"));
}

#[test]
fn a_silent_socket_of_an_oddly_named_process() {
    insta::assert_snapshot!("card_8081_80", text_of("8081", Some(80)));
    insta::assert_snapshot!("card_8081_json", json_of("8081"));
}

#[test]
fn a_range_and_a_reserved_port() {
    insta::assert_snapshot!("card_range_80", text_of("8080-8089", Some(80)));
    insta::assert_snapshot!("card_range_json", json_of("8080-8089"));
    insta::assert_snapshot!("card_reserved_80", text_of("50051/tcp", Some(80)));
}

#[test]
fn every_field_is_documented() {
    let documented = include_str!("../../../../../docs/json.md");
    let mut found = BTreeSet::new();
    for target in ["22", "8080", "8081", "60440", "8080-8089"] {
        crate::fixture::keys(&serde_json::from_str(&json_of(target)).unwrap(), &mut found);
    }
    assert!(found.contains("comm_hex") && found.contains("suspects") && found.contains("remedy"));
    for key in found {
        let names = [format!("`{key}`"), format!(".{key}`")];
        assert!(names.iter().any(|name| documented.contains(name)), "docs/json.md lacks {key}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 60..160 {
        for target in ["22", "8080", "8081", "60440"] {
            let text = written(&card_with_past(target), Some(width));
            assert!(text.lines().all(|l| crate::output::width_of(l) <= width), "{width}:\n{text}");
        }
    }
}

#[test]
fn who_had_it_before_follows() {
    insta::assert_snapshot!("before_60440_80", before_of(&card_with_past("60440"), Some(80)));
    insta::assert_snapshot!("before_60440_pipe", before_of(&card_with_past("60440"), None));
    insta::assert_snapshot!("before_22_80", before_of(&card_with_past("22/tcp"), Some(80)));
    let mut out = Vec::new();
    json::write(&card_with_past("60440"), &mut out).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    insta::assert_snapshot!(
        "before_60440_json",
        serde_json::to_string_pretty(&json["before"]).unwrap()
    );
}

#[test]
fn where_the_past_is_not_known_it_says_why() {
    let line = |before| {
        let mut card = card("60440");
        card.before = before;
        before_of(&card, None).lines().next().unwrap().to_owned()
    };
    let asked = line(Before::Unrecorded);
    assert_eq!(asked, "BEFORE not recorded: `portolan record` would, from now on");
    let line_of = line(Before::Late);
    assert_eq!(line_of, "BEFORE takes longer to find out: portolan who 60440");
    assert!(line(Before::Forbidden("/var/lib/portolan".into())).contains("not for you to read"));
    let failed = line(Before::Failed("could not read \x1b[31m".to_owned()));
    assert!(failed.ends_with(r"could not be read: could not read \u{1b}[31m"), "{failed}");
}

#[test]
fn nobody_before_is_not_said_where_there_are_gaps() {
    let line = |target| before_of(&card_with_past(target), None);
    assert!(
        line("443").starts_with(
            "BEFORE nobody that was seen in the last 24 h\n  not recorded from 10:00:00"
        )
    );
    let mut card = card_with_past("443");
    let Before::Known(known) = &mut card.before else { panic!("it was just made so") };
    known.answer.gaps.clear();
    assert!(before_of(&card, None).starts_with("BEFORE nobody in the last 24 h\n"));
    let Before::Known(known) = &mut card.before else { panic!("it was just made so") };
    known.answer.since = Some(log::Moment(known.question.until.0 - 60_000_000_000));
    assert!(
        before_of(&card, None).starts_with("BEFORE nobody since recording began at 14:59:00\n")
    );
}

#[test]
fn held_answers_by_status() {
    for (target, exit) in [
        ("22", Exit::Answered),
        ("60440", Exit::Answered),
        ("443", Exit::No),
        ("8081/udp", Exit::No),
        ("8000-8090", Exit::Answered),
    ] {
        assert_eq!(card(target).held(), exit, "{target}");
    }
}

#[test]
fn the_trials_of_cards_are_not_what_was_before() {
    let now = past::now();
    let question = before::question(&"60440".parse().unwrap(), None, now.timestamp());
    let answer = past::ask(&question);
    let mut tenure = answer
        .tenures
        .iter()
        .find(|tenure| matches!(tenure.opener, log::Party::Known(_)))
        .unwrap()
        .clone();
    let log::Party::Known(program) = &tenure.opener else { unreachable!() };
    let mut program = (**program).clone();
    program.process.exe = std::env::current_exe().ok();
    tenure.opener = log::Party::Known(std::sync::Arc::new(program));
    (tenure.taker, tenure.role) = (log::Party::Unknown, sockets::Role::Bound);
    let kept = |durations: &[u64]| {
        let lasting = |micros: &u64| std::time::Duration::from_micros(*micros);
        let tenures = durations.iter().map(lasting);
        let tenures = tenures.map(|duration| log::Tenure { duration, ..tenure.clone() }).collect();
        let answer = log::Answer { tenures, ..log::Answer::default() };
        let users = past::users();
        before::Known::new(question.clone(), answer, Teller::Recorder, users, now.clone())
    };
    assert_eq!(kept(&[3]).answer.tenures.len(), 0);
    let held = 3_000_000;
    assert_eq!(kept(&[held]).answer.tenures.len(), 1, "a real program of ours holds it");
    let behind_many = kept(&[&[3; 500][..], &[held; 101]].concat()).answer;
    assert_eq!((behind_many.tenures.len(), behind_many.more), (100, true));
    let mut nothing_else = kept(&[3; 500]);
    nothing_else.answer.more = true;
    let mut card = card("60440");
    card.before = Before::Known(Box::new(nothing_else));
    let text = before_of(&card, None);
    assert!(
        text.contains("`portolan who` alone has the rest") && !text.contains("others"),
        "{text}"
    );
}
