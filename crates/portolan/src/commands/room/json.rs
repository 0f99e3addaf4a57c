//! `room` for programs and pages: `docs/json.md`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::IpAddr;

use serde::Serialize;
use sockets::{Cliff, Outlook, Pool, StateCounts, Usage};

use super::limits::{self, Limit};
use super::probe::{Cost, Times};
use super::{HeldBy, Holder, Namespace, Row, Survey, Told};
use crate::output::json::{EndpointJson, NoteJson, ProcessJson, RangeJson, SCHEMA, utc_ns};
use crate::recorder::Unserved;

/// A survey as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct RoomJson<'a> {
    schema: &'static str,
    rates: RatesJson,
    rooms: Vec<NamespaceJson<'a>>,
    limits: Vec<LimitJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<ProbeJson>,
    search: &'static str,
    notes: Vec<NoteJson>,
}

#[derive(Debug, Serialize)]
struct ProbeJson {
    source: IpAddr,
    destination: EndpointJson,
    fill: f64,
    empty: Times,
    full: Times,
}

#[derive(Debug, Serialize)]
struct RatesJson {
    source: &'static str,
    over_s: Option<f64>,
}

#[derive(Debug, Serialize)]
struct NamespaceJson<'a> {
    netns: u64,
    name: Option<&'a str>,
    range: RangeJson,
    reserved: Vec<RangeJson>,
    handed_out: u32,
    closed: u32,
    open: u32,
    tcp: UsageJson,
    udp: UsageJson,
    destinations: Vec<RowJson<'a>>,
    more: usize,
    pools: Vec<PoolJson>,
    no_port: Option<Vec<NoPortJson>>,
    conntrack: bool,
    somaxconn: Option<u64>,
    listen_overflows: Option<u64>,
    listen_drops: Option<u64>,
    time_wait_overflows: Option<u64>,
}

#[derive(Debug, Serialize)]
struct PoolJson {
    destination: EndpointJson,
    sources: Vec<IpAddr>,
    taken: u32,
    of: u32,
    fill: f64,
    free: u32,
    reusable: u32,
}

#[derive(Debug, Serialize)]
struct NoPortJson {
    source: IpAddr,
    destination: EndpointJson,
    count: u64,
    last: String,
}

#[derive(Debug, Serialize)]
struct UsageJson {
    ports: u32,
    states: BTreeMap<&'static str, u32>,
}

/// A destination as it is sent.
#[derive(Debug, Serialize)]
pub(crate) struct RowJson<'a> {
    proto: &'static str,
    source: IpAddr,
    destination: EndpointJson,
    taken: u32,
    of: u32,
    fill: f64,
    free: u32,
    reusable: u32,
    states: BTreeMap<&'static str, u32>,
    cliff: &'static str,
    new_per_s: Option<f64>,
    growth_per_s2: Option<f64>,
    outlook: Option<&'static str>,
    full_in_s: Option<f64>,
    levels_at: Option<f64>,
    holders: Vec<HeldByJson<'a>>,
}

#[derive(Debug, Serialize)]
struct HeldByJson<'a> {
    status: &'static str,
    sockets: u32,
    process: Option<ProcessJson<'a>>,
    user: Option<&'a str>,
    unit: Option<&'a str>,
    container: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct LimitJson {
    kind: &'static str,
    used: u64,
    of: u64,
    share: f64,
    netns: Option<u64>,
    whose: Option<String>,
    pid: Option<u32>,
}

/// Writes one object.
pub(super) fn write(
    survey: &Survey,
    cost: Option<(&Row, Cost)>,
    out: &mut impl Write,
) -> io::Result<()> {
    let probe = cost.map(|(row, cost)| ProbeJson {
        source: row.destination.source,
        destination: row.destination.remote.into(),
        fill: row.destination.fill(),
        empty: cost.empty,
        full: cost.full,
    });
    serde_json::to_writer_pretty(&mut *out, &RoomJson { probe, ..RoomJson::from(survey) })?;
    writeln!(out)
}

/// Writes one object in a line of its own.
pub(crate) fn write_line(survey: &Survey, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &RoomJson::from(survey))?;
    writeln!(out)
}

impl<'a> From<&'a Survey> for RoomJson<'a> {
    fn from(survey: &'a Survey) -> RoomJson<'a> {
        let over = match survey.told {
            Told::Log(over) | Told::Looks(over) | Told::Counted(over) => Some(over),
            Told::Nothing => None,
        };
        RoomJson {
            schema: SCHEMA,
            rates: RatesJson {
                source: survey.told.code(),
                over_s: over.map(|over| over.as_secs_f64()),
            },
            rooms: survey.namespaces.iter().map(|it| NamespaceJson::of(survey, it)).collect(),
            limits: limits::limits(survey).into_iter().map(LimitJson::from).collect(),
            probe: None,
            search: survey.ownership.method().name(),
            notes: survey.notes.iter().map(NoteJson::from).collect(),
        }
    }
}

impl<'a> NamespaceJson<'a> {
    fn of(survey: &Survey, namespace: &'a Namespace) -> NamespaceJson<'a> {
        let unserved = survey.unserved_in(namespace);
        let Namespace { limits, room, rows, more, .. } = namespace;
        NamespaceJson {
            netns: limits.netns.id.0,
            name: limits.netns.name.as_deref(),
            range: limits.ports.ephemeral.into(),
            reserved: limits.ports.reserved.iter().map(|range| (*range).into()).collect(),
            handed_out: room.handed_out,
            closed: room.closed,
            open: room.open(),
            tcp: room.tcp.into(),
            udp: room.udp.into(),
            destinations: rows.iter().map(RowJson::from).collect(),
            more: *more,
            pools: room.pools.iter().take(POOLS).map(PoolJson::from).collect(),
            no_port: unserved.map(|all| all.into_iter().map(NoPortJson::from).collect()),
            conntrack: limits.conntrack.is_some(),
            somaxconn: limits.somaxconn,
            listen_overflows: limits.counters.listen_overflows,
            listen_drops: limits.counters.listen_drops,
            time_wait_overflows: limits.counters.time_wait_overflows,
        }
    }
}

impl From<&Pool> for PoolJson {
    fn from(pool: &Pool) -> PoolJson {
        PoolJson {
            destination: pool.remote.into(),
            sources: pool.sources.clone(),
            taken: pool.taken,
            of: pool.of,
            fill: pool.fill(),
            free: pool.free(),
            reusable: pool.reusable,
        }
    }
}

impl From<&Unserved> for NoPortJson {
    fn from(unserved: &Unserved) -> NoPortJson {
        NoPortJson {
            source: unserved.source,
            destination: unserved.remote().into(),
            count: unserved.count,
            last: utc_ns(unserved.last()),
        }
    }
}

impl From<Usage> for UsageJson {
    fn from(usage: Usage) -> UsageJson {
        UsageJson { ports: usage.ports, states: states(&usage.states) }
    }
}

impl<'a> From<&'a Row> for RowJson<'a> {
    fn from(row: &'a Row) -> RowJson<'a> {
        let destination = &row.destination;
        RowJson {
            proto: destination.proto.name(),
            source: destination.source,
            destination: destination.remote.into(),
            taken: destination.taken,
            of: destination.of,
            fill: destination.fill(),
            free: destination.free(),
            reusable: destination.reusable,
            states: states(&destination.states),
            cliff: cliff(destination.cliff()),
            new_per_s: row.trend.map(|trend| trend.per_s),
            growth_per_s2: row.trend.map(|trend| trend.growth),
            outlook: row.outlook.map(outlook),
            full_in_s: row.outlook.and_then(Outlook::within).map(|time| time.as_secs_f64()),
            levels_at: match row.outlook {
                Some(Outlook::Levels(ports)) => Some(ports),
                _ => None,
            },
            holders: row.holders.iter().map(HeldByJson::from).collect(),
        }
    }
}

impl<'a> From<&'a HeldBy> for HeldByJson<'a> {
    fn from(held: &'a HeldBy) -> HeldByJson<'a> {
        let place = held.holder.place();
        let (status, process, user) = match &held.holder {
            Holder::Process(process) => ("known", Some(&**process), process.user.name.as_deref()),
            Holder::Hidden { user, .. } => {
                ("hidden", None, user.as_ref().and_then(|user| user.name.as_deref()))
            }
            Holder::TimeWait => ("time-wait", None, None),
            Holder::Kernel => ("kernel", None, None),
        };
        HeldByJson {
            status,
            sockets: held.sockets,
            process: process.map(|process| ProcessJson::new(process, Vec::new())),
            user,
            unit: place.and_then(|place| place.unit.as_deref()),
            container: place.and_then(|place| place.container.as_deref()),
        }
    }
}

impl From<Limit> for LimitJson {
    fn from(limit: Limit) -> LimitJson {
        LimitJson {
            kind: limit.kind.code(),
            used: limit.gauge.used,
            of: limit.gauge.of,
            share: limit.gauge.share(),
            netns: limit.netns.map(|netns| netns.id.0),
            whose: limit.of_what,
            pid: limit.pid.map(|pid| pid.0),
        }
    }
}

fn states(states: &StateCounts) -> BTreeMap<&'static str, u32> {
    states.each().map(|(state, count)| (state.name(), count)).collect()
}

/// A stable word for how near the cliff is.
pub(crate) const fn cliff(cliff: Cliff) -> &'static str {
    match cliff {
        Cliff::Far => "far",
        Cliff::Near => "near",
        Cliff::Past => "past",
    }
}

const fn outlook(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Full => "full",
        Outlook::In(_) => "fills",
        Outlook::Levels(_) => "levels",
        Outlook::Later => "later",
    }
}

/// How many destinations of several source addresses are sent.
const POOLS: usize = 100;
