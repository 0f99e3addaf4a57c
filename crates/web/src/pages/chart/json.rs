//! The chart as data: `/api/v1/chart`, described in `docs/json.md`, and the names of services for
//! the page's script.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use registry::{Port, PortRange};
use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use crate::chart::{Layers, PortSet, service_name};
use crate::{ChartNow, Gap, Held, Moment, Role, Told};

/// The object of `/api/v1/chart`.
#[derive(Debug, Serialize)]
pub(super) struct ChartJson<'a> {
    schema: &'static str,
    /// Left out where answers are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    ephemeral: Option<RangeJson>,
    listening: Ports<'a>,
    outgoing: Ports<'a>,
    time_wait: Ports<'a>,
    history: Ports<'a>,
    owners: Vec<OwnerJson<'a>>,
    past: &'static str,
    since: Option<String>,
    gaps: Vec<GapJson>,
}

#[derive(Debug, Serialize)]
struct RangeJson {
    first: u16,
    last: u16,
}

#[derive(Debug, Serialize)]
struct OwnerJson<'a> {
    port: u16,
    proto: String,
    role: &'static str,
    sockets: u32,
    who: &'a str,
}

#[derive(Debug, Serialize)]
struct GapJson {
    from: String,
    until: Option<String>,
    reason: &'static str,
}

/// When an answer was given, or nothing, so that answers can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    Given,
    Omitted,
}

impl<'a> ChartJson<'a> {
    pub(super) fn new(now: &'a ChartNow, layers: &'a Layers, stamp: Stamp) -> ChartJson<'a> {
        let range = |range: PortRange| RangeJson {
            first: range.first().number(),
            last: range.last().number(),
        };
        ChartJson {
            schema: "portolan/1",
            at: (stamp == Stamp::Given).then(|| now.at.utc()),
            ephemeral: now.ephemeral.map(range),
            listening: Ports(&layers.listening),
            outgoing: Ports(&layers.outgoing),
            time_wait: Ports(&layers.time_wait),
            history: Ports(&layers.history),
            owners: owners(now),
            past: told(&now.told),
            since: now.since.map(Moment::utc),
            gaps: now.gaps.iter().map(GapJson::from).collect(),
        }
    }
}

/// Who holds what, listeners first, as many as a page can tell of.
fn owners(now: &ChartNow) -> Vec<OwnerJson<'_>> {
    let mut held: Vec<&Held> = now.held.iter().filter(|held| !held.who.is_empty()).collect();
    held.sort_by_key(|held| held.role != Role::Listens);
    let owner = |held: &'_ Held| OwnerJson {
        port: held.port.number(),
        proto: held.proto.to_string(),
        role: held.role.name(),
        sockets: held.sockets,
        who: "",
    };
    held.into_iter()
        .take(MOST_OWNERS)
        .map(|held| OwnerJson { who: &held.who, ..owner(held) })
        .collect()
}

const fn told(told: &Told) -> &'static str {
    match told {
        Told::ByRecorder => "recorder",
        Told::FromStore => "store",
        Told::Unrecorded => "not-recorded",
        Told::Forbidden => "forbidden",
    }
}

impl From<&Gap> for GapJson {
    fn from(gap: &Gap) -> GapJson {
        GapJson { from: gap.from.utc(), until: gap.until.map(Moment::utc), reason: gap.reason }
    }
}

/// Ports as numbers, and as pairs of the first and the last where several follow on each other.
#[derive(Debug)]
struct Ports<'a>(&'a PortSet);

impl Serialize for Ports<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for run in self.0.runs() {
            let (first, last) = (run.first().number(), run.last().number());
            if first == last {
                list.serialize_element(&first)?;
            } else {
                list.serialize_element(&[first, last])?;
            }
        }
        list.end()
    }
}

/// The services by port, as a JSON object.
pub(super) static NAMES: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let named = |number: u16| Some((number, service_name(Port(number))?));
    let names: BTreeMap<u16, &str> = (0..=u16::MAX).filter_map(named).collect();
    serde_json::to_vec(&names).expect("numbers and names are JSON")
});

/// So many owners are told of: more would make the answer large, and each port's page has them.
const MOST_OWNERS: usize = 1000;

#[cfg(test)]
mod tests {
    use registry::Proto;

    use super::*;

    fn now() -> ChartNow {
        let held = |port, role, who: &str| Held {
            port: Port(port),
            proto: Proto::Tcp,
            role,
            sockets: 1,
            who: who.to_owned(),
        };
        ChartNow {
            at: Moment(1_769_176_991_000_000_000),
            held: vec![
                held(22, Role::Listens, "sshd (9)"),
                held(22, Role::Incoming, "sshd (10)"),
                held(40_000, Role::Outgoing, "<script>"),
                held(40_001, Role::Connected, ""),
                held(40_002, Role::Lingers, ""),
            ],
            recent: vec![Port(80)],
            ephemeral: PortRange::new(Port(32_768), Port(60_999)),
            reserved: Vec::new(),
            told: Told::FromStore,
            since: Some(Moment(1_769_000_000_000_000_000)),
            gaps: Vec::new(),
        }
    }

    #[test]
    fn the_chart_is_data() {
        let now = now();
        let layers = Layers::from(&now);
        let json = serde_json::to_value(ChartJson::new(&now, &layers, Stamp::Given)).unwrap();
        assert_eq!(json["schema"], "portolan/1");
        assert_eq!(json["at"], "2026-01-23T14:03:11.000Z");
        assert_eq!(json["listening"], serde_json::json!([22]));
        assert_eq!(json["outgoing"], serde_json::json!([[40_000, 40_001]]));
        assert_eq!(json["time_wait"], serde_json::json!([40_002]));
        assert_eq!(json["ephemeral"]["last"], 60_999);
        assert_eq!(
            (&json["past"], &json["owners"][0]["who"]),
            (&"store".into(), &"sshd (9)".into())
        );
        let bare = serde_json::to_value(ChartJson::new(&now, &layers, Stamp::Omitted)).unwrap();
        assert!(bare.get("at").is_none());
    }

    #[test]
    fn services_are_named_for_the_script() {
        let names: BTreeMap<u16, String> = serde_json::from_slice(&NAMES).unwrap();
        assert_eq!(names[&22], "ssh");
        assert!(names.len() > 5_000 && NAMES.len() < 250_000, "{}", NAMES.len());
    }
}
