//! `ls` as a person reads it.

use std::io::{self, Write};

use sockets::{Socket, State};

use super::Listing;
use crate::label::{self, Scene};
use crate::output::{Column, Columns, Paint, Terminal, Tint};

/// Writes the table.
pub(super) fn write(
    listing: &Listing,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    let most = if terminal.is_terminal() { NAMED_ON_A_TERMINAL } else { usize::MAX };
    let mut table = columns(listing);
    let scene = Scene::of(&listing.sockets, &listing.ownership);
    for socket in &listing.sockets {
        row(&mut table, listing, &scene, socket, most, Tint::Plain);
    }
    table.write(out, paint, 0, terminal.width)
}

/// The columns of `ls`.
pub(super) fn columns(listing: &Listing) -> Columns {
    let mut columns = vec![
        Column::fixed("PROTO"),
        Column::fixed("STATE"),
        Column::fixed("RECV-Q").right().leaving(5),
        Column::fixed("SEND-Q").right().leaving(4),
        Column::fixed("LOCAL").shrinking(15).keeping_end(),
        Column::fixed("REMOTE").shrinking(15).keeping_end(),
        Column::fixed("OWNER").shrinking(22),
        Column::fixed("USER").shrinking(6).leaving(2),
        Column::fixed("WHERE").shrinking(10).leaving(3),
    ];
    if !listing.namespaces.is_empty() {
        columns.push(Column::fixed("NETNS"));
    }
    Columns::new(columns)
}

/// Adds the row of `socket`.
pub(super) fn row(
    table: &mut Columns,
    listing: &Listing,
    scene: &Scene<'_>,
    socket: &Socket,
    most: usize,
    tint: Tint,
) {
    let who = scene.who(socket);
    table.cell(tint, socket.proto);
    table.cell(state_tint(socket.state), socket.state);
    table.cell(Tint::Plain, socket.recv_q);
    table.cell(Tint::Plain, socket.send_q);
    table.cell(tint, label::local(socket));
    match label::remote(socket) {
        Some(end) => table.cell(tint, end),
        None => table.cell(tint, ""),
    }
    table.cell(Tint::Accent, who.holds(most));
    table.cell(Tint::Plain, who.user());
    table.cell(Tint::Plain, who.place());
    if !listing.namespaces.is_empty() {
        table.cell(Tint::Dim, label::netns(socket.netns, &listing.namespaces));
    }
}

fn state_tint(state: State) -> Tint {
    match state {
        State::Listen => Tint::Good,
        State::Established | State::Close => Tint::Plain,
        _ => Tint::Odd,
    }
}

/// How many holders of a socket a terminal is told by name; of the others it is told the number.
pub(super) const NAMED_ON_A_TERMINAL: usize = 1;
