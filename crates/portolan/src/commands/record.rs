//! `portolan record`: the recorder, in the foreground, until a signal ends it.

use log::{Recovery, Settings};
use sockets::Watching;

use crate::args::RecordArgs;
use crate::exit::Exit;
use crate::recorder::{Daemon, Place, Source};
use crate::{label, metrics, past, report};

/// Records as `args` ask.
pub(crate) fn run(args: &RecordArgs) -> anyhow::Result<Exit> {
    end_with_any_thread();
    let place = Place::to_record(args.dir.as_deref(), args.socket.as_deref())?;
    let Source { watcher, instead } = Source::open(args.source, args.buffer)?;
    let watching = watcher.watching();
    let settings =
        Settings { keep: args.keep, max_size: args.max_size, ..Settings::new(place.dir.clone()) };
    // Before anything is recorded: a port that is taken is found out at once.
    let metrics = args.metrics.map(|at| metrics::Listener::bind(at, reach(args))).transpose()?;
    let (daemon, recovery) = Daemon::start(watcher, settings, &place, instead)?;
    report::notes(&daemon.standing().shortcomings);
    report::notes(&remarks(&recovery));
    let since =
        daemon.since().map(|since| past::moment(since, 0, &crate::time::now())).unwrap_or_default();
    report::line(format_args!(
        "portolan: recording {} into {}; its records begin at {since}",
        how(watching),
        place.dir.display()
    ));
    if let Some(listener) = metrics {
        report::line(format_args!("portolan: metrics at http://{}/metrics", listener.address()));
        listener.serve(place.dir)?;
    }
    daemon.run()?;
    Ok(Exit::Answered)
}

fn reach(args: &RecordArgs) -> metrics::Reach {
    if args.metrics_public { metrics::Reach::Anybody } else { metrics::Reach::Loopback }
}

fn how(watching: Watching) -> &'static str {
    match watching {
        Watching::Kernel => "what the kernel tells",
        Watching::Sampling => {
            "by sampling, from ten times a second to once in ten seconds, as it costs,"
        }
    }
}

/// What the last recorder left behind, where that is not as it should be.
fn remarks(recovery: &Recovery) -> Vec<String> {
    let mut remarks = recovery.damaged.clone();
    if recovery.torn > 0 {
        let torn = usize::try_from(recovery.torn).unwrap_or(usize::MAX);
        remarks.push(format!("the journal's end was torn: {} cut", label::count(torn, "byte")));
    }
    remarks
}

/// A recorder that lost a thread would go on and not say so: it ends, and whoever watches over it
/// starts it anew.
fn end_with_any_thread() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        std::process::abort();
    }));
}
