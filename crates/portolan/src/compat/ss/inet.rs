//! The rows of UDP and TCP sockets.

use registry::Proto;
use sockets::{Error, Family, Ownership, Query, Search, Socket, Source, State};

use super::address::{self, PortNames};
use super::options::{List, Options};
use super::row::Row;
use super::table::Table;
use super::users;

/// Adds the rows of every internet list among `lists`.
///
/// # Errors
/// Where the kernel lists no sockets.
pub(super) fn add(
    table: &mut Table,
    source: &impl Source,
    options: &Options,
    lists: &[List],
) -> Result<(), Error> {
    let names = if options.numeric { PortNames::numeric() } else { PortNames::read(source) };
    let mut sockets = Vec::new();
    for proto in lists.iter().filter_map(|list| list.proto()) {
        sockets.extend(list_one(source, options, proto)?);
    }
    let ownership = match options.processes {
        true => source.owners(&sockets, Search::Full),
        false => Ownership::default(),
    };
    for socket in &sockets {
        table.add(&row(socket, &names, users::cell(&ownership, socket, options.version)));
    }
    Ok(())
}

/// The sockets of one protocol, IPv4 before IPv6, each in the kernel's order.
fn list_one(source: &impl Source, options: &Options, proto: Proto) -> Result<Vec<Socket>, Error> {
    let mut sockets = Vec::new();
    for family in [Family::V4, Family::V6] {
        if options.family().is_none_or(|wanted| wanted == family) {
            let query = Query {
                protos: vec![proto],
                family: Some(family),
                states: options.states(),
                ..Query::default()
            };
            sockets.extend(source.sockets(&query)?.sockets);
        }
    }
    Ok(sockets)
}

fn row(socket: &Socket, names: &PortNames, process: Vec<u8>) -> Row {
    let (local, peer) = address::ends(socket, names);
    Row {
        netid: socket.proto.name(),
        state: state_name(socket.state),
        recv_q: socket.recv_q,
        send_q: socket.send_q,
        local,
        peer,
        process,
    }
}

/// The word for `state`; `ss` has none of its own for a socket that is bound and does nothing.
fn state_name(state: State) -> &'static str {
    match state {
        State::Bound => State::Close.name(),
        state => state.name(),
    }
}
