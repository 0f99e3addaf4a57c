//! Cards of the made-up host, as people and programs see them.

use std::collections::BTreeSet;

use registry::Target;

use super::{Card, json, text};
use crate::args::LookArgs;
use crate::exit::Exit;
use crate::fixture::Harbour;
use crate::output::{Paint, Terminal};

fn card(target: &str) -> Card {
    let target: Target = target.parse().unwrap();
    Card::draw(&Harbour, target, false, LookArgs::default()).unwrap()
}

fn text_of(target: &str, width: Option<usize>) -> String {
    let mut out = Vec::new();
    let terminal = Terminal { width, height: width.map(|_| 24) };
    text::write(&card(target), &mut out, Paint::PLAIN, terminal).unwrap();
    String::from_utf8(out).unwrap()
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
            let text = text_of(target, Some(width));
            assert!(text.lines().all(|l| crate::output::width_of(l) <= width), "{width}:\n{text}");
        }
    }
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
