//! Where the recorder's programs are attached, and which of them this kernel has no place for.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::fd::AsRawFd;

use libbpf_rs::{Link, Object, OpenObject};

use super::awaited;
use crate::Error;

/// Hooks that not every kernel has, what they are for, and the type by which the kernel's own type
/// information shows that it does.
const OPTIONAL: [(&str, &str, &str); 2] = [
    ("receives", "btf_trace_sock_recv_length", "that another process than the opener reads from"),
    ("sends", "btf_trace_sock_send_length", "that a UDP socket without bind(2) sends from"),
];

/// Hooks that the recorder can do without where somebody else has them to themselves.
const DISPENSABLE: [&str; 2] = ["connects_datagrams4", "connects_datagrams6"];

/// What runs at no hook but on request.
const ON_REQUEST: [&str; 2] = ["survey", awaited::PROGRAM];

/// Leaves out of `object` what this kernel has no place for; returns a line for people on each.
pub(super) fn fit(object: &mut OpenObject) -> Vec<String> {
    let types = fs::read("/sys/kernel/btf/vmlinux").unwrap_or_default();
    let mut lacking = Vec::new();
    for (name, type_name, what) in OPTIONAL {
        if has_name(&types, type_name) {
            continue;
        }
        for mut program in object.progs_mut().filter(|program| program.name() == name) {
            program.set_autoload(false);
        }
        lacking.push(format!(
            "before Linux 6.3 no socket that is in use shows {what}: that is told when it closes"
        ));
    }
    lacking
}

/// Attaches every program that was loaded but those on request; they stay as long as the links. Adds
/// a line for people to `lacking` where one that can be done without is refused.
///
/// # Errors
/// [`Error::NoCgroups`] and [`Error::Attach`].
pub(super) fn attach(object: &Object, lacking: &mut Vec<String>) -> Result<Vec<Link>, Error> {
    let root = sockets::cgroup_root().ok_or(Error::NoCgroups)?;
    let root = File::open(&root).map_err(|source| Error::Cgroup { path: root, source })?;
    let mut links = Vec::new();
    let is_on_request = |name: &OsStr| ON_REQUEST.iter().any(|other| name == *other);
    for program in object.progs_mut().filter(|p| p.autoload() && !is_on_request(p.name())) {
        let is_of_cgroup = program.section().to_string_lossy().starts_with("cgroup/");
        let link =
            if is_of_cgroup { program.attach_cgroup(root.as_raw_fd()) } else { program.attach() };
        let name = program.name().to_string_lossy().into_owned();
        match link {
            Ok(link) => links.push(link),
            Err(error) if DISPENSABLE.contains(&&*name) => lacking.push(format!(
                "a UDP socket that is connected, not bound, shows when it is used or closes: {error}"
            )),
            Err(source) => return Err(Error::Attach { program: name, source }),
        }
    }
    Ok(links)
}

/// Whether `name` is among the strings of the type information.
fn has_name(types: &[u8], name: &str) -> bool {
    let wanted = [b"\0", name.as_bytes(), b"\0"].concat();
    types.windows(wanted.len()).any(|window| window == wanted)
}
