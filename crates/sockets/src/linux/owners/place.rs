//! Which systemd unit and which container a cgroup belongs to, read off its path.
//!
//! Paths: `cgroups(7)`, systemd's "Control Group APIs and Delegation", and what the container
//! runtimes make. They are names that programs chose, so nothing here is proof.

use std::borrow::Cow;
use std::sync::Arc;

use crate::Place;

/// Where a process runs whose `/proc/PID/cgroup` has this text.
pub(super) fn of_process(text: &[u8]) -> Place {
    path(text).map_or_else(Place::default, of_path)
}

/// The place of a cgroup with this path.
pub(super) fn of_path(path: &[u8]) -> Place {
    let path = String::from_utf8_lossy(path);
    Place {
        unit: unit(&path).map(Arc::from),
        container: container(&path).map(Arc::from),
        cgroup: Arc::from(path),
    }
}

/// The path in a cgroup file that tells most: that of cgroup v2 (`0::`), on a hybrid host that of
/// systemd's own v1 hierarchy, else any other; each where it is not the root.
fn path(text: &[u8]) -> Option<&[u8]> {
    let lines = || text.split(|byte| *byte == b'\n').filter_map(hierarchy);
    let told = |wanted: fn(&[u8], &[u8]) -> bool| {
        lines().find(|(id, names, path)| wanted(id, names) && *path != b"/").map(|(.., path)| path)
    };
    told(|id, _| id == b"0")
        .or_else(|| told(|_, names| names == b"name=systemd"))
        .or_else(|| told(|_, _| true))
        .or_else(|| lines().next().map(|(.., path)| path))
}

/// The number, the controllers and the path of a line `ID:CONTROLLERS:PATH`.
fn hierarchy(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let mut fields = line.splitn(3, |byte| *byte == b':');
    let (id, names, path) = (fields.next()?, fields.next()?, fields.next()?);
    path.starts_with(b"/").then_some((id, names, path))
}

/// The innermost systemd unit that processes run in. Slices only group units.
fn unit(path: &str) -> Option<&str> {
    let of_unit = |name: &&str| {
        name.rsplit_once('.').is_some_and(|(stem, kind)| !stem.is_empty() && UNITS.contains(&kind))
    };
    let name = path.rsplit('/').find(of_unit)?;
    // systemd puts `_` before a name that would look like one of the kernel's files.
    Some(name.strip_prefix('_').unwrap_or(name))
}

/// The innermost container, `RUNTIME:ID`.
fn container(path: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').collect();
    (0..names.len()).rev().find_map(|at| {
        let above = &names[..at];
        container_scope(names[at]).or_else(|| container_below(above, names[at]))
    })
}

/// The container that a cgroup is named after, wherever it is.
fn container_scope(name: &str) -> Option<String> {
    let scope = name.strip_suffix(".scope");
    if let Some(machine) = scope.and_then(|scope| scope.strip_prefix("machine-")) {
        let machine = unescape(machine);
        // libvirt's virtual machines are registered the same way and are no containers.
        return (!machine.starts_with("qemu-")).then(|| format!("nspawn:{machine}"));
    }
    if let Some(instance) = name.strip_prefix("systemd-nspawn@") {
        return Some(format!("nspawn:{}", unescape(instance.strip_suffix(".service")?)));
    }
    if let Some(name) = name.strip_prefix("lxc.payload.") {
        return (!name.is_empty()).then(|| format!("lxc:{name}"));
    }
    // Where containerd was told the wrong cgroup driver: `kubepods-….slice:cri-containerd:ID`.
    let by_colon =
        name.rsplit_once(':').and_then(|(rest, id)| Some((rest.rsplit_once(':')?.1, id)));
    let (prefix, id) = by_colon.or_else(|| scope.unwrap_or(name).rsplit_once('-'))?;
    let (_, runtime) = RUNTIMES.into_iter().find(|(known, _)| *known == prefix)?;
    Some(format!("{runtime}:{}", short(id)?))
}

/// The container whose cgroup `name` lies below ones that tell its runtime.
fn container_below(above: &[&str], name: &str) -> Option<String> {
    let parent = *above.last()?;
    match parent {
        "docker" => return Some(format!("docker:{}", short(name)?)),
        "lxc" | "lxc.payload" if !name.is_empty() => return Some(format!("lxc:{name}")),
        _ => {}
    }
    let in_pod = parent.starts_with("pod") && above.contains(&"kubepods");
    (in_pod || parent == "kubepods").then(|| Some(format!("kubernetes:{}", short(name)?)))?
}

/// The first twelve digits of a container's hexadecimal number, as its runtime shows it.
fn short(id: &str) -> Option<&str> {
    let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { id.get(..12) } else { None }
}

/// A name with systemd's `\xNN` undone (`systemd-escape(1)`).
fn unescape(name: &str) -> Cow<'_, str> {
    if !name.contains("\\x") {
        return Cow::Borrowed(name);
    }
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = rest.strip_prefix(b"\\x").and_then(|rest| rest.split_at_checked(2));
        let byte = escaped.and_then(|(digits, rest)| Some((hex(digits)?, rest)));
        let (byte, after) = byte.unwrap_or((*first, after));
        bytes.push(byte);
        rest = after;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { u8::from_str_radix(digits, 16).ok() } else { None }
}

/// The kinds of units that processes run in (`systemd.unit(5)`).
const UNITS: [&str; 5] = ["service", "scope", "socket", "mount", "swap"];

/// What a cgroup's name begins with before the container's number, and the runtime it tells. Those
/// of helpers outside the container (`libpod-conmon-…`, `crio-conmon-…`) are not among them.
const RUNTIMES: [(&str, &str); 7] = [
    ("docker", "docker"),
    ("cri-containerd", "containerd"),
    ("containerd", "containerd"),
    ("nerdctl", "containerd"),
    ("libpod", "podman"),
    ("libpod-payload", "podman"),
    ("crio", "cri-o"),
];

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
