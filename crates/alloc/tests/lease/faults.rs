//! A memory of names that cannot be used, or must not be.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

use alloc::lease::{LeaseError, MemoryError, Remark};

use crate::apart;
use crate::named::Folder;

fn refusal(folder: &Folder) -> &'static str {
    match folder.wish("web").take() {
        Err(LeaseError::Memory(MemoryError::Unsafe { why, .. })) => why,
        other => panic!("{other:?}"),
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_memory_that_others_may_write_is_refused() {
    apart(|| {
        let folder = Folder::new("unsafe");
        folder.wish("web").take().unwrap();
        for path in ["state/leases", "state"] {
            let path = folder.0.join(path);
            for mode in [0o777, 0o1777] {
                allow(&path, mode);
                assert_eq!(refusal(&folder), "may be written by everybody");
            }
            allow(&path, 0o770);
            assert_eq!(refusal(&folder), "may be written by a group");
            allow(&path, 0o700);
            chown(&path, Some(65534), None).unwrap();
            assert_eq!(refusal(&folder), "belongs to another user");
            chown(&path, Some(0), None).unwrap();
        }
        folder.wish("web").take().unwrap();
    });
}

#[test]
fn no_link_is_followed() {
    apart(|| {
        let folder = Folder::new("links");
        let lease = folder.wish("web").take().unwrap();
        let leases = folder.0.join("state/leases");
        let file = fs::read_dir(&leases).unwrap().next().unwrap().unwrap().path();
        let precious = folder.0.join("precious");
        fs::rename(&file, &precious).unwrap();
        let before = fs::read(&precious).unwrap();
        drop(lease);
        // A file that is a link is neither read nor written through, and replaced.
        symlink(&precious, &file).unwrap();
        assert!(folder.wish("web").take().unwrap().remarks().is_empty());
        assert!(fs::symlink_metadata(&file).unwrap().is_file());
        assert_eq!(fs::read(&precious).unwrap(), before);
        fs::rename(&leases, folder.0.join("elsewhere")).unwrap();
        symlink(folder.0.join("elsewhere"), &leases).unwrap();
        assert_eq!(refusal(&folder), "is a symbolic link");
    });
}

#[test]
fn a_name_is_leased_without_a_memory_too() {
    apart(|| {
        let folder = Folder::new("without");
        let port = folder.wish("web").take().unwrap().port();
        let file = folder.0.join("file");
        fs::write(&file, "").unwrap();
        for memory in [file.join("leases"), file.clone(), "/proc/portolan/leases".into()] {
            let lease = folder.wish("web").with_memory(memory).take().unwrap();
            assert_eq!(lease.port(), port);
            assert!(matches!(lease.remarks(), [Remark::NotRemembered(_)]), "{:?}", lease.remarks());
        }
    });
}

#[test]
fn damage_in_the_memory_is_forgotten() {
    apart(|| {
        let folder = Folder::new("damage");
        let port = folder.wish("web").take().unwrap().port();
        let leases = folder.0.join("state/leases");
        let file = fs::read_dir(&leases).unwrap().next().unwrap().unwrap().path();
        for damage in ["", "ports", "ports 0\n", "ports 99999\nweb\n", "ports 7\nother\n/x"] {
            fs::write(&file, damage).unwrap();
            assert_eq!(folder.wish("web").take().unwrap().port(), port, "{damage:?}");
        }
        fs::remove_file(&file).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &file,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        assert_eq!(folder.wish("web").take().unwrap().port(), port);
    });
}
