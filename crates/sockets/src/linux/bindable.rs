//! Asks the kernel whether a port can be bound, by binding it.

use registry::{Port, Proto};

use crate::BindTrial;

pub(super) fn try_binds(_port: Port, _protos: &[Proto]) -> Vec<BindTrial> {
    Vec::new()
}
