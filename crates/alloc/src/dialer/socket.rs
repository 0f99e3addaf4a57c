//! The system calls of a dial: a socket, its source address, the ports it may get, `connect(2)`.
//!
//! Sources: `ip(7)` for `IP_LOCAL_PORT_RANGE` and `IP_BIND_ADDRESS_NO_PORT`, and
//! `__inet_hash_connect` of the kernel's `net/ipv4/inet_hashtables.c`. Which port to ask for is
//! decided elsewhere.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use nix::sys::socket::{setsockopt, sockopt};
use registry::{Port, PortRange};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, ipproto, socket_with};

/// Whether calls on a socket wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Blocking,
    NonBlocking,
}

/// How far a connect has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Connected,
    /// The port is taken and a SYN is out.
    UnderWay,
}

/// A TCP socket for `destination`: IPv6 for mapped ones too, so that its peer is what was asked for.
pub(super) fn open(destination: &SocketAddr, mode: Mode) -> io::Result<OwnedFd> {
    let family = match destination {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = match mode {
        Mode::Blocking => SocketFlags::CLOEXEC,
        Mode::NonBlocking => SocketFlags::CLOEXEC.union(SocketFlags::NONBLOCK),
    };
    Ok(socket_with(family, SocketType::STREAM, flags, None)?)
}

/// Has calls on the socket wait, or not.
pub(super) fn set_mode(socket: impl AsFd, mode: Mode) -> io::Result<()> {
    Ok(rustix::io::ioctl_fionbio(socket, mode == Mode::NonBlocking)?)
}

/// Lets the kernel choose among `ports` alone. It ignores an end outside of the sysctl's range.
pub(super) fn allow_ports(socket: impl AsFd, ports: PortRange) -> io::Result<()> {
    let (first, last) = (ports.first().number(), ports.last().number());
    let value = u32::from(first) | u32::from(last) << 16;
    Ok(setsockopt(&socket, LocalPortRange, &value)?)
}

/// Gives the socket a source address, and leaves the port for `connect(2)` to choose.
pub(super) fn bind_source(
    socket: impl AsFd,
    source: IpAddr,
    destination: &SocketAddr,
) -> io::Result<()> {
    setsockopt(&socket, sockopt::IpBindAddressNoPort, &true)?;
    let addr = match (source, destination) {
        (IpAddr::V4(v4), SocketAddr::V6(_)) => IpAddr::V6(v4.to_ipv6_mapped()),
        (source, _) => source,
    };
    Ok(rustix::net::bind(socket, &SocketAddr::new(addr, 0))?)
}

/// Starts to connect; where the socket blocks, waits until that is over.
///
/// `ADDRNOTAVAIL`: none of the ports that the kernel may choose from is free.
pub(super) fn start(socket: impl AsFd, destination: &SocketAddr) -> Result<Progress, Errno> {
    match rustix::net::connect(socket, destination) {
        Ok(()) => Ok(Progress::Connected),
        // After a signal the kernel goes on without us.
        Err(Errno::INPROGRESS | Errno::INTR) => Ok(Progress::UnderWay),
        Err(error) => Err(error),
    }
}

/// How a connect that was started has gone so far: a second `connect(2)` tells.
pub(super) fn resume(socket: impl AsFd, destination: &SocketAddr) -> Result<Progress, Errno> {
    match rustix::net::connect(socket, destination) {
        Ok(()) | Err(Errno::ISCONN) => Ok(Progress::Connected),
        Err(Errno::ALREADY | Errno::INPROGRESS | Errno::INTR) => Ok(Progress::UnderWay),
        Err(error) => Err(error),
    }
}

/// Waits until something has happened to a connect, until `deadline` at the latest.
pub(super) fn wait(socket: impl AsFd, deadline: Option<Instant>) -> io::Result<()> {
    let mut polled = [PollFd::new(&socket, PollFlags::OUT)];
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    match poll(&mut polled, left.map(timespec).as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Our end of a socket.
pub(super) fn local(socket: impl AsFd) -> io::Result<SocketAddr> {
    let addr = rustix::net::getsockname(socket)?;
    Ok(SocketAddr::try_from(addr)?)
}

/// The source address that the kernel would choose towards `destination`. Sends nothing.
pub(super) fn routed_source(destination: &SocketAddr) -> io::Result<IpAddr> {
    let any: IpAddr = match destination {
        SocketAddr::V4(_) => IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let family = if any.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::DGRAM, flags, Some(ipproto::UDP))?;
    rustix::net::connect(&socket, destination)?;
    Ok(local(&socket)?.ip().to_canonical())
}

/// Whether this kernel has the option `IP_LOCAL_PORT_RANGE`.
pub(super) fn knows_port_ranges() -> io::Result<bool> {
    let destination = SocketAddr::from(([127, 0, 0, 1], 1));
    let socket = open(&destination, Mode::Blocking)?;
    let all = PortRange::new(Port(1), Port::MAX).expect("1 comes before 65535");
    Ok(allow_ports(&socket, all).is_ok())
}

/// The kernel's release, such as `6.18.44`.
pub(super) fn release() -> Vec<u8> {
    rustix::system::uname().release().to_bytes().to_vec()
}

fn timespec(left: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: i64::from(left.subsec_nanos()),
    }
}

/// Which ports the kernel may choose from for this socket: the first in the lower half of the value, the last in the upper.
#[derive(Clone, Copy, Debug)]
struct LocalPortRange;

// Neither rustix nor nix has the option; nix has what it takes to define one without `unsafe`.
nix::setsockopt_impl!(
    LocalPortRange,
    libc::IPPROTO_IP,
    IP_LOCAL_PORT_RANGE,
    u32,
    sockopt::SetStruct<'_, u32>
);

/// `IP_LOCAL_PORT_RANGE` of `linux/in.h`, Linux 6.3.
const IP_LOCAL_PORT_RANGE: libc::c_int = 51;
