//! Was this page helpful? A vote, changed, counted, and too many of them.

use std::process::Command;

use super::service::{Answer, Service};

fn vote(service: &Service, page: &str, face: &str, cookie: &str) -> Answer {
    let origin = format!("Origin: http://{}", service.host());
    let cookie = format!("Cookie: {cookie}");
    let page = page.replace('/', "%2F");
    service.ask("POST", "/feedback", &[&origin, &cookie], &format!("page={page}&face={face}"))
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap();
    for term in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(term), "{set}");
    }
    set.split(';').next().unwrap().to_owned()
}

/// What `portolan feedback` says of a page: sad, doubtful, glad.
fn counts(service: &Service, page: &str) -> Option<[u64; 3]> {
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["feedback", "--json", "--feedback"])
        .arg(service.dir().join("feedback.redb"))
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let pages = json["pages"].as_array().unwrap();
    let found = pages.iter().find(|it| it["page"] == page)?;
    Some(["sad", "doubtful", "glad"].map(|face| found[face].as_u64().unwrap()))
}

#[test]
fn one_vote_of_a_browser_for_a_page_and_it_can_be_changed() {
    let service = Service::start(&[]);
    let page = service.get("/ports/60440");
    assert_eq!(page.body.matches("name=\"face\"").count(), 3, "{}", page.body);
    assert_eq!(counts(&service, "/ports/60440"), None);
    let first = vote(&service, "/ports/60440", "sad", "");
    assert_eq!((first.status, first.header("location")), (303, Some("/ports/60440#feedback")));
    let browser = cookie(&first);
    assert_eq!(counts(&service, "/ports/60440"), Some([1, 0, 0]));
    vote(&service, "/ports/60440", "glad", &browser);
    assert_eq!(counts(&service, "/ports/60440"), Some([0, 0, 1]));
    vote(&service, "/ports/60440", "doubtful", "");
    assert_eq!(counts(&service, "/ports/60440"), Some([0, 1, 1]));
    let again = service.ask("GET", "/ports/60440", &[&format!("Cookie: {browser}")], "").body;
    let glad = again.find("value=\"glad\"").unwrap();
    assert!(again[glad..].starts_with("value=\"glad\" aria-pressed=\"true\""), "{again}");
    assert!(service.get("/feedback").body.contains("/ports/60440"));
}

#[test]
fn what_is_no_vote_is_refused_and_too_many_wait() {
    let service = Service::start(&[]);
    for (page, face) in [("/ports/70000", "sad"), ("//evil.example", "sad"), ("/", "angry")] {
        assert_eq!(vote(&service, page, face, "").status, 400, "{page} {face}");
    }
    let statuses: Vec<u16> = (0..25).map(|_| vote(&service, "/", "glad", "").status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 20, "{statuses:?}");
    assert_eq!(statuses[24], 429);
}
