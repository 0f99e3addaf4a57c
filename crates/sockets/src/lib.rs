//! Which sockets are open on this machine, and which processes hold them.
//!
//! [`Source`] is the contract; [`host`] is this machine's own. Everything else is plain data.
//! What could not be seen is data too: [`Note`] says what and why, and [`Owners`] tells a hidden
//! owner from none.

mod bindable;
mod endpoint;
mod error;
mod event;
mod findings;
mod limits;
mod listening;
mod note;
mod owner;
mod query;
mod room;
mod settings;
mod socket;
mod source;
mod state;
mod turnstile;

#[cfg(target_os = "linux")]
mod linux;

/// The parsers of foreign bytes, for fuzzing only.
#[cfg(target_os = "linux")]
#[doc(hidden)]
pub mod fuzz {
    pub use crate::linux::fuzz::*;
    pub use crate::linux::other::fuzz::*;
    pub use crate::linux::owners::fuzz::*;
    pub use crate::linux::sampler::fuzz::*;
}

pub use bindable::{
    BIND_ADDRESSES, BindPremises, BindTrial, BindVerdict, Outcome, Privilege, Reason, Remedy,
    explain_binds, predict_binds,
};
pub use endpoint::{Endpoint, Family};
pub use error::Error;
pub use event::{
    BootTime, Closed, Ending, Event, EventKind, Evidence, NoPort, Opened, Program, ProgramKey,
    Role, Watcher, Watching,
};
pub use findings::{Findings, Held};
pub use limits::{Conntrack, Counters, DescriptorUse, Descriptors, Gauge, Limits, NatPool};
#[cfg(target_os = "linux")]
pub use linux::{
    Census, Counted, Linux, ProcNetRow, ProcNetTable, Processes, Sampler, SourceRoute, Users,
    cgroup_root, descriptors, group_id, group_members, in_other_namespaces, limits,
    other as linux_other, proc_net, raise_loopback, source_routes,
};
pub use listening::Listening;
pub use note::Note;
pub use owner::{Ancestor, Holder, Method, Owners, Ownership, Pid, Place, Process, Search, User};
pub use query::{NetnsScope, Ports, Query};
pub use room::{
    Cliff, Course, Destination, Flow, Half, Outlook, Pool, Reuse, Room, StateCounts, TimeWaitReuse,
    Trend, Usage,
};
pub use settings::PortSettings;
pub use socket::{CgroupId, Device, Netns, NetnsId, Socket, Timer, TimerKind, Tuple};
pub use source::{Snapshot, Source};
pub use state::{State, States};
pub use turnstile::{Turnover, Turnstile};

/// This machine.
#[cfg(target_os = "linux")]
#[must_use]
pub fn host() -> impl Source + Sync {
    Linux
}
