//! A journal of format 1 as it was written then: later versions read it, or the format has another
//! number. It is also the example of `docs/store-format.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use log::{Archive, GapReason, Moment, Party, Settings, Store};
use sockets::{BootTime, Closed, Ending, Event, EventKind, Evidence, Opened, Role, Watching};

use super::events::{Clocks, START, open, opened, program, taken, told};
use super::store::all;

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/journal-1/00000001.journal")
}

/// Writes what the golden journal has.
fn write(dir: &Path, clocks: &Clocks) -> Vec<u8> {
    let settings = Settings::new(dir.to_owned());
    let (mut store, _) = Store::open_by(settings, Watching::Kernel, clocks.source()).unwrap();
    let at = clocks.at();
    store.survey(&[told(at, &program(7, "server", 0)), open(at, listener())]);
    store.settle();
    clocks.pass(Duration::from_secs(1));
    let at = clocks.at();
    let refused = Closed { cookie: 3, closer: None, ending: Ending::Refused };
    store.apply(
        &[
            told(at, &program(8, "curl", 1000)),
            open(at, opened(3, 50_000, 8)),
            taken(at + 10, 3, 7),
            Event { at: BootTime(at + 2500), kind: EventKind::Closed(refused) },
            Event {
                at: BootTime(at + 9000),
                kind: EventKind::Lost { since: BootTime(at), events: 5 },
            },
        ],
        None,
    );
    clocks.pass(Duration::from_secs(1));
    store.tick();
    clocks.pass(Duration::from_secs(1));
    store.close().unwrap();
    fs::read(dir.join("00000001.journal")).unwrap()
}

fn listener() -> Opened {
    let evidence = Evidence::OpenAtStart;
    Opened { role: Role::Listening, remote: None, uid: 0, evidence, ..opened(2, 80, 7) }
}

#[test]
fn a_journal_of_format_1_is_written_as_ever() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = write(dir.path(), &Clocks::new());
    if std::env::var_os("PORTOLAN_NEW_GOLDEN").is_some() {
        fs::create_dir_all(golden().parent().unwrap()).unwrap();
        fs::write(golden(), &bytes).unwrap();
    }
    assert!(bytes == fs::read(golden()).unwrap(), "another format needs another number");
}

#[test]
fn a_journal_of_format_1_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let clocks = Clocks::new();
    fs::copy(golden(), dir.path().join("00000001.journal")).unwrap();
    clocks.pass(Duration::from_secs(60));
    let archive = Archive::open_by(dir.path().to_owned(), clocks.source()).unwrap();
    let answer = archive.ask(&all(&clocks)).unwrap();
    let [curl, server] = &answer.tenures[..] else { panic!("{:?}", answer.tenures) };
    assert_eq!((curl.from, curl.ending), (Moment(START + 1_000_000_000), Some(Ending::Refused)));
    assert_eq!(curl.duration, Duration::from_nanos(2500));
    let name = |party: &Party| match party {
        Party::Known(program) => program.process.comm.clone(),
        other => format!("{other:?}").into_bytes(),
    };
    assert_eq!([&curl.opener, &curl.taker].map(name), [b"curl".to_vec(), b"server".to_vec()]);
    assert_eq!((server.role, server.ending), (Role::Listening, Some(Ending::Unseen)));
    assert_eq!(server.duration, Duration::from_secs(3), "until the recorder stopped");
    let lost = answer.gaps.iter().find(|gap| gap.reason == GapReason::EventsLost).unwrap();
    assert_eq!(lost.events, 5);
    assert_eq!(answer.since, Some(Moment(START)));
}

/// The page shows the golden journal, and names every entry that there is.
#[test]
fn the_page_on_journals_is_true() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/journal-format.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, example) = page.split_once("```hex\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let columns = example.lines().map(|line| line.get(..47.min(line.len())).unwrap());
    let shown: Vec<u8> = columns
        .flat_map(str::split_whitespace)
        .map(|byte| u8::from_str_radix(byte, 16).unwrap())
        .collect();
    assert!(shown == fs::read(golden()).unwrap());
    let (_, entries) = page.split_once("| byte | entry |").unwrap();
    let rows = entries.lines().skip(2).take_while(|line| line.starts_with('|'));
    let bytes: Vec<u8> =
        rows.map(|row| row.split('|').nth(1).unwrap().trim().parse().unwrap()).collect();
    assert_eq!(bytes, (1..=12).collect::<Vec<u8>>());
}
