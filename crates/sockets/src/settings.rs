//! What this host does with its ports: its ephemeral range and the limits on binding.

use registry::{Port, PortRange};

/// A network namespace's port settings, from `/proc/sys/net/ipv4` (`ip-sysctl.rst` of the kernel).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortSettings {
    /// `ip_local_port_range`: the ports handed out to sockets that ask for any.
    pub ephemeral: PortRange,
    /// `ip_local_reserved_ports`: ports never handed out, though a program may still bind them.
    pub reserved: Vec<PortRange>,
    /// `ip_unprivileged_port_start`: ports below it need `CAP_NET_BIND_SERVICE`.
    pub unprivileged_start: Port,
}

impl PortSettings {
    /// Whether the kernel may hand `port` to a socket that asks for any.
    #[must_use]
    pub fn hands_out(&self, port: Port) -> bool {
        self.ephemeral.contains(port) && !self.is_reserved(port)
    }

    /// How many ports the kernel may hand out.
    #[must_use]
    pub fn handed_out(&self) -> usize {
        let ports = self.ephemeral.first().number()..=self.ephemeral.last().number();
        ports.filter(|port| !self.is_reserved(Port(*port))).count()
    }

    /// Whether `port` is kept from being handed out.
    #[must_use]
    pub fn is_reserved(&self, port: Port) -> bool {
        self.reserved.iter().any(|range| range.contains(port))
    }
}
