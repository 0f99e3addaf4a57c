//! `portolan ls`: every socket with its owner, filtered and ordered.

mod csv;
mod json;
mod select;
mod sort;
#[cfg(test)]
mod tests;
mod text;
mod watch;

use std::io::Write;

use anyhow::Context;
use sockets::{Netns, Note, Ownership, Query, Snapshot, Socket, Source};

use crate::args::{LsArgs, OutputArgs};
use crate::exit::Exit;
use crate::label::Scene;
use crate::output::{Paint, Terminal};
use crate::reader::Reader;

use select::Selection;

/// The sockets asked for, with their owners.
#[derive(Debug)]
pub(crate) struct Listing {
    sockets: Vec<Socket>,
    ownership: Ownership,
    /// The namespaces looked into; empty where it was ours alone and goes without saying.
    namespaces: Vec<Netns>,
    /// Sockets were left out whose owners may be those asked for: they are not ours to see.
    hidden: bool,
    notes: Vec<Note>,
}

/// Lists what `args` ask for.
pub(crate) fn run(
    args: &LsArgs,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    let selection = Selection::new(args)?;
    if let Some(pause) = args.watch {
        return watch::run(args, &selection, pause, output, out);
    }
    let listing = Listing::take(&crate::host::host(), args, &selection)?;
    let exit = match listing.sockets.is_empty() && selection.is_narrow() {
        true if listing.hidden => Exit::Unknown,
        true => Exit::No,
        false => Exit::Answered,
    };
    if output.json {
        json::write(&listing, out)?;
    } else if args.csv {
        csv::write(&listing, out)?;
    } else {
        text::write(&listing, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    if !output.json {
        out.flush()?;
        crate::report::notes(&listing.notes);
    }
    Ok(exit)
}

/// Lists what `args` ask `source` for.
pub(crate) fn list(source: &impl Source, args: &LsArgs) -> anyhow::Result<Listing> {
    Listing::take(source, args, &Selection::new(args)?)
}

impl Listing {
    /// The listing as one object of JSON.
    pub(crate) fn write_json(&self, out: &mut impl Write) -> std::io::Result<()> {
        json::write(self, out)
    }

    /// The listing as the web shows it, `most` rows of it.
    pub(crate) fn view(&self, most: usize, ephemeral: Option<registry::PortRange>) -> web::ListNow {
        let scene = Scene::of(&self.sockets, &self.ownership);
        let row = |socket| {
            let role = super::card::local_role(socket, &scene, ephemeral);
            super::card::socket_view(role, socket, &scene)
        };
        web::ListNow {
            sockets: self.sockets.iter().take(most).map(row).collect(),
            total: self.sockets.len(),
            hidden: self.hidden,
            notes: self.notes.iter().map(super::card::note_view).collect(),
        }
    }

    /// Asks `source` for the sockets of `selection`.
    fn take(source: &impl Source, args: &LsArgs, selection: &Selection) -> anyhow::Result<Listing> {
        let query = Query { netns: selection.netns(args.look), ..selection.query.clone() };
        let Snapshot { mut sockets, netns, notes } =
            source.sockets(&query).context("the sockets could not be listed")?;
        sockets.retain(|socket| selection.takes_socket(socket));
        let ownership = source.owners(&sockets, args.look.search());
        let mut hidden = false;
        if selection.asks_for_owners() {
            sockets.retain(|socket| {
                let takes = selection.takes_owners(socket, &ownership);
                hidden |= !takes && selection.may_take(socket, &ownership);
                takes
            });
        }
        sort::by(&mut sockets, &ownership, args.sort);
        let notes = notes.into_iter().chain(ownership.notes().iter().cloned()).collect();
        let foreign = netns.len() > 1 || selection.asks_for_foreign();
        let namespaces = if foreign { netns } else { Vec::new() };
        Ok(Listing { sockets, ownership, namespaces, hidden, notes })
    }
}
