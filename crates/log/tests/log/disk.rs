//! A disk that is full: a tmpfs of a few pages.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use registry::Port;

use log::{Disk, GapReason, Store, Tenure};

use super::events::{Clocks, close, open, opened, program, told};
use super::store::{all, ask, settle_down, start};

/// A tmpfs, for as long as it lives.
struct Tmpfs<'a>(&'a Path);

impl<'a> Tmpfs<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Tmpfs<'a>> {
        let options = format!("size={size},mode=0700");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "portolan-test"])
            .arg(at)
            .output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        if !mounted {
            println!("SKIPPED: a tmpfs cannot be mounted here");
        }
        mounted.then_some(Tmpfs(at))
    }
}

impl Drop for Tmpfs<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

/// Takes all the room there is.
fn fill(dir: &Path) {
    let mut file = File::create(dir.join("ballast")).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
}

/// Many short tenures; the round after which nothing was recorded any more.
fn churn(store: &mut Store, clocks: &Clocks) -> Option<u64> {
    let mut stopped_at = None;
    for round in 0..400_u64 {
        for index in 0..500 {
            let cookie = 1000 + round * 500 + index;
            let port = u16::try_from(1024 + cookie % 60_000).unwrap();
            store.apply(
                &[open(clocks.at(), opened(cookie, port, 7)), close(clocks.at() + 1, cookie, 7)],
                None,
            );
        }
        clocks.pass(Duration::from_millis(250));
        store.tick();
        if matches!(store.status().disk, Disk::Stopped { .. }) {
            stopped_at.get_or_insert(round);
        }
    }
    stopped_at
}

#[test]
fn a_full_disk_stops_recording_and_resumes_by_itself() {
    let parent = tempfile::tempdir().unwrap();
    let Some(tmpfs) = Tmpfs::mount(parent.path(), "12m") else { return };
    let clocks = Clocks::new();
    let (mut store, _) = start(tmpfs.0, &clocks);
    store.survey(&[told(clocks.at(), &program(7, "curl", 1000))]);
    store.settle();
    store.apply(&[open(clocks.at(), opened(1, 50_001, 7)), close(clocks.at() + 1, 1, 7)], None);
    store.apply(&[open(clocks.at(), opened(4, 50_004, 7))], None);
    settle_down(&mut store, &clocks);
    fill(tmpfs.0);

    let full = clocks.utc();
    let stopped_at = churn(&mut store, &clocks);
    let Disk::Stopped { since, why } = store.status().disk else { panic!("it has not noticed") };
    assert!(since > full && why.contains("No space"), "{since:?} {why}");
    assert!(stopped_at.unwrap() < 300, "bounded, not by the end of the test");
    let answer = ask(&store, &all(&clocks));
    let lasting = answer.gaps.iter().find(|gap| gap.reason == GapReason::DiskFull).unwrap();
    assert_eq!((lasting.from, lasting.until), (since, None));
    // Some 35 bytes each, of the 4 MiB that may wait for the disk.
    assert!(answer.tenures.len() < 150_000, "{} kept", answer.tenures.len());
    // What was open before is known as it was, though it ends now.
    store.apply(&[close(clocks.at(), 4, 7)], None);
    let mut earlier = all(&clocks);
    (earlier.from, earlier.until) = (full, full);
    earlier.ports = vec![Port(50_004).into()];
    let mut long = ask(&store, &earlier).tenures;
    long.retain(|tenure| tenure.from < full);
    assert_eq!(long.len(), 1, "it was held for long and closed while nothing is recorded");
    // What is open is known all the time.
    store.apply(&[open(clocks.at(), opened(2, 50_002, 7))], None);

    fs::remove_file(tmpfs.0.join("ballast")).unwrap();
    settle_down(&mut store, &clocks);
    assert_eq!(store.status().disk, Disk::Writable);
    let (before, resumed) = (answer.tenures.len(), clocks.utc());
    store.apply(&[open(clocks.at(), opened(3, 50_003, 7)), close(clocks.at() + 1, 3, 7)], None);
    store.apply(&[close(clocks.at() + 2, 2, 7)], None);
    settle_down(&mut store, &clocks);
    let answer = ask(&store, &all(&clocks));
    assert_eq!(answer.tenures.len(), before + 2, "nothing from before the stop is lost");
    let gap = answer.gaps.iter().find(|gap| gap.reason == GapReason::DiskFull).unwrap();
    assert!(gap.from == since && gap.until.unwrap() <= resumed);
    store.close().unwrap();
    let (store, recovery) = start(tmpfs.0, &clocks);
    assert!(recovery.clean && recovery.torn == 0, "{recovery:?}");
    let sorted = |mut tenures: Vec<Tenure>| {
        tenures.sort_by_key(|tenure| (tenure.from, tenure.local.port));
        tenures
    };
    let again = ask(&store, &all(&clocks)).tenures;
    assert!(sorted(again) == sorted(answer.tenures));
    let again = ask(&store, &earlier).tenures;
    assert!(again.contains(&long[0]), "{again:?}");
}
