//! The pages, one file each: what is asked of the machine, and the template it goes into.

pub(crate) mod before;
pub(crate) mod chart;
pub(crate) mod doctor;
pub(crate) mod leases;
pub(crate) mod list;
pub(crate) mod missing;
pub(crate) mod now;
pub(crate) mod port;
pub(crate) mod room;
pub(crate) mod search;
pub(crate) mod watch;
