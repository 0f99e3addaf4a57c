//! How much room is left for connections, as a page shows it.

use std::path::Path;

use sockets::{NetnsScope, Outlook, State};
use web::{DestinationView, FullIn, HolderView, LimitView, RoomNow, UnservedView, Viewer};

use super::past::Pasts;
use super::{Eyes, hour};
use crate::commands::card;
use crate::commands::room::words::{about, percent, placed, rate};
use crate::commands::room::{
    Asked, Extent, HeldBy, Holder, Holders, Limit, Row, Survey, cliff, limits,
};
use crate::label;
use crate::recorder::Unserved;

/// A survey, and how full each of its destinations was in the last hour.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) survey: Survey,
    hours: Vec<Vec<Option<u32>>>,
}

/// Looks twice, for `viewer`.
pub(super) fn look(viewer: Viewer, dir: Option<&Path>, pasts: &Pasts) -> anyhow::Result<Seen> {
    let asked = Asked {
        scope: NetnsScope::Own,
        extent: Extent::Room,
        over: None,
        top: DESTINATIONS,
        dir: dir.map(Path::to_owned),
        holders: Holders::Wanted,
        processes: viewer.is_operator(),
    };
    let survey = Survey::take(&Eyes(viewer), &asked)?;
    let hours = hour::of(&survey.namespaces[0], pasts)?;
    Ok(Seen { survey, hours })
}

/// What a page shows of it.
pub(super) fn view(seen: &Seen) -> RoomNow {
    let survey = &seen.survey;
    let own = &survey.namespaces[0];
    let ports = &own.limits.ports;
    let hours = seen.hours.iter().cloned().chain(std::iter::repeat(Vec::new()));
    RoomNow {
        range: ports.ephemeral,
        open: own.room.open(),
        reserved: ports.ephemeral.count() - own.room.handed_out,
        closed: own.room.closed,
        udp: own.room.udp.ports,
        destinations: own
            .rows
            .iter()
            .zip(hours)
            .map(|(row, hour)| destination(row, hour))
            .collect(),
        more: own.more,
        unserved: survey
            .unserved_in(own)
            .unwrap_or_default()
            .into_iter()
            .take(UNSERVED)
            .map(unserved)
            .collect(),
        limits: limits(survey).into_iter().map(limit).collect(),
        overflows: own.limits.counters.listen_overflows,
        skipped: own.limits.counters.time_wait_overflows,
        tracked: own.limits.conntrack.is_some(),
        rates: survey.told.code(),
        notes: survey.notes.iter().map(card::note_view).collect(),
    }
}

fn destination(row: &Row, hour: Vec<Option<u32>>) -> DestinationView {
    let it = &row.destination;
    DestinationView {
        proto: it.proto,
        source: it.source.to_string(),
        remote: it.remote.to_string(),
        port: it.remote.port,
        taken: it.taken,
        of: it.of,
        fill: it.fill(),
        percent: percent(it.fill()),
        waiting: it.states.of(State::TimeWait),
        rate: row.trend.map(|trend| rate(trend.per_s)),
        full_in: match row.outlook {
            None => FullIn::Unknown,
            Some(Outlook::Full) => FullIn::Now,
            Some(Outlook::In(time)) => FullIn::In(about(time)),
            Some(Outlook::Later) => FullIn::Later,
            Some(Outlook::Levels(_)) => FullIn::Never,
        },
        cliff: cliff(it.cliff()),
        holders: row.holders.iter().map(holder).collect(),
        hour,
    }
}

fn unserved(it: &Unserved) -> UnservedView {
    let (source, remote) = (it.source.to_string(), it.remote().to_string());
    UnservedView { source, remote, count: it.count }
}

fn holder(held: &HeldBy) -> HolderView {
    let (process, why, user) = match &held.holder {
        Holder::Process(process) => {
            let who = placed(label::process(process), Some(&process.place));
            (Some(who), "known", String::new())
        }
        Holder::Hidden { user, .. } => {
            (None, "hidden", user.as_ref().map(label::user).unwrap_or_default())
        }
        Holder::TimeWait => (None, "time-wait", String::new()),
        Holder::Kernel => (None, "kernel", String::new()),
    };
    HolderView { process, why, user, sockets: held.sockets }
}

fn limit(limit: Limit) -> LimitView {
    LimitView {
        kind: limit.kind.code(),
        used: limit.gauge.used,
        of: (limit.gauge.of < UNLIMITED).then_some(limit.gauge.of),
        share: limit.gauge.share(),
        percent: percent(limit.gauge.share()),
        whose: limit.of_what.unwrap_or_default(),
        setting: limit.kind.setting(),
    }
}

/// How many destinations a page shows.
const DESTINATIONS: usize = 50;
/// Of how many it tells that connects found no port there.
const UNSERVED: usize = 5;
/// What the kernel says where there is no limit to speak of.
const UNLIMITED: u64 = i64::MAX as u64;
