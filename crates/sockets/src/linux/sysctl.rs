//! The port settings of a network namespace, from `/proc/sys/net/ipv4`.

use registry::{Port, PortRange};

use crate::{Error, PortSettings};

pub(super) fn port_settings() -> Result<PortSettings, Error> {
    let ephemeral = PortRange::new(Port(32768), Port(60999)).expect("in order");
    Ok(PortSettings { ephemeral, reserved: Vec::new(), unprivileged_start: Port(1024) })
}
