//! `ls --csv`: a header line and a line for each socket and owner, RFC 4180.
//!
//! A socket with several owners has a line for each; text that is not UTF-8 or not printable is
//! escaped, so that every line is one record in every reader.

use std::io::Write;

use sockets::{Owners, Process, Socket};

use super::Listing;
use crate::label;
use crate::output::Escaped;

/// Writes the header line and the listing.
pub(super) fn write(listing: &Listing, out: &mut impl Write) -> anyhow::Result<()> {
    csv::Writer::from_writer(&mut *out).write_record(HEADER)?;
    write_rows(listing, out)
}

/// Writes the listing alone, to follow one with the header.
pub(super) fn write_rows(listing: &Listing, out: &mut impl Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    for socket in &listing.sockets {
        match listing.ownership.of(socket) {
            Owners::Known(holders) => {
                let mut processes: Vec<_> = holders.iter().map(|holder| holder.process).collect();
                processes.dedup_by_key(|process| process.pid);
                for process in processes {
                    csv.write_record(record(listing, socket, "known", Some(process)))?;
                }
            }
            Owners::Hidden { .. } => csv.write_record(record(listing, socket, "hidden", None))?,
            Owners::Gone => csv.write_record(record(listing, socket, "gone", None))?,
            Owners::Kernel => csv.write_record(record(listing, socket, "kernel", None))?,
        }
    }
    Ok(csv.flush()?)
}

fn record(
    listing: &Listing,
    socket: &Socket,
    owners: &str,
    process: Option<&Process>,
) -> [String; HEADER.len()] {
    let ownership = &listing.ownership;
    let place = process.map(|process| &process.place).or_else(|| ownership.place_of(socket));
    let user = process.map(|p| p.user.clone()).or_else(|| ownership.user_of(socket));
    let name = |text: Option<&std::sync::Arc<str>>| {
        text.map(|text| Escaped(text.as_bytes()).to_string()).unwrap_or_default()
    };
    [
        socket.proto.to_string(),
        socket.state.to_string(),
        socket.recv_q.to_string(),
        socket.send_q.to_string(),
        socket.local.addr.to_string(),
        socket.local.port.to_string(),
        socket.remote.addr.to_string(),
        socket.remote.port.to_string(),
        owners.to_owned(),
        process.map(|process| process.pid.to_string()).unwrap_or_default(),
        process.map(|process| Escaped(&process.comm).to_string()).unwrap_or_default(),
        user.as_ref().map(label::user).unwrap_or_default(),
        name(place.and_then(|place| place.unit.as_ref())),
        name(place.and_then(|place| place.container.as_ref())),
        socket.netns.0.to_string(),
        socket.inode.to_string(),
    ]
}

const HEADER: [&str; 16] = [
    "proto",
    "state",
    "recv_q",
    "send_q",
    "local_addr",
    "local_port",
    "remote_addr",
    "remote_port",
    "owners",
    "pid",
    "comm",
    "user",
    "unit",
    "container",
    "netns",
    "inode",
];
