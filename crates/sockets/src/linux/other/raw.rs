//! Raw IP sockets: over `sock_diag`, or where the kernel lacks `raw_diag`, from `/proc/net/raw`.

use std::net::IpAddr;

use registry::Proto;

use crate::linux::inet_diag;
use crate::linux::proc_net::{self, ProcNetTable};
use crate::{Device, Error, Family, Socket, State, States};

/// A raw IP socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawSocket {
    /// The IP protocol it receives.
    pub protocol: u8,
    /// The family it was made with.
    pub family: Family,
    /// For IPv6: whether `IPV6_V6ONLY` is set. `None` for IPv4 and where the kernel does not tell.
    pub v6only: Option<bool>,
    /// The address it is bound to.
    pub local: IpAddr,
    /// The address it is connected to.
    pub remote: IpAddr,
    /// [`State::Established`] when connected, [`State::Close`] when not.
    pub state: State,
    /// Memory taken by what it has received and not yet read.
    pub recv_q: u32,
    /// Memory taken by what it has sent and is not yet gone.
    pub send_q: u32,
    /// Its inode in sockfs.
    pub inode: u64,
    /// The device it is bound to; not known from `/proc/net`.
    pub device: Option<Device>,
}

/// Lists the raw sockets of these families in these states, in the given order of families and the
/// kernel's within.
///
/// # Errors
/// [`Error`] if neither `sock_diag` nor `/proc/net` answers.
pub fn raw_sockets(families: &[Family], states: States) -> Result<Vec<RawSocket>, Error> {
    let mut sockets = Vec::new();
    for family in families {
        sockets.extend(by_diag(*family, states)?);
    }
    if sockets.is_empty() {
        for family in families {
            sockets.extend(by_proc(*family, states)?);
        }
    }
    Ok(sockets)
}

fn by_diag(family: Family, states: States) -> Result<Vec<RawSocket>, Error> {
    let request = inet_diag::request(family, RAW, states.kernel_mask());
    super::rows("list raw sockets", &request, None, |row, device| {
        inet_diag::socket(row, NEAREST, super::NO_NETNS, device).and_then(raw)
    })
}

fn by_proc(family: Family, states: States) -> Result<Vec<RawSocket>, Error> {
    let mut sockets = Vec::new();
    proc_net::each(ProcNetTable::Raw, family, |row| {
        sockets.extend(raw(row.socket(NEAREST, family, super::NO_NETNS)));
    })?;
    sockets.retain(|socket| states.contains(socket.state));
    Ok(sockets)
}

/// Where others have their local port, a raw socket has its protocol.
fn raw(socket: Socket) -> Option<RawSocket> {
    Some(RawSocket {
        protocol: u8::try_from(socket.local.port.number()).ok()?,
        family: socket.family,
        v6only: socket.v6only,
        local: socket.local.addr,
        remote: socket.remote.addr,
        state: socket.state,
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        inode: socket.inode,
        device: socket.device,
    })
}

/// `IPPROTO_RAW`: every raw socket, whatever it receives.
const RAW: u8 = 255;
/// The protocol whose states mean what those of raw sockets do.
const NEAREST: Proto = Proto::Udp;
