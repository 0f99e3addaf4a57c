//! A tenure in `--json`, as `docs/json.md` describes it: what `who` answers and `watch` tells.

use jiff::Timestamp;
use log::{Moment, Party, Tenure};
use serde::Serialize;
use sockets::Family;

use super::json::{EndpointJson, ProcessJson};
use crate::tenure_label;

/// A tenure.
#[derive(Debug, Serialize)]
pub(crate) struct TenureJson<'a> {
    proto: &'static str,
    family: &'static str,
    v6only: bool,
    local: EndpointJson,
    remote: Option<EndpointJson>,
    netns: u64,
    role: &'static str,
    from: Option<String>,
    until: Option<String>,
    duration_ns: u64,
    ending: Option<&'static str>,
    evidence: &'static str,
    uid: Option<u32>,
    opener: PartyJson<'a>,
    taker: PartyJson<'a>,
    closer: PartyJson<'a>,
}

/// A process that had to do with a tenure.
#[derive(Debug, Serialize)]
struct PartyJson<'a> {
    status: &'static str,
    uid: Option<u32>,
    process: Option<ProcessJson<'a>>,
}

impl<'a> From<&'a Tenure> for TenureJson<'a> {
    fn from(tenure: &'a Tenure) -> TenureJson<'a> {
        TenureJson {
            proto: tenure.proto.name(),
            family: match tenure.family {
                Family::V4 => "ipv4",
                Family::V6 => "ipv6",
            },
            v6only: tenure.v6only,
            local: tenure.local.into(),
            remote: tenure.remote.map(EndpointJson::from),
            netns: tenure.netns.0,
            role: tenure_label::role(tenure.role),
            from: utc(tenure.from),
            until: tenure.until.and_then(utc),
            duration_ns: u64::try_from(tenure.duration.as_nanos()).unwrap_or(u64::MAX),
            ending: tenure.ending.map(tenure_label::ending_code),
            evidence: tenure_label::evidence_code(tenure.evidence),
            uid: tenure_label::maker(tenure),
            opener: (&tenure.opener).into(),
            taker: (&tenure.taker).into(),
            closer: (&tenure.closer).into(),
        }
    }
}

impl<'a> From<&'a Party> for PartyJson<'a> {
    fn from(party: &'a Party) -> PartyJson<'a> {
        match party {
            Party::Known(program) => PartyJson {
                status: "known",
                uid: Some(program.process.user.uid),
                process: Some(ProcessJson::new(&program.process, Vec::new())),
            },
            Party::Hidden { uid } => PartyJson { status: "hidden", uid: Some(*uid), process: None },
            Party::Unknown => PartyJson { status: "unknown", uid: None, process: None },
        }
    }
}

/// A moment in RFC 3339, UTC, to the nanosecond; `None` where the year has more than four digits.
pub(crate) fn utc(moment: Moment) -> Option<String> {
    Timestamp::from_nanosecond(i128::from(moment.0)).ok().map(|at| format!("{at:.9}"))
}
