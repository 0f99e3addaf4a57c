//! What can go wrong when programs are put into the kernel.

use std::io;
use std::path::PathBuf;

/// A failure to run a program in the kernel. Lacking a part that is not essential is no error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The kernel does not describe its types, so programs cannot be fitted to it.
    #[error(
        "could not find the kernel's type information at /sys/kernel/btf/vmlinux: it was built \
         without CONFIG_DEBUG_INFO_BTF"
    )]
    NoTypes,
    /// A program or one of its maps was refused: for want of privilege, or by an old kernel.
    #[error("could not load the {what} into the kernel")]
    Load {
        /// Which one: "recorder".
        what: &'static str,
        /// What the kernel said.
        source: libbpf_rs::Error,
    },
    /// A loaded program could not be put in its place.
    #[error("could not attach the program {program} to the kernel")]
    Attach {
        /// Its name in the source.
        program: String,
        /// What the kernel said.
        source: libbpf_rs::Error,
    },
    /// The cgroup v2 tree is not mounted whole, to whose root programs are attached.
    #[error(
        "could not find the root of the cgroup v2 tree in /proc/self/mountinfo: is cgroup2 mounted, \
         and this not a container?"
    )]
    NoCgroups,
    /// The root of the cgroup v2 tree could not be opened.
    #[error("could not open {}", path.display())]
    Cgroup {
        /// Where it is mounted.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// These are not the machine's first pid namespace, whose pids the programs see.
    #[error(
        "could not match the kernel's pids with ours, for this is a pid namespace of its own: run \
         it outside of the container, or with its --pid=host"
    )]
    ForeignPids,
    /// The clock since boot is not the machine's own, by which the programs tell when things happen.
    #[error(
        "could not match the kernel's times with ours, for this is a time namespace of its own: run \
         it outside of that"
    )]
    ForeignTime,
    /// Processes could not be looked at.
    #[error("could not look at the processes")]
    Processes(#[source] sockets::Error),
    /// The pilot is attached to no cgroup.
    #[error("could not find the pilot: it is not on")]
    NotPiloted,
    /// What a program knows could not be read or changed.
    #[error("could not use the programs' table of {name}")]
    Map {
        /// Its name in the source.
        name: &'static str,
        /// What the kernel said.
        source: libbpf_rs::Error,
    },
    /// The routes could not be read.
    #[error("could not read the routes")]
    Routes(#[source] sockets::Error),
    /// The place where something is pinned could not be made or taken away.
    #[error("could not {what} {path}")]
    Pin {
        /// What was attempted: "mount a BPF filesystem at".
        what: &'static str,
        /// Where.
        path: &'static str,
        /// What the kernel said.
        source: io::Error,
    },
}
