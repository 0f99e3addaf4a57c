//! Metrics as Prometheus reads them: `promtool` approves of their names, and numbers are those of `room`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use crate::netns::{in_own_netns, portolan};
use crate::ports::{Load, set};

/// What `promtool` says of `text`; `None`, aloud, where it is not installed.
fn promtool(args: &[&str], text: &str) -> Option<Output> {
    let mut command = Command::new("promtool");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        println!("SKIPPED: promtool, of Debian's package prometheus, is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    Some(child.wait_with_output().unwrap())
}

#[track_caller]
fn assert_approved(text: &str) {
    if let Some(output) = promtool(&["check", "metrics"], text) {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{said}\n{text}");
    }
}

#[test]
fn the_text_format_is_approved_and_bounded() {
    in_own_netns("the_text_format_is_approved_and_bounded", || {
        set("ip_local_port_range", "40000 40199");
        let mut load = Load::new();
        load.fill(198);
        let run = portolan(&[
            "room",
            "--prometheus",
            "--top",
            "1",
            "--over",
            "0",
            "--dir",
            "/nonexistent/x",
        ]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_approved(&run.stdout);
        let fill =
            run.stdout.lines().find(|l| l.starts_with("portolan_destination_fill_ratio{")).unwrap();
        assert!(
            fill.ends_with(r#"proto="tcp",source="127.0.0.1",destination="127.0.0.1:7000"} 0.99"#),
            "{fill}"
        );
        assert!(run.stdout.contains("portolan_recorder_up 0\n"));
        let past = run.stdout.lines().find(|l| l.starts_with("portolan_destination_past_cliff{"));
        assert!(past.unwrap().ends_with(" 1"));
        let others: Vec<_> = ["127.0.0.1:7001", "127.0.0.1:7002"]
            .map(|at| {
                let listener = std::net::TcpListener::bind(at).unwrap();
                (TcpStream::connect(at).unwrap(), listener)
            })
            .into();
        let run = portolan(&[
            "room",
            "--prometheus",
            "--top",
            "1",
            "--over",
            "0",
            "--dir",
            "/nonexistent/x",
        ]);
        drop(others);
        let series = run.stdout.lines().filter(|l| l.starts_with("portolan_destination_ports{"));
        let series: Vec<&str> = series.collect();
        assert_eq!(series.len(), 2, "{series:?}");
        assert!(series[1].ends_with(r#"destination="other"} 2"#), "{series:?}");
    });
}

#[test]
fn a_recorder_answers_prometheus_and_nobody_else_longer_than_it_must() {
    in_own_netns("a_recorder_answers_prometheus", || {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().to_str().unwrap();
        let mut recorder = Command::new(crate::netns::program())
            .args(["record", "--dir", store, "--source", "sampling", "--metrics", "127.0.0.1:9188"])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let scraped = scrape();
        // Idle clients are dropped, and more than eight at once turned away; others are served again.
        let idle: Vec<_> = (0..20).map(|_| TcpStream::connect("127.0.0.1:9188").unwrap()).collect();
        std::thread::sleep(std::time::Duration::from_secs(6));
        let again = scrape();
        drop(idle);
        let pid = rustix::process::Pid::from_child(&recorder);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        recorder.wait().unwrap();
        for answer in [scraped, again] {
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
            assert!(body.contains("portolan_recorder_up 1\n"), "{body}");
            assert!(!body.contains("portolan_connect_failures_total"), "samples show few: {body}");
            assert_approved(body);
        }
    });
}

/// Asks until it is there.
fn scrape() -> String {
    let begun = std::time::Instant::now();
    loop {
        let answer = TcpStream::connect("127.0.0.1:9188").and_then(|mut client| {
            client.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
            let mut answer = String::new();
            client.read_to_string(&mut answer)?;
            Ok(answer)
        });
        match answer {
            Ok(answer) if answer.contains("portolan_recorder_up") => return answer,
            _ if begun.elapsed().as_secs() > 30 => panic!("no answer: {answer:?}"),
            _ => std::thread::sleep(std::time::Duration::from_millis(100)),
        }
    }
}

#[test]
fn metrics_are_for_this_machine_unless_told() {
    let run = portolan(&["record", "--dir", "/nonexistent/x", "--metrics", "0.0.0.0:0"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--metrics-public"), "{}", run.stderr);
}
