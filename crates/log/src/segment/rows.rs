//! The rows of a segment as the tenures that they are.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use registry::{Port, Proto};
use sockets::{Ending, Endpoint, Evidence, Family, NetnsId, Opened, Role};

use super::Segment;
use super::name::Part;
use super::programs;
use super::read::TenureFile;
use super::scan::Damage;
use super::schema::Column;
use super::summary::until;
use super::words::Word as _;
use crate::{Error, Moment, Party, Tenure};

/// The tenures in some rows of `segment`, ascending; and what is damaged, where it is the programs,
/// so that the parties are not known.
pub(super) fn tenures(
    segment: &Segment,
    file: &TenureFile,
    rows: &[u32],
) -> Result<(Vec<Tenure>, Option<Damage>), Error> {
    let parties = [Column::Opener, Column::Taker, Column::Closer];
    let [openers, takers, closers] = parties.map(|column| file.words(column, rows));
    let (openers, takers, closers) = (openers?, takers?, closers?);
    let numbers = openers.iter().chain(&takers).chain(&closers).flatten().copied();
    let numbers: Vec<u32> = numbers.collect::<BTreeSet<u32>>().into_iter().collect();
    let path = segment.path(Part::Programs);
    let (programs, damage) = match programs::some(&path, segment.number(), &numbers) {
        Ok(programs) => (programs, None),
        Err(error) => (Default::default(), Some(Damage::of(segment, Part::Programs, &error))),
    };
    let party = |number: Option<u32>| {
        let program = number.and_then(|number| programs.get(&number));
        program.map_or(Party::Unknown, |program| Party::Known(Arc::clone(program)))
    };
    let mut tenures = bare(file, rows)?;
    for (at, tenure) in tenures.iter_mut().enumerate() {
        tenure.opener = party(openers[at]);
        tenure.taker = party(takers[at]);
        tenure.closer = party(closers[at]);
    }
    Ok((tenures, damage))
}

/// The tenures in some rows without their parties.
pub(super) fn bare(file: &TenureFile, rows: &[u32]) -> Result<Vec<Tenure>, Error> {
    let mut netns = file.longs(Column::Netns, rows)?.into_iter();
    let mut proto = file.parsed(Column::Proto, rows, Proto::of)?.into_iter();
    let mut family = file.parsed(Column::Family, rows, Family::of)?.into_iter();
    let mut v6only = file.flags(Column::V6only, rows)?.into_iter();
    let mut local_addr = file.parsed(Column::LocalAddr, rows, addr)?.into_iter();
    let mut local_port = file.words(Column::LocalPort, rows)?.into_iter();
    let mut remote_addr = file.parsed(Column::RemoteAddr, rows, addr)?.into_iter();
    let mut remote_port = file.words(Column::RemotePort, rows)?.into_iter();
    let mut role = file.parsed(Column::Role, rows, Role::of)?.into_iter();
    let mut uid = file.words(Column::Uid, rows)?.into_iter();
    let mut start = file.longs(Column::Start, rows)?.into_iter();
    let mut duration = file.longs(Column::Duration, rows)?.into_iter();
    let mut stepped = file.longs(Column::Stepped, rows)?.into_iter();
    let mut ending = file.parsed(Column::Ending, rows, Ending::of)?.into_iter();
    let mut evidence = file.parsed(Column::Evidence, rows, Evidence::of)?.into_iter();
    let mut next = || {
        let from = Moment(start.next()?);
        let duration_ns = duration.next()?.cast_unsigned();
        Some(Tenure {
            netns: NetnsId(netns.next()?.cast_unsigned()),
            proto: proto.next()??,
            family: family.next()??,
            v6only: v6only.next()?,
            local: endpoint(local_addr.next()?, local_port.next()?)?,
            remote: endpoint(remote_addr.next()?, remote_port.next()?),
            role: role.next()??,
            uid: uid.next()?.unwrap_or(Opened::NO_UID),
            opener: Party::Unknown,
            taker: Party::Unknown,
            closer: Party::Unknown,
            from,
            until: Some(until(from, duration_ns, stepped.next()?)),
            duration: Duration::from_nanos(duration_ns),
            ending: Some(ending.next()??),
            evidence: evidence.next()??,
        })
    };
    let tenures: Option<Vec<Tenure>> = rows.iter().map(|_| next()).collect();
    tenures.ok_or_else(|| file.damaged("a row has a value that no tenure can have"))
}

/// An address as it is written in a segment.
pub(super) fn addr(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A port as it is written in a segment.
pub(super) fn port(number: Option<u32>) -> Port {
    Port(number.and_then(|number| u16::try_from(number).ok()).unwrap_or(0))
}

/// An address and a port; `None` where there is no address.
pub(super) fn endpoint(addr: Option<IpAddr>, number: Option<u32>) -> Option<Endpoint> {
    Some(Endpoint { addr: addr?, port: port(number) })
}
