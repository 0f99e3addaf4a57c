//! What is on the chart, as plain data: a set of ports for each layer, and what is always there.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use registry::{Port, PortRange, Standing, Territory};

use crate::chart::port_set::PortSet;
use crate::{ChartNow, Held, Role};

/// What is so on a host, or was, port by port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// The ports that the kernel hands out to those who ask for any: `None` where that was not
    /// recorded.
    pub ephemeral: Option<PortRange>,
    /// Ports that IANA assigned to a service. See [`assigned`].
    pub assigned: PortSet,
    /// Ports on which somebody waits for others: TCP listeners, and UDP sockets without a peer.
    pub listening: PortSet,
    /// Local ports of connections that this host made, or of those whose side is not known, and
    /// ports that are bound and not listened on.
    pub outgoing: PortSet,
    /// Ports in `TIME-WAIT`.
    pub time_wait: PortSet,
    /// Ports that somebody held in the last hour.
    pub history: PortSet,
}

impl Layers {
    /// Nothing but what IANA says.
    #[must_use]
    pub fn new(ephemeral: Option<PortRange>) -> Layers {
        Layers {
            ephemeral,
            assigned: assigned().clone(),
            listening: PortSet::new(),
            outgoing: PortSet::new(),
            time_wait: PortSet::new(),
            history: PortSet::new(),
        }
    }

    /// Puts a held port where it belongs. A connection that came in has the port of whoever listens,
    /// and shows where nobody does any more.
    pub fn hold(&mut self, port: Port, role: Role) {
        match role {
            Role::Listens => self.listening.insert(port),
            Role::Lingers => self.time_wait.insert(port),
            Role::Outgoing | Role::Connected | Role::Bound => self.outgoing.insert(port),
            Role::Incoming if !self.listening.contains(port) => self.outgoing.insert(port),
            Role::Incoming | Role::Client | Role::Talks => {}
        }
    }

    /// The ports of one layer; the territories and the ephemeral range have none of their own.
    #[must_use]
    pub fn ports(&self, layer: Layer) -> Option<&PortSet> {
        match layer {
            Layer::Territories | Layer::Ephemeral => None,
            Layer::Assigned => Some(&self.assigned),
            Layer::Listening => Some(&self.listening),
            Layer::Outgoing => Some(&self.outgoing),
            Layer::TimeWait => Some(&self.time_wait),
            Layer::History => Some(&self.history),
        }
    }
}

impl From<&ChartNow> for Layers {
    fn from(now: &ChartNow) -> Layers {
        let mut layers = Layers::new(now.ephemeral);
        // Listeners come first, so that what came in to them is known as such.
        let listens = |held: &&Held| held.role == Role::Listens;
        let (first, rest): (Vec<&Held>, Vec<&Held>) = now.held.iter().partition(listens);
        first.into_iter().chain(rest).for_each(|held| layers.hold(held.port, held.role));
        layers.history.extend(now.recent.iter().copied());
        layers
    }
}

/// The ports that IANA assigned to a service, whatever the protocol.
#[must_use]
pub fn assigned() -> &'static PortSet {
    &ASSIGNED
}

static ASSIGNED: LazyLock<PortSet> = LazyLock::new(|| {
    registry::all()
        .filter(|line| line.standing == Standing::Assigned)
        .flat_map(|line| line.ports.first().number()..=line.ports.last().number())
        .map(Port)
        // A few lines reach beyond what can be assigned: RFC 6335 §6.
        .filter(|port| Territory::of(*port) != Territory::Dynamic)
        .collect()
});

/// A layer that can be switched on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The coasts of the three territories, and their names.
    Territories,
    /// This host's ephemeral range.
    Ephemeral,
    /// Assigned ports.
    Assigned,
    /// Ports held in the last hour.
    History,
    /// Ports in `TIME-WAIT`.
    TimeWait,
    /// Outgoing connections.
    Outgoing,
    /// Listeners.
    Listening,
}

impl Layer {
    /// Every layer, from the bottom of the chart up.
    pub const ALL: [Layer; 7] = [
        Layer::Territories,
        Layer::Ephemeral,
        Layer::Assigned,
        Layer::History,
        Layer::TimeWait,
        Layer::Outgoing,
        Layer::Listening,
    ];

    /// A stable word for programs: `territories`, `ephemeral`, `assigned`, `history`, `time-wait`,
    /// `outgoing` or `listening`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Layer::Territories => "territories",
            Layer::Ephemeral => "ephemeral",
            Layer::Assigned => "assigned",
            Layer::History => "history",
            Layer::TimeWait => "time-wait",
            Layer::Outgoing => "outgoing",
            Layer::Listening => "listening",
        }
    }
}

/// Which layers to draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shown(u8);

impl Shown {
    /// Every layer.
    pub const ALL: Shown = Shown(0x7f);
    /// No layer: land and sea alone.
    pub const NONE: Shown = Shown(0);
    /// What does not change from one second to the next.
    pub const STILL: Shown =
        Shown::NONE.with(Layer::Territories).with(Layer::Ephemeral).with(Layer::Assigned);

    /// These and `layer`.
    #[must_use]
    pub const fn with(self, layer: Layer) -> Shown {
        Shown(self.0 | 1 << layer as u8)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, more: Shown) -> Shown {
        Shown(self.0 | more.0)
    }

    /// Whether `layer` is one of these.
    #[must_use]
    pub const fn contains(self, layer: Layer) -> bool {
        self.0 >> (layer as u8) & 1 == 1
    }
}

impl Default for Shown {
    fn default() -> Shown {
        Shown::ALL
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = Layer::ALL.into_iter().filter(|layer| self.contains(*layer));
        match names.next() {
            None => f.write_str("none"),
            Some(first) => {
                f.write_str(first.name())?;
                names.try_for_each(|layer| write!(f, ",{}", layer.name()))
            }
        }
    }
}

impl FromStr for Shown {
    type Err = ParseShownError;

    /// Reads names with commas between: `listening,outgoing`, or `all`, or `none`.
    fn from_str(text: &str) -> Result<Shown, ParseShownError> {
        match text.trim() {
            "all" => return Ok(Shown::ALL),
            "none" | "" => return Ok(Shown::NONE),
            _ => {}
        }
        text.split(',').try_fold(Shown::NONE, |shown, name| {
            let name = name.trim().to_ascii_lowercase().replace('_', "-");
            let layer = Layer::ALL.into_iter().find(|layer| layer.name() == name);
            layer.map(|layer| shown.with(layer)).ok_or(ParseShownError { name })
        })
    }
}

/// A layer that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no layer {name:?}: the layers are territories, ephemeral, assigned, history, \
     time-wait, outgoing and listening, or all, or none"
)]
pub struct ParseShownError {
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_iana_assigned_is_on_the_chart() {
        let assigned = assigned();
        for (port, is) in [(22, true), (443, true), (6005, true), (60_440, false), (49_152, false)]
        {
            assert_eq!(assigned.contains(Port(port)), is, "{port}");
        }
        assert!((5_000..8_000).contains(&assigned.len()), "{}", assigned.len());
    }

    #[test]
    fn layers_are_chosen_by_name() {
        let some: Shown = "listening, time_wait".parse().unwrap();
        assert!(some.contains(Layer::Listening) && some.contains(Layer::TimeWait));
        assert!(!some.contains(Layer::Assigned));
        assert_eq!(some.to_string(), "time-wait,listening");
        assert_eq!("all".parse(), Ok(Shown::ALL));
        assert_eq!("none".parse(), Ok(Shown::NONE));
        for layer in Layer::ALL {
            let shown: Shown = layer.name().parse().unwrap();
            assert_eq!(shown, Shown::NONE.with(layer));
        }
        assert_eq!(Shown::ALL.to_string().parse(), Ok(Shown::ALL));
    }

    #[test]
    fn a_layer_that_does_not_exist_is_told_with_those_that_do() {
        let error = "listening,\u{1b}[31m".parse::<Shown>().unwrap_err().to_string();
        assert!(error.starts_with("there is no layer \"\\u{1b}[31m\": the layers are"), "{error}");
    }
}
