//! Wrong use: one line that shows what was read and what is accepted, and status 2.

use std::process::Command;

use crate::netns::portolan;

/// The program, run by somebody who may not look into every process.
const UNPRIVILEGED: &str = "p=$(mktemp -u); cp $P $p; trap 'rm $p' EXIT; \
    [ $(id -u) != 0 ] || as='setpriv --reuid=65534 --clear-groups'; $as $p";

/// How `script` ends in a shell, where `$P` is the program.
fn status_of(script: &str) -> Option<i32> {
    let mut shell = Command::new("bash");
    shell.args(["-c", script]).env("P", env!("CARGO_BIN_EXE_portolan"));
    shell.status().expect("bash is here").code()
}

#[test]
fn a_standard_error_that_cannot_be_written_changes_no_status() {
    for (script, status) in [
        ("$P 70000 2>/dev/full", 2),
        ("$P 70000 2>&-", 2),
        ("$P ss -Q 2>/dev/full", 2),
        ("$P netstat -Q 2>/dev/full", 2),
        (&*format!("{UNPRIVILEGED} ls 2>/dev/full >/dev/null"), 0),
    ] {
        assert_eq!(status_of(script), Some(status), "{script}");
    }
}

#[test]
fn a_closed_pipe_keeps_the_answer_of_the_status() {
    for (args, status) in [
        ("2 --held", 1),
        ("ls --port 2", 1),
        ("ls", 0),
        ("registry no-such-service", 1),
        ("ls --watch=0.1 --json", 0),
        ("--help", 0),
    ] {
        let script =
            format!("(sleep 0.1; timeout 10 $P {args}; exit $?) | true; exit ${{PIPESTATUS[0]}}");
        assert_eq!(status_of(&script), Some(status), "{args}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    for args in ["ls", "--help", "--version", "ls --help", "completions bash", "22"] {
        assert_eq!(status_of(&format!("$P {args} >/dev/full 2>/dev/null")), Some(2), "{args}");
    }
}

#[test]
fn nonsense_gets_one_line_and_status_2() {
    for (args, told) in [
        (&["70000"][..], "70000"),
        (&["-1"], "-1"),
        (&["80/foo"], "80/foo"),
        (&[""], "\"\""),
        (&["8100-8000"], "8100-8000"),
        (&["\x1b]0;pwned\x07"], r"\u{1b}"),
        (&["regsitry"], "portolan registry"),
        (&["--jsno", "80"], "did you mean '--json'"),
        (&["80", "443"], "443"),
        (&["ls", "--sort", "prot"], "did you mean 'port'"),
        (&["ls", "--state", "establised"], "did you mean established"),
        (&["ls", "--local", "10.0.0.0/33"], "10.0.0.0/33"),
        (&["ls", "--pid", "abc"], "'abc' does not fit --pid <PID>: a process id is a whole number"),
        (&["ls", "--user", "roto"], "the nearest is root"),
        (&["ls", "--port", "0-10"], "the lowest port is 1"),
        (&["ls", "--port", "80/sctp"], "tcp and udp"),
        (&["0-10"], "the lowest port is 1"),
        (&["ls", "--netns", "\x1b[31m"], r"\u{1b}[31m"),
        (&["ls", "--p\x1b[31m"], "[31m"),
        (&["ls", "--proto", "icmp"], "tcp and udp"),
        (&["ls", "--netns", "no-such-netns"], "no-such-netns"),
        (&["ls", "--watch=0"], "seconds"),
        (&["ls", "extra words"], "extra words"),
        (&["ls", "8080"], "ls takes no PORT; write portolan ls --port 8080"),
        (&["ls", "--watch", "2"], "--watch=2"),
        (&["regsitry", "ssh"], "did you mean 'portolan registry'"),
        (&["completion", "bash"], "did you mean 'portolan completions'"),
        (&["lss"], "did you mean 'portolan ls'"),
        (&["shs"], "the nearest is ssh"),
        (&["postgersql"], "postgresql"),
        (&["a\u{202e}b"], r"\u{202e}"),
        (&["ls", "--netns", "a\u{202e}b"], r"\u{202e}"),
        (&["ls", "--unit", "x", "a\u{202e}b"], r"\u{202e}"),
        (&["--held"], "PORT"),
        (&["80", "-q"], "--held"),
        (&["80", "ls"], "portolan ls"),
        (&["--all-netns", "ls"], "portolan ls"),
        (&["registry"], "TERM"),
        (&["registry", ""], "nothing to search for"),
        (&["completions", "tcsh"], "tcsh"),
    ] {
        let run = portolan(args);
        assert_eq!(run.status, 2, "{args:?}: {run:?}");
        assert_eq!(run.stdout, "", "{args:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{args:?}: {}", run.stderr);
        assert!(
            run.stderr.starts_with("portolan: ") && run.stderr.contains(told),
            "{args:?}: {run:?}"
        );
        assert!(!run.stderr.contains('\x1b'), "{args:?}");
    }
}

#[test]
fn what_is_too_long_to_read_is_cut() {
    let digits = "9".repeat(50_000);
    for args in [
        &[&*digits][..],
        &["registry", &digits],
        &["ls", "--pid", &digits],
        &["ls", "--port", &digits],
        &["ls", "--user", &digits],
        &["ls", &digits],
        &["ls", "--netns", &format!("n{digits}")],
        &["80", &digits],
        &[&format!("--{digits}")],
    ] {
        let run = portolan(args);
        assert_eq!(run.status, 2, "{:?}", args[0]);
        assert!(run.stderr.chars().count() < 1100, "{}", run.stderr.len());
    }
}

#[test]
fn options_that_every_command_has_stand_last_in_its_help() {
    let help = portolan(&["ls", "--help"]).stdout;
    let place = |option: &str| help.find(&format!("{option}\n")).expect(option);
    let last = ["--full-walk", "--json", "--color <WHEN>", "--no-color", "--help"].map(place);
    assert!(last.is_sorted(), "{help}");
}

#[test]
fn completions_and_manual_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let run = portolan(&["completions", shell]);
        assert_eq!(run.status, 0);
        assert!(run.stdout.contains("all-netns") && run.stdout.contains("registry"));
    }
    let dir = std::env::temp_dir().join(format!("portolan-man-{}", std::process::id()));
    let run = portolan(&["man", dir.to_str().unwrap()]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    for page in ["portolan.1", "portolan-ls.1", "portolan-registry.1"] {
        let text = std::fs::read_to_string(dir.join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    std::fs::remove_dir_all(&dir).unwrap();
}
