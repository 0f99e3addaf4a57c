//! Reads `/proc/net/{tcp,tcp6,udp,udp6}` (`proc(5)`, `net/ipv4/tcp_ipv4.c`): what `netstat` shows,
//! and what is left where `sock_diag` is refused.
//!
//! The files are read once from the start and never sought in: Linux 6.6.102–104, 6.12.42–45 and
//! 6.14.0 lose rows after a seek.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use registry::{Port, Proto};

use crate::{Endpoint, Error, Family, NetnsId, Socket, State, Timer, TimerKind};

/// One row of a table of `/proc/net`, as the kernel prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcNetRow {
    /// Our end; mapped addresses stay mapped.
    pub local: Endpoint,
    /// The far end.
    pub remote: Endpoint,
    /// The state.
    pub state: State,
    /// Bytes sent and not yet acknowledged; 0 for a listener.
    pub tx_queue: u32,
    /// Bytes received and not yet read; for a listener, connections waiting to be accepted.
    pub rx_queue: u32,
    /// Which timer runs: 0 none, 1 retransmission, 2 keep-alive, 3 `TIME-WAIT`, 4 zero window.
    pub timer: u8,
    /// When it fires, in hundredths of a second from now.
    pub timer_ticks: u64,
    /// How often it has fired without an answer.
    pub retransmits: u32,
    /// The user who made it.
    pub uid: u32,
    /// Unanswered keep-alive or zero window probes.
    pub probes: i32,
    /// Its inode in sockfs; 0 where no descriptor belongs to it.
    pub inode: u64,
}

/// A table of `/proc/net`, in two files: one for each family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcNetTable {
    /// `tcp`.
    Tcp,
    /// `udp`.
    Udp,
    /// `udplite` (RFC 3828).
    UdpLite,
    /// `raw`: the number of the protocol stands for the local port.
    Raw,
}

/// The rows of one table, in the kernel's order, for the network namespace of the calling thread.
/// Empty where the kernel has no such table.
///
/// # Errors
/// [`Error::Proc`] if the table cannot be read.
pub fn proc_net(table: ProcNetTable, family: Family) -> Result<Vec<ProcNetRow>, Error> {
    let mut rows = Vec::new();
    each(table, family, |row| rows.push(row))?;
    Ok(rows)
}

/// Calls `visit` for each row.
pub(super) fn each(
    table: ProcNetTable,
    family: Family,
    mut visit: impl FnMut(ProcNetRow),
) -> Result<(), Error> {
    let path = table.path(family);
    match read(&path, family, &mut visit) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Proc { path, source })
        }
        _ => Ok(()),
    }
}

impl ProcNetRow {
    /// The row as a socket of `netns`. What the table does not tell is missing: `v6only`, cookie,
    /// cgroup and device.
    pub(super) fn socket(&self, proto: Proto, family: Family, netns: NetnsId) -> Socket {
        Socket {
            proto,
            family,
            v6only: None,
            local: self.local,
            remote: self.remote,
            state: self.state,
            recv_q: self.rx_queue,
            send_q: self.tx_queue,
            uid: self.uid,
            inode: self.inode,
            cookie: 0,
            netns,
            cgroup: None,
            device: None,
            timer: self.running_timer(),
        }
    }

    fn running_timer(&self) -> Option<Timer> {
        Some(Timer {
            kind: TimerKind::from_kernel(self.timer)?,
            expires: Duration::from_millis(self.timer_ticks.saturating_mul(TICK_MS)),
            retransmits: u8::try_from(self.retransmits).unwrap_or(u8::MAX),
        })
    }
}

impl ProcNetTable {
    /// `/proc/net` is that of the process; a thread that has moved has its own.
    fn path(self, family: Family) -> PathBuf {
        let name = match (self, family) {
            (ProcNetTable::Tcp, Family::V4) => "tcp",
            (ProcNetTable::Tcp, Family::V6) => "tcp6",
            (ProcNetTable::Udp, Family::V4) => "udp",
            (ProcNetTable::Udp, Family::V6) => "udp6",
            (ProcNetTable::UdpLite, Family::V4) => "udplite",
            (ProcNetTable::UdpLite, Family::V6) => "udplite6",
            (ProcNetTable::Raw, Family::V4) => "raw",
            (ProcNetTable::Raw, Family::V6) => "raw6",
        };
        PathBuf::from("/proc/thread-self/net").join(name)
    }
}

fn read(path: &PathBuf, family: Family, visit: &mut impl FnMut(ProcNetRow)) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(BUFFER_LEN, File::open(path)?);
    let mut line = Vec::with_capacity(LINE_LEN);
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Some(row) = parse(&line, family) {
            visit(row);
        }
        line.clear();
    }
    Ok(())
}

/// Reads one line; `None` for the heading and what is no row.
pub(super) fn parse(line: &[u8], family: Family) -> Option<ProcNetRow> {
    let text = str::from_utf8(line).ok()?;
    let mut words = text.split_ascii_whitespace();
    words.next()?.strip_suffix(':')?;
    let local = endpoint(words.next()?, family)?;
    let remote = endpoint(words.next()?, family)?;
    let state = State::from_kernel(hex8(words.next()?)?)?;
    let (tx, rx) = words.next()?.split_once(':')?;
    let (timer, ticks) = words.next()?.split_once(':')?;
    Some(ProcNetRow {
        local,
        remote,
        state,
        tx_queue: hex32(tx)?,
        rx_queue: hex32(rx)?,
        timer: hex8(timer)?,
        timer_ticks: u64::from_str_radix(ticks, 16).ok()?,
        retransmits: hex32(words.next()?)?,
        uid: words.next()?.parse().ok()?,
        probes: words.next()?.parse().ok()?,
        inode: words.next()?.parse().ok()?,
    })
}

/// `0100007F:1F90`: the address in words of host order, the port as a number.
fn endpoint(text: &str, family: Family) -> Option<Endpoint> {
    let (addr, port) = text.split_once(':')?;
    let addr = match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from(word(addr)?)),
        Family::V6 => IpAddr::V6(v6(addr)?),
    };
    Some(Endpoint { addr, port: Port(u16::from_str_radix(port, 16).ok()?) })
}

fn v6(text: &str) -> Option<Ipv6Addr> {
    let mut bytes = [0; 16];
    for (at, four) in bytes.chunks_exact_mut(4).enumerate() {
        four.copy_from_slice(&word(text.get(at * 8..at * 8 + 8)?)?);
    }
    (text.len() == 32).then(|| Ipv6Addr::from(bytes))
}

/// Eight hexadecimal digits: four bytes of an address, printed as a number of host order.
fn word(text: &str) -> Option<[u8; 4]> {
    (text.len() == 8).then(|| hex32(text))?.map(u32::to_ne_bytes)
}

fn hex32(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}

fn hex8(text: &str) -> Option<u8> {
    u8::from_str_radix(text, 16).ok()
}

/// Timers are printed in `USER_HZ`, which is 100 on every architecture but Alpha.
const TICK_MS: u64 = 10;

const BUFFER_LEN: usize = 64 * 1024;
/// Rows are 150 to 180 bytes.
const LINE_LEN: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(text: &str) -> Endpoint {
        let addr: std::net::SocketAddr = text.parse().unwrap();
        Endpoint { addr: addr.ip(), port: Port(addr.port()) }
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn a_connection_with_a_timer() {
        let line = b"  12: 0100007F:9C40 0200007F:0016 01 0000000A:0000001F 02:000A78B7 00000003  1000        7 31337 2 0000000000000000 20 4 30 10 -1\n";
        let row = parse(line, Family::V4).unwrap();
        let expected = ProcNetRow {
            local: endpoint("127.0.0.1:40000"),
            remote: endpoint("127.0.0.2:22"),
            state: State::Established,
            tx_queue: 10,
            rx_queue: 31,
            timer: 2,
            timer_ticks: 0xa_78b7,
            retransmits: 3,
            uid: 1000,
            probes: 7,
            inode: 31337,
        };
        assert_eq!(row, expected);
        let socket = row.socket(Proto::Tcp, Family::V4, NetnsId(1));
        let timer = socket.timer.unwrap();
        assert_eq!((timer.kind, timer.retransmits), (TimerKind::KeepAlive, 3));
        assert_eq!(timer.expires, Duration::from_millis(6_862_630));
        assert_eq!((socket.recv_q, socket.send_q), (31, 10));
    }

    #[cfg(target_endian = "little")]
    #[test]
    fn a_mapped_address_stays_mapped() {
        let line = b"   0: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 5 2 0000000000000000 0\n";
        let row = parse(line, Family::V6).unwrap();
        assert_eq!(row.local, endpoint("[::ffff:127.0.0.1]:80"));
        assert!(row.remote.is_none());
        assert_eq!(row.state, State::Close);
        assert_eq!(row.running_timer(), None);
    }

    #[test]
    fn headings_and_damage_are_no_rows() {
        let heading = b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        assert_eq!(parse(heading, Family::V4), None);
        let whole = "0: 0100007F:9C40 0200007F:0016 01 0:0 00:0 0 0 0 1";
        assert!(parse(whole.as_bytes(), Family::V4).is_some());
        assert_eq!(parse(whole.as_bytes(), Family::V6), None);
        for end in 0..whole.len() {
            assert_eq!(parse(&whole.as_bytes()[..end], Family::V4), None, "{end}");
        }
        assert_eq!(parse("0: 0100007F:é".as_bytes(), Family::V4), None);
        let split = format!("0: {}é{}:0 0:0", "0".repeat(7), "0".repeat(23));
        assert_eq!(parse(split.as_bytes(), Family::V6), None);
    }
}
