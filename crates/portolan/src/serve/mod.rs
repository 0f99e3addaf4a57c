//! This machine as the web is told of it.

mod local;

pub(crate) use local::Local;
