//! Prints what the recorder tells, a line an event, or counts it: events [--count] [SECONDS]
//!
//! For looking at the recorder alone, and for what it costs: `--count` does as little with the
//! events as can be done, and ends with one line of JSON.

use std::time::{Duration, Instant};

use bpf::{Options, Recorder};
use sockets::{Event, EventKind, Watcher};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let counts = arguments.iter().any(|argument| argument == "--count");
    let seconds = arguments.iter().find_map(|argument| argument.parse().ok());
    let mut recorder = Recorder::open(Options::default())?;
    for line in recorder.shortcomings() {
        eprintln!("events: {line}");
    }
    let mut events = Vec::new();
    recorder.survey(&mut events)?;
    eprintln!("events: recording");
    let mut tally = Tally::default();
    let began = Instant::now();
    while seconds.is_none_or(|seconds| began.elapsed() < Duration::from_secs(seconds)) {
        for event in events.drain(..) {
            if counts {
                tally.count(&event);
            } else {
                println!("{event:?}");
            }
        }
        recorder.wait(PAUSE);
        recorder.drain(&mut events)?;
    }
    if counts {
        println!("{}", tally.json());
    }
    Ok(())
}

/// How many events of each kind there were.
#[derive(Default)]
struct Tally {
    programs: u64,
    opened: u64,
    taken: u64,
    closed: u64,
    lost: u64,
}

impl Tally {
    fn count(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Program(_) => self.programs += 1,
            EventKind::Opened(_) => self.opened += 1,
            EventKind::Taken { .. } => self.taken += 1,
            EventKind::Closed(_) => self.closed += 1,
            EventKind::Lost { events, .. } => self.lost += events,
            EventKind::Exited(_) | EventKind::NoPort(_) => {}
        }
    }

    fn json(&self) -> String {
        let Tally { programs, opened, taken, closed, lost } = self;
        format!(
            "{{\"programs\":{programs},\"opened\":{opened},\"taken\":{taken},\"closed\":{closed},\
             \"lost\":{lost}}}"
        )
    }
}

const PAUSE: Duration = Duration::from_millis(50);
