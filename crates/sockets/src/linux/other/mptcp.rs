//! MPTCP sockets (RFC 8684): what a program holds, while TCP's table has the subflows.

use registry::Proto;

use crate::linux::inet_diag;
use crate::{Error, Family, Socket, States};

/// Lists the MPTCP sockets of one family in these states, in the kernel's order, as TCP sockets:
/// ports, states and queues mean the same. Their namespace is not told.
///
/// # Errors
/// [`Error::Netlink`] if the kernel refuses the dump.
pub fn mptcp_sockets(family: Family, states: States) -> Result<Vec<Socket>, Error> {
    let request = inet_diag::request(family, NO_PROTOCOL, states.kernel_mask());
    let protocol = MPTCP.to_ne_bytes();
    let attribute = Some((ATTRIBUTE_PROTOCOL, &protocol[..]));
    super::rows("list mptcp sockets", &request, attribute, |row, device| {
        inet_diag::socket(row, Proto::Tcp, super::NO_NETNS, device)
    })
}

/// `IPPROTO_MPTCP`: too big for a byte, so it goes into an attribute.
const MPTCP: u32 = 262;
/// `INET_DIAG_REQ_PROTOCOL`, since Linux 5.9.
const ATTRIBUTE_PROTOCOL: u16 = 3;
/// What stands in its place in the request: a number for experiments (RFC 3692), which a kernel
/// that overlooks the attribute knows no sockets of.
const NO_PROTOCOL: u8 = 253;
