//! What the cgroup of a socket tells: where its holders are, and who they may be where they are
//! hidden.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use sockets::{CgroupId, Method, Note, Owners, Pid, Search, Source};

use crate::children::{Child, argument, ready};
use crate::namespace::in_fresh_netns;
use crate::owners::{as_nobody, holders, sockets_on};

/// A cgroup (v2) of a test's own, named like a service, and gone with it.
struct Cgroup(PathBuf);

impl Cgroup {
    /// `None`, loudly, where there is no cgroup v2 or none may be made.
    fn new() -> Option<Cgroup> {
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        let mount = mounts.lines().find(|line| line.contains(" - cgroup2 "));
        let root = mount.and_then(|line| line.split(' ').nth(4));
        let path = Path::new(root.unwrap_or("/nowhere"))
            .join(format!("sockets-test-{}.slice/silent.service", std::process::id()));
        if let Err(error) = fs::create_dir_all(&path) {
            eprintln!("SKIPPED: cannot make the cgroup {}: {error}", path.display());
            return None;
        }
        Some(Cgroup(path))
    }

    fn id(&self) -> CgroupId {
        CgroupId(fs::metadata(&self.0).unwrap().ino())
    }
}

impl Drop for Cgroup {
    /// A process leaves its cgroup a moment after it was waited for.
    fn drop(&mut self) {
        for path in [&*self.0, self.0.parent().unwrap()] {
            let gone = (0..200).any(|_| {
                thread::sleep(Duration::from_millis(5));
                fs::remove_dir(path).is_ok()
            });
            assert!(gone || thread::panicking(), "{} stays behind", path.display());
        }
    }
}

/// Listens on port 8080 from within the cgroup it is given.
#[test]
#[ignore = "a role in the other tests of this file"]
fn listener() {
    let Some(cgroup) = argument() else { return };
    fs::write(Path::new(&cgroup).join("cgroup.procs"), "0").unwrap();
    let _listener = TcpListener::bind("127.0.0.1:8080").unwrap();
    ready();
}

/// Runs `test` with the cgroup and the pid of a process in it that listens on port 8080.
fn with_listener(test: impl FnOnce(&Cgroup, u32) + Send) {
    in_fresh_netns(|| {
        let Some(cgroup) = Cgroup::new() else { return };
        let null = fs::File::open("/dev/null").unwrap();
        let child = Child::playing("cgroup::listener", cgroup.0.to_str().unwrap(), null.into());
        test(&cgroup, child.pid());
    });
}

#[test]
fn the_narrowed_search_finds_what_the_full_one_does() {
    with_listener(|cgroup, pid| {
        let sockets = sockets_on(8080);
        assert_eq!(sockets[0].cgroup, Some(cgroup.id()));
        let search = |search| sockets::host().owners(&sockets, search);
        let narrowed = search(Search::Likely { budget: Duration::ZERO });
        assert_eq!(narrowed.method(), Method::Cgroup);
        assert!(matches!(narrowed.notes(), [Note::SearchNarrowed { skipped: 1.. }]));
        let full = search(Search::Full);
        assert_eq!(full.method(), Method::Walk);
        assert_eq!(holders(&narrowed, &sockets[0]), holders(&full, &sockets[0]));
        assert_eq!(narrowed.processes(), full.processes());
        assert_eq!(full.processes()[0].pid, Pid(pid));
        let unhurried = search(Search::Likely { budget: Duration::from_secs(60) });
        assert_eq!(unhurried.method(), Method::Walk);
        assert_eq!(holders(&unhurried, &sockets[0]), holders(&full, &sockets[0]));
        let place = &full.processes()[0].place;
        assert_eq!(place.unit.as_deref(), Some("silent.service"));
        assert_eq!(full.place_of(&sockets[0]), Some(place));
    });
}

#[test]
fn a_holder_that_left_the_cgroup_is_found_all_the_same() {
    with_listener(|cgroup, pid| {
        let root = cgroup.0.parent().unwrap().parent().unwrap();
        fs::write(root.join("cgroup.procs"), pid.to_string()).unwrap();
        let sockets = sockets_on(8080);
        let search = Search::Likely { budget: Duration::ZERO };
        let ownership = sockets::host().owners(&sockets, search);
        assert_eq!(holders(&ownership, &sockets[0])[0].0, pid);
        assert_ne!(ownership.method(), Method::Cgroup);
        assert_eq!(
            ownership.place_of(&sockets[0]).unwrap().unit.as_deref(),
            Some("silent.service")
        );
    });
}

#[test]
fn without_privilege_the_place_and_the_suspects_are_known() {
    with_listener(|_, pid| {
        let sockets = sockets_on(8080);
        as_nobody(|| {
            let search = Search::Likely { budget: Duration::ZERO };
            let ownership = sockets::host().owners(&sockets, search);
            assert_eq!(ownership.of(&sockets[0]), Owners::Hidden { uid: 0 });
            let place = ownership.place_of(&sockets[0]).unwrap();
            assert_eq!(place.unit.as_deref(), Some("silent.service"));
            let [suspect] = ownership.suspects_of(&sockets[0]) else { panic!("{ownership:?}") };
            assert_eq!(suspect.pid, Pid(pid));
            assert_eq!(suspect.exe, None);
            let name = suspect.cmdline.as_ref().unwrap()[0].clone();
            assert!(name.starts_with(b"/"), "{}", name.escape_ascii());
            assert_eq!(suspect.user.uid, 0);
        });
        let ownership = sockets::host().owners(&sockets, Search::Full);
        assert_eq!(ownership.suspects_of(&sockets[0]), []);
    });
}
