//! Names of hosts, from the system's own resolver, and addresses as the C library spells them.
//!
//! `getnameinfo(3)` looks where `nsswitch.conf(5)` says: `/etc/hosts`, then as a rule a name server.
//! Doing that without the C library would be another answer than the tools give.

use super::inet_ntop::v6_text;
use std::net::{IpAddr, SocketAddr};

/// The name of the host with this address; `None` where it has none.
pub(crate) fn name(addr: IpAddr) -> Option<String> {
    let socket = SocketAddr::new(addr, 0);
    let (host, _port) = dns_lookup::getnameinfo(&socket, NAME_REQUIRED).ok()?;
    Some(host)
}

/// The address in numbers, a mapped one as IPv4.
pub(crate) fn numeric(addr: IpAddr) -> String {
    match addr.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6_text(v6),
    }
}

/// `NI_NAMEREQD` of `netdb.h`: no numbers in place of a name.
const NAME_REQUIRED: i32 = 8;
