//! The ways to connect.

use std::io;
use std::net::{SocketAddr, SocketAddrV4};
use std::os::fd::{AsRawFd, OwnedFd};

use alloc::dialer::{Connection, Dialer, Settings, Tracking};
use nix::sys::socket::{SockaddrIn, setsockopt, sockopt};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use sockets::PortSettings;

use crate::Failure;

/// Those there are.
pub(crate) const MODES: [&str; 5] = ["kernel", "whole", "random", "dialer", "default"];

/// How to connect.
pub(crate) enum Way {
    Kernel,
    Whole,
    Random { state: u64 },
    Dialer(Dialer),
}

/// What one connect gave: held until it is dropped.
pub(crate) enum Connected {
    Socket(#[expect(dead_code, reason = "held")] OwnedFd),
    Connection(#[expect(dead_code, reason = "held")] Connection),
}

impl Way {
    /// One of [`MODES`].
    pub(crate) fn new(mode: &str) -> Result<Way, Failure> {
        Ok(match mode {
            "kernel" => Way::Kernel,
            "whole" => Way::Whole,
            "random" => Way::Random { state: 88_172_645_463_325_252 },
            "dialer" => {
                Way::Dialer(Dialer::new(Settings::default().with_tracking(Tracking::Always))?)
            }
            "default" => Way::Dialer(Dialer::new(Settings::default())?),
            _ => return Err(format!("no mode: {mode}").into()),
        })
    }

    /// Connects a socket.
    pub(crate) fn connect(
        &mut self,
        socket: OwnedFd,
        server: SocketAddrV4,
        ports: &PortSettings,
        tries: &mut u32,
    ) -> Result<Connected, Failure> {
        let (first, last) = (ports.ephemeral.first().number(), ports.ephemeral.last().number());
        *tries += 1;
        match self {
            Way::Kernel => plain_connect(&socket, server)?,
            Way::Whole => {
                allow_ports(&socket, first, last)?;
                rustix::net::connect(&socket, &server)?;
            }
            Way::Random { state } => random(&socket, server, ports, state, tries)?,
            Way::Dialer(dialer) => {
                let connection = dialer.connect_with(socket, SocketAddr::V4(server), None)?;
                return Ok(Connected::Connection(connection));
            }
        }
        Ok(Connected::Socket(socket))
    }
}

/// Tries one random port after the other.
fn random(
    socket: &OwnedFd,
    server: SocketAddrV4,
    ports: &PortSettings,
    state: &mut u64,
    tries: &mut u32,
) -> Result<(), Failure> {
    for _ in 0..20_000 {
        xorshift(state);
        let offset = u16::try_from((*state >> 11) % u64::from(ports.ephemeral.count()))?;
        let port = ports.ephemeral.first().number() + offset;
        allow_ports(socket, port, port)?;
        *tries += 1;
        match rustix::net::connect(socket, &server) {
            Err(Errno::ADDRNOTAVAIL) => {}
            done => return Ok(done?),
        }
    }
    Err(Errno::ADDRNOTAVAIL.into())
}

/// The next of some numbers at random.
pub(crate) fn xorshift(state: &mut u64) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
}

/// A TCP socket.
pub(crate) fn stream_socket() -> io::Result<OwnedFd> {
    let (family, flags) = (AddressFamily::INET, SocketFlags::CLOEXEC);
    Ok(rustix::net::socket_with(family, SocketType::STREAM, flags, None)?)
}

/// As programs call it, by the C library: rustix asks the kernel by itself.
fn plain_connect(socket: &OwnedFd, server: SocketAddrV4) -> io::Result<()> {
    Ok(nix::sys::socket::connect(socket.as_raw_fd(), &SockaddrIn::from(server))?)
}

fn allow_ports(socket: &OwnedFd, first: u16, last: u16) -> io::Result<()> {
    Ok(setsockopt(socket, LocalPortRange, &(u32::from(first) | u32::from(last) << 16))?)
}

#[derive(Clone, Copy, Debug)]
struct LocalPortRange;

nix::setsockopt_impl!(
    LocalPortRange,
    libc::IPPROTO_IP,
    IP_LOCAL_PORT_RANGE,
    u32,
    sockopt::SetStruct<'_, u32>
);

/// `linux/in.h`.
const IP_LOCAL_PORT_RANGE: libc::c_int = 51;
