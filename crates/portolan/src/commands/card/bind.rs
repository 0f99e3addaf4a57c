//! BIND: whether the port can be bound, and who stands in the way.

use std::net::IpAddr;

use registry::{Port, Proto};
use sockets::{BindVerdict, Outcome, PortSettings, Reason, Snapshot, Socket, Source};

use super::{Card, told};
use crate::label::Scene;
use crate::tongue::Tongue;

/// The verdicts for `port`: the kernel's, explained from the table, or the table's alone.
pub(super) fn verdicts(
    source: &impl Source,
    port: Port,
    protos: &[Proto],
    snapshot: &Snapshot,
    settings: &PortSettings,
    no_probe: bool,
) -> Vec<BindVerdict> {
    let own = own_sockets(snapshot);
    if no_probe {
        let premises = source.bind_premises().with_notes(&snapshot.notes);
        return sockets::predict_binds(port, protos, own, settings, &premises);
    }
    let trials = source.try_binds(port, protos);
    sockets::explain_binds(port, protos, own, settings, &trials)
}

/// The sockets of our own namespace, which a bind of ours meets; they stand first.
pub(super) fn own_sockets(snapshot: &Snapshot) -> &[Socket] {
    let own = snapshot.netns.first().map(|netns| netns.id);
    let end = snapshot.sockets.iter().position(|socket| own.is_some_and(|own| socket.netns != own));
    &snapshot.sockets[..end.unwrap_or(snapshot.sockets.len())]
}

/// A line of BIND: the answer and what it is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) answer: Outcome,
    pub(super) text: String,
}

/// Whether two plain verdicts would be described in the same words.
fn read_alike(a: &BindVerdict, b: &BindVerdict) -> bool {
    (a.outcome, a.reason, a.culprit, a.remedy) == (b.outcome, b.reason, b.culprit, b.remedy)
}

/// Verdicts of one protocol that read alike.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) verdicts: Vec<&'a BindVerdict>,
    /// Whether no other group of the protocol reads otherwise.
    everywhere: bool,
}

impl Group<'_> {
    /// The addresses it is about; none where that is every one.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let all = if self.everywhere { &[] } else { &self.verdicts[..] };
        all.iter().map(|verdict| verdict.addr).collect()
    }
}

/// For each protocol one group where every address has the same answer, else one for each set of
/// addresses that share it.
pub(super) fn groups(card: &Card) -> Vec<Group<'_>> {
    let mut all = Vec::new();
    for verdicts in card.binds.chunk_by(|a, b| a.proto == b.proto) {
        let mut groups: Vec<Vec<&BindVerdict>> = Vec::new();
        let plain = verdicts.iter().filter(|verdict| !verdict.reuseaddr);
        for verdict in plain.filter(|verdict| verdict.reason != Some(Reason::FamilyAbsent)) {
            match groups.iter_mut().find(|group| read_alike(group[0], verdict)) {
                Some(group) => group.push(verdict),
                None => groups.push(vec![verdict]),
            }
        }
        let everywhere = groups.len() == 1;
        all.extend(groups.into_iter().map(|verdicts| Group { verdicts, everywhere }));
    }
    all
}

/// BIND in lines, one for each group.
pub(super) fn lines(card: &Card) -> Vec<Line> {
    let scene = Scene::of(&card.snapshot.sockets, &card.ownership);
    groups(card).iter().map(|group| line(card, &scene, group)).collect()
}

fn line(card: &Card, scene: &Scene<'_>, group: &Group<'_>) -> Line {
    let verdict = group.verdicts[0];
    let proto = verdict.proto;
    let tongue = card.tongue;
    let named = ("proto", proto.name().into());
    let place = if group.everywhere {
        tongue.say("card-for", &[named], || format!("for {proto}"))
    } else {
        let addrs: Vec<String> = group.addresses().into_iter().map(address).collect();
        let args = [named, ("addresses", addrs.clone().into())];
        tongue.say("card-for-on", &args, || format!("for {proto} on {}", listed(&addrs)))
    };
    let text = match verdict.reason {
        Some(reason) if verdict.outcome != Outcome::Yes => {
            let culprit = verdict.culprit.and_then(|at| card.snapshot.sockets.get(at));
            let remedy = verdict.remedy.map(|it| format!("; {}", told::remedy(tongue, it)));
            let because = because(tongue, scene, reason, culprit);
            format!("{place}: {because}{}", remedy.unwrap_or_default())
        }
        _ => place,
    };
    Line { answer: verdict.outcome, text }
}

/// Why a bind fails, with the holder's name in it.
pub(super) fn because(
    tongue: Tongue,
    scene: &Scene<'_>,
    reason: Reason,
    culprit: Option<&Socket>,
) -> String {
    let holder = culprit.filter(|_| reason.predicate().is_some());
    let who = holder.and_then(|socket| scene.who(socket).subject(tongue));
    told::reason(tongue, reason, who.as_deref())
}

/// An address in a sentence: IPv6 ones in brackets, so that no colon runs into another.
fn address(addr: IpAddr) -> String {
    match addr {
        IpAddr::V4(addr) => addr.to_string(),
        IpAddr::V6(addr) => format!("[{addr}]"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
