//! What a service does not let happen: rebinding, forged requests, markup of strangers, floods.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use super::service::{Answer, Service};
use crate::world::NOBODY;

#[test]
fn names_that_anybody_can_point_at_us_are_not_ours() {
    let service = Service::start(&["--host", "chart.example"]);
    let port = service.addr.port();
    let with = |host: &str| {
        let host = format!("Host: {host}");
        service.say("GET", "/", &[&host, "Connection: close"], "").status
    };
    for ours in ["localhost", "127.0.0.1", "[::1]", "chart.example", "Chart.Example"] {
        assert_eq!(with(&format!("{ours}:{port}")), 200, "{ours}");
    }
    for other in
        ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "10.0.0.1", "x@localhost"]
    {
        assert_eq!(with(&format!("{other}:{port}")), 421, "{other}");
    }
    assert_eq!(service.say("GET", "/", &["Connection: close"], "").status, 400);
    let twice = ["Host: localhost", "Host: localhost", "Connection: close"];
    assert_eq!(service.say("GET", "/", &twice, "").status, 400);
}

#[test]
fn pages_of_other_sites_may_ask_nothing() {
    let service = Service::start(&[]);
    let origin = format!("Origin: http://{}", service.host());
    let vote = "page=%2F&face=glad";
    let post = |lines: &[&str]| service.ask("POST", "/feedback", lines, vote).status;
    assert_eq!(post(&[&origin, "Sec-Fetch-Site: same-origin"]), 303);
    for other in ["Origin: http://evil.example", "Origin: null", "Origin: http://localhost:1"] {
        assert_eq!(post(&[other]), 403, "{other}");
    }
    for site in ["cross-site", "same-site"] {
        let site = format!("Sec-Fetch-Site: {site}");
        assert_eq!(post(&[&site]), 403, "{site}");
        assert_eq!(service.ask("GET", "/api/v1/overview", &[&site], "").status, 403, "{site}");
        let link = [site.as_str(), "Sec-Fetch-Mode: navigate"];
        assert_eq!(service.ask("GET", "/", &link, "").status, 200, "{site}");
    }
    let events = service.ask("GET", "/ports/22/live", &["Origin: http://evil.example"], "");
    assert_eq!(events.status, 403);
    assert_eq!(events.header("access-control-allow-origin"), None);
}

#[test]
fn no_page_has_script_or_style_of_its_own() {
    let service = Service::start(&[]);
    for path in [
        "/",
        "/ports/22",
        "/ports/60440",
        "/ports/53/udp",
        "/ports/70000",
        "/list",
        "/watch",
        "/room",
        "/doctor",
        "/leases",
        "/search?q=ssh",
        "/feedback",
        "/sign-in",
        "/list?port=x",
    ] {
        let answer = service.get(path);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.head.to_lowercase().contains("cache-control: no-store"), "{path}");
        let html = answer.body.to_lowercase();
        let inline = html
            .match_indices("<script")
            .filter(|(at, _)| !html[*at..].starts_with("<script src="));
        assert_eq!(inline.count(), 0, "{path}");
        for never in
            ["<style", " style=", " onclick=", " onload=", "javascript:", "http://", "//cdn"]
        {
            let found = html.find(never).map(|at| &html[at..html.len().min(at + 60)]);
            assert!(found.is_none() || never == "http://", "{path}: {found:?}");
        }
        for loaded in ["src=\"http", "href=\"http"] {
            let foreign = html.match_indices(loaded).filter(|(at, _)| {
                !html[..*at].rsplit('<').next().unwrap_or_default().starts_with("a ")
            });
            assert_eq!(foreign.count(), 0, "{path} loads from elsewhere");
        }
    }
}

#[test]
fn a_name_that_is_markup_is_text() {
    let dir = tempfile::tempdir().unwrap();
    let name = dir.path().join("<b>&'\"x");
    symlink(env!("CARGO_BIN_EXE_portolan"), &name).unwrap();
    let mut command = Command::new(&name);
    command.args(["serve", "--listen", "127.0.0.1:0"]).arg("--feedback").arg(dir.path().join("f"));
    let odd = Service::spawn(command, dir);
    let service = Service::start(&[]);
    for path in [format!("/ports/{}", odd.addr.port()), format!("/list?pid={}", odd.pid())] {
        let page = service.get(&path).body;
        assert!(page.contains(&format!("({})", odd.pid())), "{path}: {page}");
        assert!(!page.contains("<b>"), "{path}: {page}");
        assert!(page.contains("&#60;b&#62;") || page.contains("&lt;b&gt;"), "{path}: {page}");
    }
}

#[test]
fn others_see_the_names_of_their_own_processes_alone() {
    let service = Service::start(&[]);
    if !rustix::process::geteuid().is_root() {
        println!("SKIPPED: another user can only be tried as root");
        return;
    }
    let port = service.addr.port();
    let ours = format!("portolan ({})", service.pid());
    assert!(service.get(&format!("/ports/{port}")).body.contains(&ours));
    for path in [
        format!("/ports/{port}"),
        format!("/list?port={port}"),
        format!("/api/v1/ports/{port}"),
        format!("/api/v1/sockets?port={port}"),
        "/api/v1/overview".to_owned(),
    ] {
        let answer = as_nobody(&service, &path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(!answer.body.contains(&ours), "{path}: {}", answer.body);
        let pid = format!("\"pid\":{},", service.pid());
        let body = answer.body.replace("\": ", "\":");
        assert!(!body.contains(&pid), "{path}: {body}");
        assert!(answer.body.contains("hidden"), "{path}: {}", answer.body);
    }
    // What is said of all connections names nobody to whom it is not said.
    for path in ["/room", "/doctor", "/leases", "/api/v1/room", "/api/v1/doctor", "/api/v1/leases"]
    {
        let answer = as_nobody(&service, path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(!answer.body.contains(&format!("({})", service.pid())), "{path}: {}", answer.body);
        for private in ["recorder-off", "process-files", "open files of a process"] {
            assert!(!answer.body.contains(private), "{path}: {private}: {}", answer.body);
        }
    }
    assert!(service.get("/doctor").body.contains("recorder-off"));
    for (path, status) in [("/feedback", 403), ("/api/v1/status", 403)] {
        assert_eq!(as_nobody(&service, path).status, status, "{path}");
        assert_eq!(service.get(path).status, 200, "{path}");
    }
    // What is known of a fifth of a second ago does not have the connection that asks.
    std::thread::sleep(Duration::from_millis(500));
    let own = as_nobody(&service, "/api/v1/sockets?state=established&process=bash");
    let sockets = own.json()["sockets"].as_array().unwrap().len();
    assert!(sockets > 0, "{}", own.body);
}

/// What the user `nobody` is answered.
fn as_nobody(service: &Service, path: &str) -> Answer {
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET %s HTTP/1.1\\r\\nHost: localhost\\r\\n\
         Connection: close\\r\\n\\r\\n' '{path}' >&3; while IFS= read -r line <&3; do printf '%s\\n' \
         \"$line\"; done",
        service.addr.port()
    );
    let output = Command::new("bash").args(["-c", &script]).uid(NOBODY).gid(NOBODY).output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Answer::read(text.as_bytes())
}

#[test]
fn heads_and_bodies_have_a_limit() {
    let service = Service::start(&[]);
    let declared =
        ["Content-Length: 1073741824", "Content-Type: application/x-www-form-urlencoded"];
    let started = Instant::now();
    assert_eq!(service.ask("POST", "/feedback", &declared, "").status, 413);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let body = format!("page=%2F&face={}", "x".repeat(8000));
    assert_eq!(service.ask("POST", "/feedback", &[], &body).status, 413);
    let long = format!("X: {}", "y".repeat(40_000));
    assert_eq!(service.ask("GET", "/", &[&long], "").status, 431);
    let many: Vec<String> = (0..200).map(|n| format!("X{n}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(service.ask("GET", "/", &many, "").status, 431);
    assert_eq!(service.get("/healthz").body, "ok\n");
}

#[test]
fn a_body_without_an_end_is_cut_off() {
    let service = Service::start(&[]);
    let mut stream = service.connect();
    let head = format!(
        "POST /feedback HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n",
        service.host()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("1000\r\n{}\r\n", "z".repeat(0x1000));
    let mut sent = 0_usize;
    while sent < 1 << 30 && stream.write_all(chunk.as_bytes()).is_ok() {
        sent += chunk.len();
    }
    assert!(sent < 64 << 20, "{sent} bytes were taken");
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    assert_eq!(service.get("/healthz").status, 200);
}

#[test]
fn whoever_says_nothing_is_let_go() {
    let service = Service::start(&[]);
    let idle: Vec<TcpStream> = (0..200).map(|_| service.connect()).collect();
    let mut half = service.connect();
    half.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ").unwrap();
    assert_eq!(service.get("/healthz").status, 200);
    let started = Instant::now();
    let mut rest = Vec::new();
    half.read_to_end(&mut rest).unwrap();
    let waited = started.elapsed();
    assert!(waited < Duration::from_secs(15), "{waited:?}");
    for mut stream in idle {
        assert!(stream.read(&mut [0; 64]).is_ok(), "it is still open");
    }
}
