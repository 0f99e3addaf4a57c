//! `portolan room`: how much room is left for connections towards each destination, when it will have
//! run out, and what else ends connections first.

mod flows;
mod holders;
mod json;
mod limits;
mod looks;
mod probe;
mod rates;
mod survey;
mod text;
mod watch;
pub(crate) mod words;

use std::io::Write;

use sockets::NetnsScope;

use crate::args::{OutputArgs, RoomArgs};
use crate::exit::Exit;
use crate::output::{Paint, Terminal};
use crate::reader::Reader;

pub(crate) use flows::Key;
pub(crate) use holders::{HeldBy, Holder};
pub(crate) use json::{cliff, write_line};
pub(crate) use limits::{Limit, LimitKind, limits};
pub(crate) use looks::Extent;
pub(crate) use survey::{Asked, FILLING, Holders, Namespace, Row, Survey, Told};

/// Prints how much room there is.
pub(crate) fn run(
    args: &RoomArgs,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    if args.probe_inside {
        return probe::inside(out).map(|()| Exit::Answered);
    }
    let asked = Asked {
        scope: scope(args)?,
        extent: Extent::Room,
        over: args.over,
        top: args.top as usize,
        dir: args.dir.clone(),
        holders: if args.prometheus { Holders::Unwanted } else { Holders::Wanted },
        processes: true,
    };
    if let Some(pause) = args.watch {
        return watch::run(&asked, pause, output, out);
    }
    if args.prometheus {
        out.write_all(crate::metrics::text(&asked)?.as_bytes())?;
        return Ok(Exit::Answered);
    }
    let survey = Survey::take(&crate::host::host(), &asked)?;
    let cost = if args.probe { probe::measure(&survey)? } else { None };
    if output.json {
        json::write(&survey, cost, out)?;
    } else {
        let (paint, terminal) = (Paint::for_stdout(output), Terminal::of_stdout());
        text::write(&survey, out, paint, terminal)?;
        if args.probe {
            text::write_cost(cost, out, terminal)?;
        }
        out.flush()?;
        crate::report::notes(&survey.notes);
    }
    Ok(Exit::Answered)
}

fn scope(args: &RoomArgs) -> anyhow::Result<NetnsScope> {
    match &args.netns {
        Some(netns) => netns.scope(),
        None if args.all_netns => Ok(NetnsScope::All),
        None => Ok(NetnsScope::Own),
    }
}
