//! The section "Active Internet connections".
//!
//! Source of truth: what `netstat` 2.10 prints for made-up tables with every state in them. Rows come
//! in the order of `/proc/net`. A server is, of TCP, whatever has no remote port, of the others
//! whatever has no remote address.

use std::io::{self, IsTerminal, Write};

use sockets::{Error, Family, ProcNetRow, ProcNetTable, State, proc_net};

use super::address;
use super::names::Names;
use super::options::Options;
use super::programs::Programs;
use crate::compat::bsd_state::state_name;

/// The Internet tables that were asked for.
#[derive(Debug)]
pub(super) struct Tables(Vec<(ProcNetTable, Family, Vec<ProcNetRow>)>);

impl Tables {
    /// Reads the tables and keeps the rows that were asked for.
    ///
    /// # Errors
    /// [`Error::Proc`] if a table cannot be read; one that the kernel does not have is empty.
    pub(super) fn read(options: &Options) -> Result<Tables, Error> {
        let scope = options.scope();
        let table = |(table, family)| {
            let mut rows = proc_net(table, family)?;
            rows.retain(|row| scope.wants(is_server(row, table)));
            Ok((table, family, rows))
        };
        options.tables().into_iter().map(table).collect::<Result<_, _>>().map(Tables)
    }

    /// The inodes of the sockets.
    pub(super) fn inodes(&self) -> impl Iterator<Item = u64> {
        self.0.iter().flat_map(|(_, _, rows)| rows).map(|row| row.inode)
    }

    /// Prints the headings and the rows.
    pub(super) fn print(
        &self,
        options: &Options,
        programs: Option<&Programs>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        print_heading(options, out)?;
        let names = (!options.numeric).then(|| Names::load(io::stdout().is_terminal()));
        for (table, family, rows) in &self.0 {
            let printer =
                Printer { table: *table, family: *family, options, names: names.as_ref() };
            for row in rows {
                printer.print(row, programs, out)?;
            }
        }
        Ok(())
    }
}

fn is_server(row: &ProcNetRow, table: ProcNetTable) -> bool {
    match table {
        ProcNetTable::Tcp => row.remote.port == registry::Port::NONE,
        _ => row.remote.addr.is_unspecified(),
    }
}

fn print_heading(options: &Options, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "Active Internet connections {}", options.scope().heading())?;
    write!(out, "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ")?;
    if options.extend {
        write!(out, " {:<10} {:<10}", "User", "Inode")?;
    }
    if options.programs {
        write!(out, " {:<20}", "PID/Program name")?;
    }
    writeln!(out)
}

/// Prints the rows of one table.
#[derive(Debug)]
struct Printer<'a> {
    table: ProcNetTable,
    family: Family,
    options: &'a Options,
    names: Option<&'a Names>,
}

impl Printer<'_> {
    fn print(
        &self,
        row: &ProcNetRow,
        programs: Option<&Programs>,
        out: &mut impl Write,
    ) -> io::Result<()> {
        write!(out, "{:<5} {:>6} {:>6} ", self.proto(), row.rx_queue, row.tx_queue)?;
        for end in [row.local, row.remote] {
            out.write_all(&address::cell(end, self.table, self.names, self.options.wide))?;
            out.write_all(b" ")?;
        }
        write!(out, "{:<11}", self.state(row.state))?;
        if self.options.extend {
            let user = self.names.and_then(|names| names.user(row.uid));
            let user = user.unwrap_or_else(|| row.uid.cast_signed().to_string());
            write!(out, " {user:<10} {:<10}", row.inode)?;
        }
        if let Some(programs) = programs {
            out.write_all(b" ")?;
            out.write_all(&programs.cell(row.inode))?;
        }
        out.write_all(b"\n")
    }

    fn proto(&self) -> &'static str {
        match (self.table, self.family) {
            (ProcNetTable::Tcp, Family::V4) => "tcp",
            (ProcNetTable::Tcp, Family::V6) => "tcp6",
            (ProcNetTable::Udp, Family::V4) => "udp",
            (ProcNetTable::Udp, Family::V6) => "udp6",
            (ProcNetTable::UdpLite, Family::V4) => "udpl",
            (ProcNetTable::UdpLite, Family::V6) => "udpl6",
            (ProcNetTable::Raw, Family::V4) => "raw",
            (ProcNetTable::Raw, Family::V6) => "raw6",
        }
    }

    fn state(&self, state: State) -> String {
        match (self.table, state) {
            (ProcNetTable::Tcp, state) => state_name(state).to_owned(),
            (ProcNetTable::Raw, state) => (state as u8).to_string(),
            (_, State::Established) => "ESTABLISHED".to_owned(),
            (_, State::Close) => String::new(),
            _ => "UNKNOWN".to_owned(),
        }
    }
}
