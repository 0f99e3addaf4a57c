//! The pages, one file each: what is asked of the machine, and the template it goes into.

pub(crate) mod chart;
pub(crate) mod port;
