//! `portolan watch`: what happens to sockets, as it happens; told by the recorder that runs, else
//! watched by ourselves.

mod json;
mod own;
mod select;
mod text;
mod view;

use std::io::{self, Write};
use std::os::fd::AsFd;

use anyhow::bail;
use log::Change;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use sockets::Users;

use crate::args::{OutputArgs, WatchArgs};
use crate::exit::Exit;
use crate::output::{Paint, Terminal};
use crate::reader::Reader;
use crate::recorder::{Client, News};
use crate::report;

use own::Onlooker;
use select::Selection;
use text::Lines;

pub(crate) use view::{Told, follow, happening, json_line};

/// Shows what happens until the reader has had enough.
pub(crate) fn run(
    args: &WatchArgs,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    let mut screen = Screen {
        selection: Selection::new(args)?,
        lines: Lines::new(Paint::for_stdout(output), Terminal::of_stdout()),
        users: Users::load(),
        json: output.json,
        out,
    };
    if let Some(client) = Client::connect(args.dir.as_deref()) {
        return from_recorder(client, &mut screen);
    }
    if let Some(dir) = &args.dir {
        bail!("no recorder runs on {}; start one: portolan record --dir {0}", dir.display());
    }
    own::watch(args.source, &mut screen)
}

/// Shows what the recorder tells.
fn from_recorder(client: Client, screen: &mut Screen<'_, impl Write>) -> anyhow::Result<Exit> {
    let mut following = client.watch()?;
    report::line("portolan: watching what the recorder sees");
    while !screen.out.is_gone() && waits_for(&following) {
        match following.next()? {
            None => bail!("the recorder has ended"),
            Some(News::Changes(changes)) => screen.show(changes)?,
            Some(News::Missed(count)) => screen.missed(count)?,
        }
    }
    Ok(Exit::Answered)
}

/// Waits until there is something to read; `false` where the reader of our output has gone, which
/// would else be noticed with the next line only.
fn waits_for(source: &impl AsFd) -> bool {
    let stdout = io::stdout();
    let mut ends = [PollFd::new(source, PollFlags::IN), PollFd::new(&stdout, PollFlags::empty())];
    let _woken = poll(&mut ends, None);
    !ends[1].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

/// What shows the changes that were asked for.
struct Screen<'a, W: Write> {
    selection: Selection,
    lines: Lines,
    users: Users,
    json: bool,
    out: &'a mut Reader<W>,
}

impl<W: Write> Onlooker for Screen<'_, W> {
    fn has_gone(&mut self) -> bool {
        let stdout = io::stdout();
        let mut end = [PollFd::new(&stdout, PollFlags::empty())];
        let _at_once = poll(&mut end, Some(&Timespec::default()));
        self.out.is_gone() || end[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
    }

    fn show(&mut self, changes: Vec<Change>) -> anyhow::Result<()> {
        for change in changes.iter().filter(|change| self.selection.takes(&change.tenure)) {
            if self.json {
                json::change(change, &self.users, self.out)?;
            } else {
                writeln!(self.out, "{}", self.lines.change(change))?;
            }
        }
        Ok(self.out.flush()?)
    }

    fn missed(&mut self, count: u64) -> anyhow::Result<()> {
        if self.json {
            json::missed(count, self.out)?;
            return Ok(self.out.flush()?);
        }
        report::line(format_args!("portolan: note: {count} events were missed: too many at once"));
        Ok(())
    }
}
