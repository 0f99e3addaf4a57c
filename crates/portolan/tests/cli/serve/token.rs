//! Where a token is asked for, nobody comes in without; over TLS, over a Unix socket.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::service::{Answer, Service};

/// Makes a token; the file with its hash, and the token.
fn make(dir: &std::path::Path) -> (String, String) {
    let file = dir.join("token.hash").to_str().unwrap().to_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["serve", "--make-token", &file])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    (file, String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn without_the_token_nobody_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let (file, token) = make(dir.path());
    let service = Service::start(&["--token-file", &file, "--behind-proxy", "--host", "c.example"]);
    for path in ["/", "/ports/22", "/api/v1/overview", "/metrics", "/ports/22/live", "/feedback"] {
        let answer = service.get(path);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.header("www-authenticate").is_some_and(|it| it.starts_with("Bearer")));
    }
    assert_eq!(service.get("/healthz").status, 200);
    let html = service.ask("GET", "/", &["Accept: text/html"], "");
    assert_eq!((html.status, html.header("location")), (303, Some("/sign-in")));
    let bearer = format!("Authorization: Bearer {token}");
    let status = service.ask("GET", "/api/v1/status", &[&bearer], "").status;
    assert_eq!(status, 200, "the token is the operator's");
    let wrong =
        service.ask("GET", "/", &["Authorization: Bearer 00112233445566778899aabbccddeeff"], "");
    assert_eq!(wrong.status, 401);
}

#[test]
fn signing_in_begins_a_session_that_can_be_ended() {
    let dir = tempfile::tempdir().unwrap();
    let (file, token) = make(dir.path());
    let service = Service::start(&["--token-file", &file]);
    let origin = format!("Origin: http://{}", service.host());
    let sign_in =
        |token: &str| service.ask("POST", "/sign-in", &[&origin], &format!("token={token}"));
    assert_eq!(sign_in("not-it").status, 403);
    let entered = sign_in(&token);
    assert_eq!(entered.status, 303);
    let set = entered.header("set-cookie").unwrap();
    for term in ["HttpOnly", "SameSite=Strict", "Secure"] {
        assert!(set.contains(term), "{set}");
    }
    assert!(!set.contains(&token), "{set}");
    let cookie = format!("Cookie: {}", set.split(';').next().unwrap());
    assert_eq!(service.ask("GET", "/feedback", &[&cookie], "").status, 200);
    assert_eq!(service.ask("POST", "/sign-out", &[&origin, &cookie], "").status, 303);
    assert_eq!(service.ask("GET", "/feedback", &[&cookie], "").status, 401);
}

#[test]
fn a_unix_socket_knows_who_comes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("serve.sock");
    let mut child = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .arg("serve")
        .arg(format!("--listen=unix:{}", path.display()))
        .arg("--feedback")
        .arg(dir.path().join("feedback.redb"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let mut stream = loop {
        match UnixStream::connect(&path) {
            Ok(stream) => break stream,
            Err(error) if started.elapsed() > Duration::from_secs(20) => panic!("{error}"),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    let request = "GET /feedback HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(Answer::read(&bytes).status, 200, "whoever serves is the operator");
    assert!(!path.exists());
}
