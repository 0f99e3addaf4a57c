//! The pinned iterator: who may read it, what they learn, and what is not taken for one. On a `/run`
//! of the test's own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::Duration;

use sockets::{Census, Method, Owners, Search, Source};

use crate::namespace::{apart, as_nobody, run};
use crate::owners::{child, holders, host, sockets};

const GROUP: u32 = 54321;

/// Runs `test` where nothing is pinned and nobody else looks.
fn with_own_run(test: impl FnOnce() + Send) {
    apart(|| {
        run(&["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run"]);
        if host().is_some() {
            test();
        }
    });
}

#[test]
fn the_group_sees_all_owners_and_nobody_else_does() {
    with_own_run(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let holder = child(&listener);
        drop(listener);
        let sockets = sockets(Some(8080));
        bpf::pin(GROUP).unwrap();
        let file = fs::metadata(bpf::PINNED).unwrap();
        assert_eq!((file.uid(), file.gid(), file.permissions().mode() & 0o7777), (0, GROUP, 0o440));
        as_nobody(GROUP, || {
            let host = bpf::Host::default();
            assert_eq!(host.delay(), Some(Duration::ZERO));
            for _again in 0..3 {
                let ownership = host.owners(&sockets, Search::Full);
                assert_eq!(ownership.method(), Method::Iterator);
                assert_eq!(holders(&ownership, &sockets[0]), [(holder.pid(), 0)].into());
                let process = &ownership.processes()[0];
                assert_eq!((&process.comm[..], process.user.uid), (&b"sleep"[..], 0));
                assert_eq!(process.cmdline.as_ref().unwrap()[1], b"300");
                assert_eq!(process.ancestry[0].pid.0, std::process::id());
            }
        });
        as_nobody(GROUP + 1, || {
            let host = bpf::Host::default();
            assert_eq!(host.delay(), None);
            let ownership = host.owners(&sockets, Search::Full);
            assert_eq!(ownership.of(&sockets[0]), Owners::Hidden { uid: 0 });
        });
    });
}

/// Where `/proc` shows nothing of others' processes, the kernel's word is all there is.
#[test]
fn the_group_learns_names_where_proc_is_closed() {
    with_own_run(|| {
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let holder = child(&listener);
        drop(listener);
        let sockets = sockets(Some(8080));
        bpf::pin(GROUP).unwrap();
        for hidepid in ["hidepid=1", "hidepid=2"] {
            run(&["mount", "-t", "proc", "-o", hidepid, "proc", "/proc"]);
            let root = host().unwrap().owners(&sockets, Search::Full).processes()[0].clone();
            as_nobody(GROUP, || {
                let ownership = bpf::Host::default().owners(&sockets, Search::Full);
                let told = &ownership.processes()[0];
                assert_eq!(told.pid.0, holder.pid());
                assert_eq!(
                    (told.pid, told.start_ticks, &told.comm, &told.user),
                    (root.pid, root.start_ticks, &root.comm, &root.user)
                );
                assert_eq!((&told.exe, &told.cmdline, told.ancestry.len()), (&None, &None, 0));
            });
        }
    });
}

#[test]
fn pinning_again_changes_the_group_and_removing_leaves_nothing() {
    with_own_run(|| {
        for gid in [GROUP, GROUP + 1] {
            bpf::pin(gid).unwrap();
            assert_eq!(fs::metadata(bpf::PINNED).unwrap().gid(), gid);
        }
        assert_eq!(bpf::unpin().unwrap(), bpf::Pinned::Before);
        assert_eq!(fs::read_dir("/run").unwrap().count(), 0);
        let directory = std::path::Path::new(bpf::PINNED).parent().unwrap().to_str().unwrap();
        assert!(!fs::read_to_string("/proc/thread-self/mountinfo").unwrap().contains(directory));
        for _ in 0..2 {
            assert_eq!(bpf::unpin().unwrap(), bpf::Pinned::Never);
        }
    });
}

#[test]
fn what_is_no_iterator_of_roots_is_not_believed() {
    with_own_run(|| {
        let directory = std::path::Path::new(bpf::PINNED).parent().unwrap();
        fs::create_dir(directory).unwrap();
        let believed = || {
            let mut believed = None;
            as_nobody(GROUP, || believed = Some(bpf::Host::default().delay().is_some()));
            believed.unwrap()
        };
        fs::write(bpf::PINNED, [0; 48]).unwrap();
        fs::set_permissions(bpf::PINNED, fs::Permissions::from_mode(0o444)).unwrap();
        assert!(!believed(), "an ordinary file");
        fs::remove_file(bpf::PINNED).unwrap();
        bpf::pin(GROUP).unwrap();
        assert!(believed());
        std::os::unix::fs::chown(bpf::PINNED, Some(65534), None).unwrap();
        assert!(!believed(), "another's");
        std::os::unix::fs::chown(bpf::PINNED, Some(0), None).unwrap();
        fs::set_permissions(bpf::PINNED, fs::Permissions::from_mode(0o466)).unwrap();
        assert!(!believed(), "one that others may change");
    });
}
