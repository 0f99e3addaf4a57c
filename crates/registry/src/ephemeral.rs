//! The ports that each operating system hands out by default to sockets that ask for any, as its
//! documentation has it. What a host really does is its own affair: the `sockets` crate asks it.

use core::fmt;

use crate::{Port, PortRange};

/// An operating system with a documented ephemeral range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum System {
    /// Linux.
    Linux,
    /// FreeBSD.
    FreeBsd,
    /// OpenBSD.
    OpenBsd,
    /// macOS.
    MacOs,
    /// Windows since Vista and Server 2008.
    Windows,
}

impl System {
    /// Every system.
    pub const ALL: [System; 5] =
        [System::Linux, System::FreeBsd, System::OpenBsd, System::MacOs, System::Windows];

    /// The system's name, as it writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            System::Linux => "Linux",
            System::FreeBsd => "FreeBSD",
            System::OpenBsd => "OpenBSD",
            System::MacOs => "macOS",
            System::Windows => "Windows",
        }
    }

    /// The range that it hands out unless it is told otherwise.
    ///
    /// ```
    /// use registry::{Port, System};
    ///
    /// assert!(System::Linux.ephemeral().contains(Port(60440)));
    /// assert_eq!(System::Windows.ephemeral().to_string(), "49152-65535");
    /// ```
    #[must_use]
    pub fn ephemeral(self) -> PortRange {
        let (first, last) = match self {
            System::Linux => (32768, 60999),
            System::FreeBsd => (10000, 65535),
            System::OpenBsd => (1024, 49151),
            System::MacOs | System::Windows => (49152, 65535),
        };
        PortRange::new(Port(first), Port(last)).expect("the bounds above are in order")
    }

    /// The setting or command that shows and changes the range.
    #[must_use]
    pub const fn setting(self) -> &'static str {
        match self {
            System::Linux => "net.ipv4.ip_local_port_range",
            System::FreeBsd | System::MacOs => {
                "net.inet.ip.portrange.first, net.inet.ip.portrange.last"
            }
            System::OpenBsd => "net.inet.ip.portfirst, net.inet.ip.portlast",
            System::Windows => "netsh int ipv4 show dynamicport tcp",
        }
    }

    /// Where that is written.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            System::Linux => "Documentation/networking/ip-sysctl.rst of the kernel; ip(7)",
            System::FreeBsd => "ip(4); IPPORT_EPHEMERALFIRST in netinet/in.h",
            System::OpenBsd => "sysctl(2); IPPORT_RESERVED, IPPORT_USERRESERVED in netinet/in.h",
            System::MacOs => "ip(4); IPPORT_HIFIRSTAUTO in netinet/in.h of XNU",
            System::Windows => "Microsoft Learn, default dynamic port range for TCP/IP (KB 929851)",
        }
    }
}

impl fmt::Display for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::Territory;

    #[test]
    fn no_system_hands_out_system_ports() {
        for system in System::ALL {
            assert!(system.ephemeral().first() > Territory::System.range().last(), "{system}");
        }
    }

    #[test]
    fn a_port_is_ephemeral_here_and_not_there() {
        let hands_out = |port| {
            let inside = |system: &System| system.ephemeral().contains(Port(port));
            System::ALL.into_iter().filter(inside).map(System::name).collect::<Vec<_>>()
        };
        assert_eq!(hands_out(1023), [""; 0]);
        assert_eq!(hands_out(8080), ["OpenBSD"]);
        assert_eq!(hands_out(32767), ["FreeBSD", "OpenBSD"]);
        assert_eq!(hands_out(49151), ["Linux", "FreeBSD", "OpenBSD"]);
        assert_eq!(hands_out(61000), ["FreeBSD", "macOS", "Windows"]);
    }
}
