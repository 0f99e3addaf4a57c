//! The card in the reader's language: by `--lang`, by the environment, and English byte for byte
//! wherever neither asks for another.

use std::process::Command;

use crate::netns::program;

/// What `portolan --no-probe ARGS` prints where the environment says this, and its exit status.
fn card(environment: &[(&str, &str)], args: &[&str]) -> (String, String, Option<i32>) {
    let mut command = Command::new(program());
    for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    let output =
        command.envs(environment.iter().copied()).arg("--no-probe").args(args).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

/// The fact that every card of a dynamic port opens with.
fn territory(environment: &[(&str, &str)], args: &[&str]) -> String {
    let (text, complaint, status) = card(environment, args);
    assert_eq!((complaint.as_str(), status), ("", Some(0)));
    text.lines().nth(1).unwrap().to_owned()
}

const ENGLISH: &str =
    "  Territory  Dynamic Ports 49152–65535: IANA assigns nothing here (RFC 6335)";

#[test]
fn english_stays_byte_for_byte_as_it_is_wherever_nothing_else_is_asked_for() {
    for environment in [
        &[][..],
        &[("LANG", "C.UTF-8")],
        &[("LANG", "POSIX")],
        &[("LANG", "en_GB.UTF-8")],
        &[("LANG", "fr_FR.UTF-8")],
        &[("LANG", "de_DE.ISO-8859-1")],
        &[("LC_ALL", "C"), ("LANG", "ur_PK.UTF-8")],
    ] {
        assert_eq!(territory(environment, &["64999"]), ENGLISH, "{environment:?}");
    }
    assert_eq!(territory(&[("LANG", "ur_PK.UTF-8")], &["--lang", "en", "64999"]), ENGLISH);
}

#[test]
fn the_environment_and_the_option_choose_a_language() {
    let german = territory(&[("LANG", "de_DE.UTF-8")], &["64999"]);
    assert!(german.starts_with("  Gebiet") && german.contains("49152–65535"), "{german}");
    assert_eq!(territory(&[("LC_MESSAGES", "de_AT.utf8"), ("LANG", "es_ES")], &["64999"]), german);
    assert_eq!(territory(&[], &["--lang", "de", "64999"]), german);
    let urdu = territory(&[("LC_ALL", "ur_PK.UTF-8")], &["64999"]);
    assert!(urdu.contains("ڈائنیمک پورٹس \u{2068}49152–65535\u{2069}"), "{urdu}");
}

#[test]
fn programs_are_answered_in_the_same_words_everywhere() {
    let json = |environment: &[(&str, &str)]| card(environment, &["--json", "64999"]).0;
    let keyed = |text: String| text.split("\"notes\"").next().unwrap().to_owned();
    assert_eq!(keyed(json(&[])), keyed(json(&[("LANG", "ur_PK.UTF-8")])));
}

#[test]
fn an_unknown_language_is_one_clear_line() {
    let (text, complaint, status) = card(&[], &["--lang", "tl\x1bh", "64999"]);
    assert_eq!((text.as_str(), status), ("", Some(2)));
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    assert!(complaint.contains("give one of en (English), ur (اردو)"), "{complaint}");
    assert!(!complaint.contains('\x1b'), "{complaint:?}");
}
