//! What a lease says of itself: a small file in memory (`memfd_create(2)`) that its holder keeps open and that
//! ends with it. Who may look into the holder's descriptors may read it: its user and root.
//!
//! The text has a line for each fact, `NAME VALUE`, the project last, to the end of the file.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use registry::{Port, Proto};
use rustix::fs::{MemfdFlags, OFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::time::{ClockId, clock_gettime};
use sockets::{BootTime, Pid};

use super::{Identity, Name};

/// What a lease says of itself. Whoever holds it may write anything: escape what is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Since when it is held, by the clock that nobody steps.
    pub since: BootTime,
    /// All its ports, in its own order.
    pub ports: Vec<Port>,
    /// What was asked for on them.
    pub protos: Vec<Proto>,
    /// The process that it was taken for, where its holder is a server; by its id in the holder's pid namespace.
    pub tenant: Option<Pid>,
    /// Its name and project, where it has one.
    pub identity: Option<Identity>,
}

impl Label {
    /// Writes it into a file of its own, which nobody can change any more.
    pub(super) fn publish(&self) -> io::Result<OwnedFd> {
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(memfd_create(MEMFD, flags)?);
        file.write_all(&self.encode())?;
        // Not `WRITE`: that one waits for others' references to the page, 2 to 5 ms each time.
        fcntl_add_seals(&file, SealFlags::FUTURE_WRITE | SealFlags::GROW | SealFlags::SHRINK)?;
        Ok(file.into())
    }

    /// The labels that the process `pid` keeps; none where we may not look.
    pub(super) fn of_process(pid: Pid) -> Vec<Label> {
        let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
        let is_label = |path: &PathBuf| {
            std::fs::read_link(path).is_ok_and(|to| to.as_os_str() == OsStr::new(LINK))
        };
        let paths = entries.flatten().map(|entry| entry.path()).filter(is_label);
        // It may write as much as it likes; we read no more than honest ones have.
        let mut left = MOST;
        let mut labels = Vec::new();
        for bytes in paths.filter_map(|path| read(&path).ok()) {
            match left.checked_sub(bytes.len()) {
                Some(rest) => left = rest,
                None => break,
            }
            labels.extend(Label::parse(&bytes));
        }
        labels
    }

    fn encode(&self) -> Vec<u8> {
        let list = |words: Vec<String>| words.join(" ");
        let ports = list(self.ports.iter().map(ToString::to_string).collect());
        let protos = list(self.protos.iter().map(ToString::to_string).collect());
        let mut text = format!("since {}\nports {ports}\nprotos {protos}\n", self.since.0);
        if let Some(tenant) = self.tenant {
            text.push_str(&format!("tenant {tenant}\n"));
        }
        let mut bytes = text.into_bytes();
        if let Some(identity) = &self.identity {
            bytes.extend(format!("name {}\nproject ", identity.name).into_bytes());
            bytes.extend(identity.project.as_os_str().as_bytes());
        }
        bytes
    }

    /// Reads one; `None` for what is none.
    pub(super) fn parse(mut bytes: &[u8]) -> Option<Label> {
        let mut label = Label {
            since: BootTime(0),
            ports: Vec::new(),
            protos: Vec::new(),
            tenant: None,
            identity: None,
        };
        let mut name = None;
        while !bytes.is_empty() {
            if let Some(project) = bytes.strip_prefix(b"project ") {
                let project = std::ffi::OsString::from_vec(project.to_vec()).into();
                label.identity = Some(Identity { project, name: name? });
                break;
            }
            let end = bytes.iter().position(|byte| *byte == b'\n')?;
            let (key, value) = str::from_utf8(&bytes[..end]).ok()?.split_once(' ')?;
            match key {
                "since" => label.since = BootTime(value.parse().ok()?),
                "ports" => label.ports = words(value)?,
                "protos" => label.protos = words(value)?,
                "tenant" => label.tenant = Some(Pid(value.parse().ok()?)),
                "name" => name = Some(value.parse::<Name>().ok()?),
                _ => {} // of a later version
            }
            bytes = &bytes[end + 1..];
        }
        (!label.ports.is_empty()).then_some(label)
    }
}

/// The time of boot's clock.
pub(super) fn now() -> BootTime {
    let time = clock_gettime(ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    BootTime(seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0))
}

/// Checks that no text makes [`Label::parse`] panic, and that what it reads it would write.
pub(super) fn fuzz(bytes: &[u8]) {
    if let Some(label) = Label::parse(bytes) {
        assert_eq!(Label::parse(&label.encode()).as_ref(), Some(&label));
    }
}

fn words<T: std::str::FromStr>(text: &str) -> Option<Vec<T>> {
    text.split(' ').filter(|word| !word.is_empty()).map(|word| word.parse().ok()).collect()
}

/// Reads the file behind a link of `/proc`, which another process wrote: no more than a label may have.
fn read(path: &std::path::Path) -> io::Result<Vec<u8>> {
    // Nothing that is dressed up as one makes us wait.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).expect("a flag of open(2)");
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let mut bytes = Vec::new();
    if file.metadata()?.is_file() {
        file.take(LONGEST).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// The name of the file, and the link to it in `/proc/PID/fd`.
const MEMFD: &str = "portolan-lease";
const LINK: &str = "/memfd:portolan-lease (deleted)";
/// A path and every port there is.
const LONGEST: u64 = 1 << 19;
/// So much is read of the labels of one process: a hundred bytes for every port there is.
const MOST: usize = 1 << 23;

#[cfg(test)]
mod tests {
    use super::*;

    fn label() -> Label {
        Label {
            since: BootTime(123_456_789),
            ports: vec![Port(20_001), Port(20_007)],
            protos: vec![Proto::Tcp, Proto::Udp],
            tenant: Some(Pid(77)),
            identity: Some(Identity {
                project: std::ffi::OsString::from_vec(b"/srv/\xff\n x".to_vec()).into(),
                name: "web".parse().unwrap(),
            }),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let plain = Label { tenant: None, identity: None, ..label() };
        for label in [label(), plain] {
            assert_eq!(Label::parse(&label.encode()), Some(label));
        }
        assert_eq!(Label::parse(b"since 1\nports 7\nlater thing\n").unwrap().ports, [Port(7)]);
    }

    #[test]
    fn damage_is_no_label() {
        for text in ["", "since 1\n", "ports x\n", "ports 70000\n", "ports 1", "project /x", "\n"] {
            assert_eq!(Label::parse(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn a_label_is_found_in_its_process() {
        let unlike = Label { since: now(), ..label() };
        let published = unlike.publish().unwrap();
        let own = || Label::of_process(Pid(std::process::id()));
        assert!(own().contains(&unlike));
        assert!(File::from(published.try_clone().unwrap()).write_all(b"x").is_err());
        drop(published);
        assert!(!own().contains(&unlike));
    }
}
