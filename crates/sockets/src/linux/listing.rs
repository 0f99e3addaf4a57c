//! Lists what a [`Query`] asks for: namespace by namespace, protocol by protocol, over `sock_diag`
//! and, where the kernel refuses that, from `/proc/net`.

use std::io;

use registry::Proto;

use super::inet_diag::Table;
use super::netns;
use super::proc_net::{self, ProcNetTable};
use super::sock_diag::{Dump, SockDiag};
use crate::{Error, Family, Netns, NetnsId, NetnsScope, Note, Query, Snapshot, State};

/// Lists the sockets `query` asks for, in the namespaces it names.
///
/// # Errors
/// [`Error::Netlink`] if neither `sock_diag` nor `/proc/net` answers in our own namespace;
/// [`Error::Netns`] if the one namespace asked for does not exist or cannot be entered.
pub(super) fn list(query: &Query) -> Result<Snapshot, Error> {
    let own = netns::own()?;
    let mut snapshot = Snapshot::default();
    match query.netns {
        NetnsScope::Own => here(own, query, &mut snapshot)?,
        NetnsScope::One(id) if id == own.id => here(own, query, &mut snapshot)?,
        NetnsScope::One(id) => elsewhere(id, own.id, query, &mut snapshot)?,
        NetnsScope::All => {
            let id = own.id;
            here(own, query, &mut snapshot)?;
            everywhere_else(id, query, &mut snapshot);
        }
    }
    note_unlisted(query, &mut snapshot);
    Ok(snapshot)
}

/// Lists the namespace the calling thread is in, which is `netns`.
fn here(netns: Netns, query: &Query, snapshot: &mut Snapshot) -> Result<(), Error> {
    let mut diag = SockDiag::open(netns.id);
    for table in tables(query) {
        read(&mut diag, table, query, netns.id, snapshot)?;
    }
    snapshot.netns.push(netns);
    Ok(())
}

/// The tables to read, in the order of the registry, IPv4 first.
fn tables(query: &Query) -> Vec<Table> {
    let mut tables = Vec::new();
    for proto in Proto::ALL.into_iter().filter(|proto| query.protos.contains(proto)) {
        match query.family {
            Some(family) => tables.push(Table::One(proto, family)),
            None if proto == Proto::Tcp => tables.push(Table::Tcp),
            None => tables.extend(FAMILIES.map(|family| Table::One(proto, family))),
        }
    }
    tables
}

/// Dumps a table, or where that is refused, takes the next best way.
fn read(
    diag: &mut io::Result<SockDiag>,
    table: Table,
    query: &Query,
    netns: NetnsId,
    snapshot: &mut Snapshot,
) -> Result<(), Error> {
    match (dump(diag, table, query, snapshot), table) {
        (Ok(()), _) => Ok(()),
        // The older request may be unknown to a newer kernel.
        (Err(_), Table::Tcp) => FAMILIES.into_iter().try_for_each(|family| {
            read(diag, Table::One(Proto::Tcp, family), query, netns, snapshot)
        }),
        (Err(error), Table::One(proto, family)) => {
            fall_back((proto, family), query, netns, error, snapshot)
        }
    }
}

fn dump(
    diag: &mut io::Result<SockDiag>,
    table: Table,
    query: &Query,
    snapshot: &mut Snapshot,
) -> io::Result<()> {
    let diag = diag.as_mut().map_err(|error| copy(error))?;
    let before = snapshot.sockets.len();
    match diag.dump(table, query, &mut snapshot.sockets) {
        Ok(Dump::Whole) => {}
        Ok(Dump::Interrupted) => note(snapshot, Note::DumpInterrupted),
        Err(error) => {
            snapshot.sockets.truncate(before);
            return Err(error);
        }
    }
    Ok(())
}

/// Reads `/proc/net` in place of a dump that failed with `error`. A kernel without SCTP or DCCP has
/// no such sockets.
fn fall_back(
    (proto, family): (Proto, Family),
    query: &Query,
    netns: NetnsId,
    error: io::Error,
    snapshot: &mut Snapshot,
) -> Result<(), Error> {
    let table = match proto {
        Proto::Tcp => ProcNetTable::Tcp,
        Proto::Udp => ProcNetTable::Udp,
        Proto::Sctp | Proto::Dccp => return Ok(()),
    };
    let before = snapshot.sockets.len();
    let read = proc_net::each(table, family, |row| {
        let socket = row.socket(proto, family, netns);
        snapshot.sockets.extend(Some(socket).filter(|socket| query.matches(socket)));
    });
    if read.is_err() {
        snapshot.sockets.truncate(before);
        return Err(Error::Netlink { what: what(proto), source: error });
    }
    note(snapshot, Note::ProcNet { why: error.to_string() });
    Ok(())
}

const fn what(proto: Proto) -> &'static str {
    match proto {
        Proto::Tcp => "list tcp sockets",
        Proto::Udp => "list udp sockets",
        Proto::Sctp => "list sctp sockets",
        Proto::Dccp => "list dccp sockets",
    }
}

/// Lists the one namespace `id`, which is not our own.
fn elsewhere(
    id: NetnsId,
    own: NetnsId,
    query: &Query,
    snapshot: &mut Snapshot,
) -> Result<(), Error> {
    let failed = |source| Error::Netns { netns: id, source };
    let mut doors = netns::others(own).doors;
    doors.retain(|door| door.netns.id == id);
    let mut listed = Err(failed(io::ErrorKind::NotFound.into()));
    netns::visit(doors, |netns, entered| {
        listed = entered.map_err(failed).and_then(|()| here(netns, query, snapshot));
    })
    .map_err(failed)?;
    listed
}

/// Lists every namespace but our own; what cannot be entered becomes a note.
fn everywhere_else(own: NetnsId, query: &Query, snapshot: &mut Snapshot) {
    let others = netns::others(own);
    if others.unreadable > 0 {
        note(snapshot, Note::NetnsHidden { processes: others.unreadable });
    }
    let ids: Vec<_> = others.doors.iter().map(|door| door.netns.id).collect();
    let visited = netns::visit(others.doors, |netns, entered| {
        let id = netns.id;
        let failed = |source| Error::Netns { netns: id, source };
        let listed = entered.map_err(failed).and_then(|()| here(netns, query, snapshot));
        if let Err(error) = listed {
            note(snapshot, unreadable(id, &error));
        }
    });
    if let Err(error) = visited {
        ids.into_iter().for_each(|id| note(snapshot, unreadable(id, &error)));
    }
}

/// The note for a namespace that could not be listed; the innermost error says why.
fn unreadable(netns: NetnsId, error: &dyn std::error::Error) -> Note {
    let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    Note::NetnsUnreadable { netns, why }
}

/// Says where the kernel is too old to list bound but silent sockets. A kernel that lists one is
/// not, whatever its number: distributions carry patches back.
fn note_unlisted(query: &Query, snapshot: &mut Snapshot) {
    let wanted = query.protos.contains(&Proto::Tcp) && query.states.contains(State::Bound);
    let listed = || snapshot.sockets.iter().any(|socket| socket.state == State::Bound);
    let release = || rustix::system::uname().release().to_bytes().to_vec();
    if wanted && is_before(&release(), BOUND_SINCE) && !listed() {
        note(snapshot, Note::BoundUnlisted);
    }
}

/// Whether a kernel release such as `6.1.0-18-amd64` comes before `version`; one that cannot be
/// read does not.
fn is_before(release: &[u8], version: (u32, u32)) -> bool {
    let mut numbers = release
        .split(|byte| !byte.is_ascii_digit())
        .map(|digits| str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u32>().ok()));
    let major = numbers.next().flatten();
    let minor = numbers.next().flatten();
    major.zip(minor).is_some_and(|found| found < version)
}

/// Adds a note, once.
fn note(snapshot: &mut Snapshot, note: Note) {
    if !snapshot.notes.contains(&note) {
        snapshot.notes.push(note);
    }
}

/// `io::Error` cannot be cloned; one from the system is its number.
fn copy(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

const FAMILIES: [Family; 2] = [Family::V4, Family::V6];

/// Linux 6.8 lists bound but silent TCP sockets (`TCPF_BOUND_INACTIVE`).
const BOUND_SINCE: (u32, u32) = (6, 8);

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;
    use crate::Ports;

    #[test]
    fn kernel_releases_compare_by_number() {
        for old in ["6.1.0-18-amd64", "5.14.0-427.el9.x86_64", "6.7", "4.18.0"] {
            assert!(is_before(old.as_bytes(), BOUND_SINCE), "{old}");
        }
        for new in ["6.8.0-31-generic", "6.18.44", "7.0-rc1", "10.2", "", "weird"] {
            assert!(!is_before(new.as_bytes(), BOUND_SINCE), "{new}");
        }
    }

    #[test]
    fn tables_come_in_a_fixed_order() {
        let query = Query { protos: vec![Proto::Udp, Proto::Tcp], ..Query::default() };
        let udp = FAMILIES.map(|family| Table::One(Proto::Udp, family));
        assert_eq!(tables(&query), [Table::Tcp, udp[0], udp[1]]);
        let query = Query { family: Some(Family::V6), ..query };
        assert_eq!(tables(&query), [Table::One(Proto::Tcp, Family::V6), udp[1]]);
    }

    #[test]
    fn a_refused_dump_is_read_from_proc_net() {
        let bound = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = Port(bound.local_addr().unwrap().port());
        let query = Query { ports: Ports::Local(port.into()), ..Query::default() };
        let mut snapshot = Snapshot::default();
        let mut refused = Err(io::Error::from_raw_os_error(1));
        for table in tables(&query) {
            read(&mut refused, table, &query, NetnsId(7), &mut snapshot).unwrap();
        }
        let found: Vec<_> = snapshot.sockets.iter().filter(|s| s.proto == Proto::Udp).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].family, found[0].netns), (Family::V4, NetnsId(7)));
        assert_ne!(found[0].inode, 0);
        assert!(
            matches!(&snapshot.notes[..], [Note::ProcNet { why }] if why.contains("permitted"))
        );
    }

    #[test]
    fn a_kernel_without_sctp_has_no_sctp_sockets() {
        let query = Query { protos: vec![Proto::Sctp, Proto::Dccp], ..Query::default() };
        let snapshot = list(&query).unwrap();
        assert_eq!(snapshot.notes, []);
        assert_eq!(snapshot.netns.len(), 1);
    }
}
