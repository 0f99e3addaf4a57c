//! `lease ls` as a person reads it.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

use super::list::{Leased, Leases};
use crate::label;
use crate::output::{Column, Columns, Escaped, Paint, Terminal, Tint};

/// Writes the table.
pub(super) fn write(
    leases: &Leases,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> io::Result<()> {
    if leases.leased.is_empty() {
        return writeln!(out, "no port is leased");
    }
    let mut columns = Columns::new(vec![
        Column::fixed("PORT").right(),
        Column::fixed("PROTO"),
        Column::fixed("NAME"),
        Column::fixed("PROJECT").shrinking(12).keeping_end(),
        Column::fixed("SINCE"),
        Column::fixed("HOLDER").shrinking(15),
        Column::fixed("USER").shrinking(6).leaving(1),
        Column::fixed("SERVED BY").shrinking(10).leaving(2),
    ]);
    for leased in &leases.leased {
        row(leased, leases, &mut columns);
    }
    columns.write(out, paint, 0, terminal.width)
}

fn row(leased: &Leased, leases: &Leases, columns: &mut Columns) {
    let said = leased.tenancy.label.as_ref();
    let identity = leased.identity();
    let tenant = said.and_then(|label| label.tenant);
    let holder = leased.tenancy.holder.as_ref().map(|holder| {
        let whom = tenant.map_or_else(String::new, |pid| format!(" for {pid}"));
        format!("{}{whom}", label::process(holder))
    });
    let somebody = || "somebody".to_owned();
    let server = leases.server(leased).map(|it| it.map_or_else(somebody, label::process));
    let project =
        identity.map(|identity| Escaped(identity.project.as_os_str().as_bytes()).to_string());
    columns.cell(Tint::Plain, leased.port);
    columns.cell(Tint::Plain, or_dash(leased.protos().map(|protos| protos.join(","))));
    columns.cell(Tint::Accent, or_dash(identity.map(|identity| identity.name.to_string())));
    columns.cell(Tint::Plain, or_dash(project));
    columns.cell(Tint::Plain, or_dash(leased.since().map(crate::time::short)));
    columns.cell(Tint::Accent, holder.unwrap_or_else(|| label::HIDDEN_PROCESS.to_owned()));
    columns.cell(Tint::Plain, or_dash(leased.user.as_ref().map(label::user)));
    columns.cell(Tint::Good, or_dash(server));
}

fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "-".to_owned())
}
