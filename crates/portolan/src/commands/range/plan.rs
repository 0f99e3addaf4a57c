//! `range plan`: how many ports and addresses a load takes, by formula and played out.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use alloc::plan::{Demand, Forecast, Played, simulate};
use anyhow::{Context, bail};
use serde::Serialize;
use sockets::{NetnsId, Query, Room, Source, TimeWaitReuse};
use web::chart::Width;

use super::plot;
use crate::args::{OutputArgs, RangePlanArgs};
use crate::commands::room::words;
use crate::exit::Exit;
use crate::label;
use crate::output::json::SCHEMA;
use crate::output::{Paint, Terminal, Tint, hanging};
use crate::picture::Picture;

/// Works it out and prints it.
pub(super) fn run(
    args: &RangePlanArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let plotted = args.plot.as_deref().map(kind).transpose()?;
    let plan = Plan::of(args)?;
    if let Some((path, kind)) = plotted {
        let bytes = kind.bytes(plot::svg(&plan), Width::DEFAULT)?;
        fs::write(path, bytes)
            .with_context(|| format!("{} could not be written", path.display()))?;
    }
    if output.json {
        plan.write_json(out)?;
    } else {
        plan.write(out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(Exit::Answered)
}

/// Where to draw, and what.
fn kind(path: &Path) -> anyhow::Result<(&Path, Picture)> {
    Picture::of(path).map(|kind| (path, kind)).with_context(|| {
        format!("--plot: {} ends in neither .svg nor .png, which say what to draw", path.display())
    })
}

/// A load, the ports there are for it, and what comes of that.
pub(super) struct Plan {
    pub(super) demand: Demand,
    /// Towards each destination, of one source address.
    per_source: u32,
    sources: u32,
    risk: f64,
    needed: Option<u32>,
    said: Forecast,
    played: Played,
}

#[derive(Serialize)]
struct PlanJson {
    schema: &'static str,
    load: f64,
    ports: u32,
    ports_of_a_source: u32,
    sources: u32,
    ports_needed: Option<u32>,
    sources_needed: Option<u32>,
    sources_below_the_cliff: Option<u32>,
    risk: f64,
    formula: OutcomeJson,
    simulation: OutcomeJson,
}

#[derive(Serialize)]
struct OutcomeJson {
    fill: f64,
    exhausted: f64,
    connections: Option<u64>,
}

impl Plan {
    fn of(args: &RangePlanArgs) -> anyhow::Result<Plan> {
        let demand = Demand {
            per_s: args.rate,
            hold: args.hold,
            time_wait: args.time_wait,
            destinations: args.destinations,
        };
        let per_source = match args.range {
            Some(range) => range.count(),
            None => of_this_machine()?,
        };
        if per_source == 0 {
            bail!(
                "this machine's range has no port to hand out: all are reserved, bound or listened on, as \
                 `portolan range` shows; --range LO-HI plans for another"
            );
        }
        let mut plan = Plan {
            per_source,
            sources: args.sources,
            risk: args.risk,
            needed: demand.ports_for(args.risk),
            said: demand.forecast(0),
            played: simulate(&demand, 0, SEED),
            demand,
        };
        plan.said = plan.demand.forecast(plan.ports());
        plan.played = simulate(&plan.demand, plan.ports(), SEED);
        Ok(plan)
    }

    /// How many ports there are towards each destination.
    pub(super) fn ports(&self) -> u32 {
        self.per_source.saturating_mul(self.sources)
    }

    fn sources_for(&self, ports: u32) -> u32 {
        ports.div_ceil(self.per_source.max(1))
    }

    /// From how many addresses the load must come so that half of the ports are free on average.
    fn sources_below_the_cliff(&self) -> Option<u32> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
        let ports = (self.demand.load() * 2.0).ceil() as u64;
        u32::try_from(ports).ok().map(|ports| self.sources_for(ports).max(1))
    }

    fn write(&self, out: &mut impl Write, paint: Paint, terminal: Terminal) -> io::Result<()> {
        let head = |text: &'static str| paint.tint(Tint::Heading, text);
        let mut line = |lead, text: &str| hanging(out, terminal, 12, head(lead), text);
        line(
            "LOAD        ",
            &format!(
                "{} ports in use towards each destination, on average",
                words::rate(self.demand.load())
            ),
        )?;
        line(
            "PORTS       ",
            &format!(
                "{} towards each destination, {} from each of {}",
                label::thousands(self.ports() as usize),
                label::thousands(self.per_source as usize),
                addresses(self.sources)
            ),
        )?;
        line(
            "FILL        ",
            &format!(
                "{} by the formula, {} played out",
                words::percent(self.said.fill),
                words::percent(self.played.fill)
            ),
        )?;
        line(
            "EXHAUSTED   ",
            &format!(
                "{} of connections by the formula, {} played out ({} connections)",
                chance(self.said.exhausted),
                chance(self.played.exhausted),
                label::thousands(usize::try_from(self.played.connections).unwrap_or(usize::MAX))
            ),
        )?;
        line("NEEDED      ", &self.needs())?;
        line("CLIFF       ", &self.cliff())
    }

    fn needs(&self) -> String {
        let Some(needed) = self.needed else {
            return "more ports than sixteen million: spread it over more destinations".to_owned();
        };
        let add = self.sources_for(needed).saturating_sub(self.sources);
        let so = format!(
            "{} towards each destination, so that at most {} of connections find none",
            label::count(needed as usize, "port"),
            chance(self.risk)
        );
        match add {
            0 => format!("{so}: there are enough"),
            add => format!("{so}: add {}", addresses(add)),
        }
    }

    fn cliff(&self) -> String {
        if self.said.fill < 0.5 {
            return "less than half is in use: connect() is quick".to_owned();
        }
        match self.sources_below_the_cliff() {
            Some(sources) if sources > self.sources => format!(
                "half or more is in use: connect() is slow without a pilot, or with fewer than {} in all",
                addresses(sources)
            ),
            _ => "half or more is in use: connect() is slow without a pilot".to_owned(),
        }
    }

    fn write_json(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let json = PlanJson {
            schema: SCHEMA,
            load: self.demand.load(),
            ports: self.ports(),
            ports_of_a_source: self.per_source,
            sources: self.sources,
            ports_needed: self.needed,
            sources_needed: self.needed.map(|needed| self.sources_for(needed).max(1)),
            sources_below_the_cliff: self.sources_below_the_cliff(),
            risk: self.risk,
            formula: OutcomeJson {
                fill: self.said.fill,
                exhausted: self.said.exhausted,
                connections: None,
            },
            simulation: OutcomeJson {
                fill: self.played.fill,
                exhausted: self.played.exhausted,
                connections: Some(self.played.connections),
            },
        };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        Ok(writeln!(out)?)
    }
}

/// What connect(2) can hand out here towards one destination.
fn of_this_machine() -> anyhow::Result<u32> {
    let host = sockets::host();
    let settings = host.port_settings().context("the port settings could not be read")?;
    let snapshot = host.sockets(&Query::default()).context("the sockets could not be listed")?;
    let netns = snapshot.netns.first().map_or(NetnsId(0), |netns| netns.id);
    Ok(Room::of(netns, &snapshot.sockets, &settings, TimeWaitReuse::NEVER).open())
}

fn addresses(count: u32) -> String {
    match count {
        1 => "1 address".to_owned(),
        count => format!("{} addresses", label::thousands(count as usize)),
    }
}

/// A probability as a person reads it.
pub(super) fn chance(probability: f64) -> String {
    match probability {
        none if none < 1e-12 => "none".to_owned(),
        small if small < 0.001 => format!("1 in {}", label::thousands(one_in(small))),
        large => words::percent(large),
    }
}

fn one_in(probability: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1e12 at most")]
    let times = (1.0 / probability).round() as usize;
    times
}

/// The same question has the same answer.
const SEED: u64 = 0x706f_7274;
