//! Tenures, their parties and gaps, as `docs/json.md` describes them.

use jiff::Timestamp;
use log::{Gap, GapReason, Moment, Party, Tenure};
use serde::Serialize;
use sockets::{Ending, Evidence, Family, Opened, Role, Users};

use super::{EndpointJson, ProcessJson};

/// One socket holding one local port.
#[derive(Debug, Serialize)]
pub(crate) struct TenureJson<'a> {
    proto: &'static str,
    family: &'static str,
    v6only: Option<bool>,
    local: EndpointJson,
    remote: Option<EndpointJson>,
    role: &'static str,
    netns: u64,
    uid: Option<u32>,
    user: Option<String>,
    holder: Option<PartyJson<'a>>,
    opener: Option<PartyJson<'a>>,
    taker: Option<PartyJson<'a>>,
    closer: Option<PartyJson<'a>>,
    from: String,
    until: Option<String>,
    duration_ns: u64,
    ended: Option<&'static str>,
    time_wait_until: Option<String>,
    evidence: &'static str,
}

/// A process that had to do with a tenure, or why it is not told.
#[derive(Debug, Serialize)]
struct PartyJson<'a> {
    status: &'static str,
    uid: u32,
    user: Option<String>,
    process: Option<ProcessJson<'a>>,
}

impl<'a> TenureJson<'a> {
    /// `tenure`, with the names of `users`.
    pub(crate) fn new(tenure: &'a Tenure, users: &Users) -> TenureJson<'a> {
        let party = |party| PartyJson::new(party, users);
        let uid = (tenure.uid != Opened::NO_UID).then_some(tenure.uid);
        TenureJson {
            proto: tenure.proto.name(),
            family: match tenure.family {
                Family::V4 => "ipv4",
                Family::V6 => "ipv6",
            },
            v6only: (tenure.family == Family::V6).then_some(tenure.v6only),
            local: tenure.local.into(),
            remote: tenure.remote.map(EndpointJson::from),
            role: match tenure.role {
                Role::Bound => "bound",
                Role::Listening => "listening",
                Role::Outgoing => "outgoing",
                Role::Incoming => "incoming",
            },
            netns: tenure.netns.0,
            uid,
            user: uid.and_then(|uid| user(uid, users)),
            holder: party(tenure.holder()),
            opener: party(&tenure.opener),
            taker: party(&tenure.taker),
            closer: party(&tenure.closer),
            from: utc_ns(tenure.from),
            until: tenure.until.map(utc_ns),
            duration_ns: u64::try_from(tenure.duration.as_nanos()).unwrap_or(u64::MAX),
            ended: tenure.ending.map(ending),
            time_wait_until: tenure.tail_end().map(utc_ns),
            evidence: match tenure.evidence {
                Evidence::Exact => "exact",
                Evidence::OpenAtStart => "open-at-start",
                Evidence::Sampled => "sampled",
            },
        }
    }
}

impl TenureJson<'_> {
    /// How it ended, as a stable word; `None` while it lasts.
    pub(crate) fn ended(&self) -> Option<&'static str> {
        self.ended
    }
}

impl<'a> PartyJson<'a> {
    fn new(party: &'a Party, users: &Users) -> Option<PartyJson<'a>> {
        Some(match party {
            Party::Known(program) => {
                let then = &program.process.user;
                let name = then.name.as_ref().map(ToString::to_string);
                PartyJson {
                    status: "known",
                    uid: then.uid,
                    user: name.or_else(|| user(then.uid, users)),
                    process: Some(ProcessJson::new(&program.process, Vec::new())),
                }
            }
            Party::Hidden { uid } => {
                PartyJson { status: "hidden", uid: *uid, user: user(*uid, users), process: None }
            }
            Party::Unknown => return None,
        })
    }
}

fn user(uid: u32, users: &Users) -> Option<String> {
    users.user(uid).name.map(|name| name.to_string())
}

fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Closed => "closed",
        Ending::TimeWait => "time-wait",
        Ending::Aborted => "aborted",
        Ending::Reset => "reset",
        Ending::Refused => "refused",
        Ending::TimedOut => "timed-out",
        Ending::Failed => "failed",
        Ending::Unseen => "unseen",
        Ending::FinWait => "fin-wait",
        Ending::FinWaitBriefly => "fin-wait-briefly",
    }
}

/// A time that the log does not have, or not all of.
#[derive(Debug, Serialize)]
pub(crate) struct GapJson {
    from: String,
    until: Option<String>,
    reason: &'static str,
    events: u64,
}

impl From<&Gap> for GapJson {
    fn from(gap: &Gap) -> GapJson {
        GapJson {
            from: utc_ns(gap.from),
            until: gap.until.map(utc_ns),
            reason: match gap.reason {
                GapReason::NotRunning => "not-running",
                GapReason::EventsLost => "events-lost",
                GapReason::DiskFull => "disk-full",
                GapReason::JournalCut => "journal-cut",
                GapReason::SegmentLost => "segment-lost",
                GapReason::Sampled => "sampled",
                GapReason::TailUnknown => "tail-unknown",
            },
            events: gap.events,
        }
    }
}

/// A moment in RFC 3339, UTC, to the nanosecond.
pub(crate) fn utc_ns(at: Moment) -> String {
    let at = Timestamp::from_nanosecond(at.0.into()).unwrap_or(Timestamp::MAX);
    format!("{at:.9}")
}
