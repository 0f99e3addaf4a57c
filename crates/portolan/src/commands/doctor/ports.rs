//! Checks of the ephemeral range against what listens, is assigned, or is taken by software for itself.

use std::collections::BTreeMap;

use registry::{Port, PortRange, Proto, Standing};
use sockets::{PortSettings, Socket};
use web::Remark;

use super::catalogue::{
    ASSIGNED_IN_RANGE, KNOWN_BLOCK_IN_RANGE, LISTENER_IN_RANGE, RANGE_BELOW_1024, RESERVED_SKEW,
    SMALL_RANGE,
};
use super::remark::{Value, remark};
use super::{Finding, Scene};
use crate::commands::room::Namespace;
use crate::label;
use crate::servers::{serves, service};

/// Servers whose port may be given to a connection while they are down.
pub(super) fn listeners_in_range(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let inside = listeners_inside(scene, namespace);
        let unassigned =
            inside.into_iter().filter(|((port, proto), _)| service(*port, *proto).is_none());
        let finding = |((port, proto), sockets): ((Port, Proto), Vec<&Socket>)| {
            Finding::new(&LISTENER_IN_RANGE, served(scene, port, proto, sockets[0]))
                .evidence(listens(scene, &sockets, namespace))
                .fix(reserve(scene, namespace))
        };
        unassigned.map(finding).collect()
    })
}

/// The same, where the port is one that the service is known by.
pub(super) fn assigned_in_range(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let inside = listeners_inside(scene, namespace);
        let finding = |((port, proto), sockets): ((Port, Proto), Vec<&Socket>)| {
            let (name, standing) = service(port, proto)?;
            let (port_of, name) = (Value::text(format_args!("{port}/{proto}")), Value::text(name));
            let known = match standing {
                Standing::Unofficial => remark!(
                    "evidence-unofficial",
                    "{port} is known by custom as {name}",
                    port = port_of,
                    name = name,
                ),
                _ => remark!(
                    "evidence-assigned",
                    "{port} is assigned to {name}",
                    port = port_of,
                    name = name,
                ),
            };
            Some(
                Finding::new(&ASSIGNED_IN_RANGE, served(scene, port, proto, sockets[0]))
                    .evidence(known)
                    .evidence(listens(scene, &sockets, namespace))
                    .fix(reserve(scene, namespace)),
            )
        };
        inside.into_iter().filter_map(finding).collect()
    })
}

/// The servers that may lose their port, by port.
fn listeners_inside<'a>(
    scene: &'a Scene,
    namespace: &'a Namespace,
) -> BTreeMap<(Port, Proto), Vec<&'a Socket>> {
    let settings = &namespace.limits.ports;
    let mut inside: BTreeMap<(Port, Proto), Vec<&Socket>> = BTreeMap::new();
    let given = |socket: &&Socket| settings.hands_out(socket.local.port);
    for socket in scene.sockets_of(namespace).filter(given).filter(|it| serves(it, settings)) {
        inside.entry((socket.local.port, socket.proto)).or_default().push(socket);
    }
    inside
}

/// A port, and who serves it.
fn served(scene: &Scene, port: Port, proto: Proto, socket: &Socket) -> Remark {
    let what = Value::text(format_args!("{port}/{proto}"));
    remark!("subject-served", "{what}, {who}", what = what, who = scene.who(socket))
}

fn listens(scene: &Scene, sockets: &[&Socket], namespace: &Namespace) -> Remark {
    let places = sockets.iter().map(|socket| label::local(socket).to_string()).collect();
    remark!(
        "evidence-listens",
        "{who} listens on {places}, inside {range}",
        who = scene.who(sockets[0]),
        places = Value::list(places, " and "),
        range = label::range(namespace.limits.ports.ephemeral),
    )
}

fn reserve(scene: &Scene, namespace: &Namespace) -> String {
    let range = settable(&namespace.limits.ports);
    scene.places.range_set(&namespace.limits.netns, &format!("{range} --reserve-listeners"))
}

/// The range, or as much of it as `range set` takes: it refuses what begins among the System Ports.
fn settable(settings: &PortSettings) -> PortRange {
    let PortSettings { ephemeral, unprivileged_start, .. } = *settings;
    let first = ephemeral.first().max(unprivileged_start).max(Port(1024));
    PortRange::new(first, ephemeral.last()).unwrap_or(ORDINARY)
}

/// A block of ports that software takes for itself.
#[derive(Debug)]
struct Block {
    name: fn() -> Remark,
    first: u16,
    last: u16,
    /// The names of processes by which the software is known.
    signs: &'static [&'static str],
}

/// Blocks of software that runs here.
pub(super) fn known_blocks(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let settings = &namespace.limits.ports;
        let overlaps =
            |block: &&Block| (block.first..=block.last).any(|port| settings.hands_out(Port(port)));
        let runs = |block| Some((block, Block::sign(block, scene)?, Block::range(block)?));
        let running: Vec<(&Block, &str, PortRange)> = BLOCKS.iter().filter_map(runs).collect();
        // One change for all of them: each by itself would undo the other.
        let blocks: Vec<PortRange> = running.iter().map(|(_, _, range)| *range).collect();
        let fix = || scene.places.range_set(&namespace.limits.netns, &clear_of(&blocks, settings));
        let finding = |(block, sign, range): &(&Block, &str, PortRange)| {
            overlaps(block).then(|| block.finding(sign, *range, namespace).fix(fix()))
        };
        running.iter().filter_map(finding).collect()
    })
}

impl Block {
    /// The program that runs and is a sign of the software.
    fn sign(&self, scene: &Scene) -> Option<&'static str> {
        self.signs.iter().find(|sign| scene.running.contains(sign.as_bytes())).copied()
    }

    fn range(&self) -> Option<PortRange> {
        PortRange::new(Port(self.first), Port(self.last))
    }

    fn finding(&self, sign: &str, range: PortRange, namespace: &Namespace) -> Finding {
        let block = label::range(range);
        let overlaps = remark!(
            "evidence-overlaps",
            "{program} runs, and {range} overlaps {block}",
            program = Value::text(sign),
            range = label::range(namespace.limits.ports.ephemeral),
            block = block.clone(),
        );
        let subject =
            remark!("subject-block", "{name} {block}", name = (self.name)(), block = block);
        Finding::new(&KNOWN_BLOCK_IN_RANGE, subject).evidence(overlaps)
    }
}

/// What `range set` makes of the range so that nobody is given a port of `blocks`: the larger part beside
/// each, or the block reserved where neither is large; of the ordinary range where that leaves too few.
fn clear_of(blocks: &[PortRange], settings: &PortSettings) -> String {
    let change = |range| {
        let (mut range, mut within) = (range, Vec::new());
        for block in blocks {
            match beside(range, *block) {
                Some(part) => range = part,
                None => within.push(*block),
            }
        }
        within.retain(|block| common(*block, range).is_some());
        let reserved = [&settings.reserved[..], &within].concat();
        let left = PortSettings { ephemeral: range, reserved, ..settings.clone() }.handed_out();
        let reserve: String = within.iter().map(|block| format!(" --reserve {block}")).collect();
        (left, format!("{range}{reserve}"))
    };
    let (left, ours) = change(settable(settings));
    if left >= FEW as usize { ours } else { change(ORDINARY).1 }
}

/// The larger part of `range` beside `block`; `None` where that is less than half of it.
fn beside(range: PortRange, block: PortRange) -> Option<PortRange> {
    let (low, high) = (range.first().number(), range.last().number());
    let part = |first: u16, last: u16| PortRange::new(Port(first), Port(last));
    let below = part(low, high.min(block.first().number().saturating_sub(1)));
    let above = part(low.max(block.last().number().saturating_add(1)), high);
    let larger = [above, below].into_iter().flatten().max_by_key(|part| part.count());
    larger.filter(|part| part.count() >= range.count() / 2)
}

/// A range that begins among the System Ports.
pub(super) fn below_1024(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let PortSettings { ephemeral, .. } = namespace.limits.ports;
        let begins = ephemeral.first();
        let finding = || {
            let subject = remark!(
                "subject-range-begins",
                "the range begins at {port}",
                port = Value::text(begins),
            );
            let range = remark!(
                "evidence-range",
                "{setting} is {range}",
                setting = Value::text("net.ipv4.ip_local_port_range"),
                range = label::range(ephemeral),
            );
            Finding::new(&RANGE_BELOW_1024, subject)
                .evidence(range)
                .fix(scene.places.range_set(&namespace.limits.netns, &ORDINARY.to_string()))
        };
        (begins < Port(1024)).then(finding).into_iter().collect()
    })
}

/// A range with few ports.
pub(super) fn small(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let ports = namespace.room.handed_out;
        let finding = || {
            let count = Value::of(ports, "port");
            let subject = remark!("subject-ports", "{count}", count = count.clone());
            let few = remark!(
                "evidence-few",
                "{range} has {count}, the reserved ones aside",
                range = label::range(namespace.limits.ports.ephemeral),
                count = count,
            );
            Finding::new(&SMALL_RANGE, subject).evidence(few).fix(more_ports(scene, namespace))
        };
        (ports < FEW).then(finding).into_iter().collect()
    })
}

/// The ordinary range, or fewer reserved ports where those leave few of that, too.
fn more_ports(scene: &Scene, namespace: &Namespace) -> String {
    let (netns, settings) = (&namespace.limits.netns, &namespace.limits.ports);
    let ordinary = PortSettings { ephemeral: ORDINARY, ..settings.clone() };
    let few = ordinary.handed_out() < FEW as usize;
    match largest_reserved(&ordinary) {
        Some(block) if few => {
            let shown = scene.places.within(netns, "sysctl net.ipv4.ip_local_reserved_ports");
            format!("{shown}  # reserve fewer: {block} is the largest block")
        }
        _ => scene.places.range_set(netns, &ORDINARY.to_string()),
    }
}

/// The longest row of reserved ports inside the range.
fn largest_reserved(settings: &PortSettings) -> Option<PortRange> {
    let inside = settings.reserved.iter().filter_map(|one| common(*one, settings.ephemeral));
    inside.max_by_key(|block| block.count())
}

/// Reserved ports that make connections crowd behind them, or bring the cliff nearer.
pub(super) fn reserved_skew(scene: &Scene) -> Vec<Finding> {
    scene.each(|namespace| {
        let settings = &namespace.limits.ports;
        let range = settings.ephemeral.count();
        let is_large = |block: &PortRange| block.count() >= BLOCK && block.count() * 20 >= range;
        let block = largest_reserved(settings).filter(is_large);
        let even = |port: &u16| (port ^ settings.ephemeral.first().number()) & 1 == 0;
        let ports = settings.ephemeral.first().number()..=settings.ephemeral.last().number();
        let open = ports.filter(|port| settings.hands_out(Port(*port)));
        let first = u32::try_from(open.filter(even).count()).unwrap_or(u32::MAX);
        let all = namespace.room.handed_out;
        let mut findings = Vec::new();
        if let Some(block) = block.filter(|_| all > 0) {
            let after = Port(block.last().number().wrapping_add(1));
            // The kernel goes round.
            let behind = if settings.ephemeral.contains(after) { after } else { settings.ephemeral.first() };
            let text = remark!(
                "evidence-reserved-row",
                "{count} reserved ports in a row: {block}; what is led there goes to {behind} and the ports after it",
                count = Value::count(block.count()),
                block = label::range(block),
                behind = Value::text(behind),
            );
            let finding = Finding::new(&RESERVED_SKEW, label::range(block)).evidence(text);
            let part = beside(settable(settings), block);
            findings.push(match part {
                Some(part) => finding
                    .fix(scene.places.range_set(&namespace.limits.netns, &part.to_string())),
                None => finding,
            });
        }
        if all > 0 && first * 5 < all * 2 {
            let text = remark!(
                "evidence-one-parity",
                "of {of} ports that can be handed out {count} have the parity that connect() tries first",
                of = Value::count(all),
                count = Value::count(first),
            );
            let subject = remark!("subject-one-parity", "one parity");
            findings.push(Finding::new(&RESERVED_SKEW, subject).evidence(text));
        }
        findings
    })
}

fn common(one: PortRange, other: PortRange) -> Option<PortRange> {
    PortRange::new(one.first().max(other.first()), one.last().min(other.last()))
}

/// Linux's own default.
const ORDINARY: PortRange = match PortRange::new(Port(32768), Port(60999)) {
    Some(range) => range,
    None => unreachable!(),
};
const FEW: u32 = 10_000;
/// A reserved block from here on takes a microsecond or more to pass.
const BLOCK: u32 = 500;

const BLOCKS: [Block; 6] = [
    Block {
        name: || "Kubernetes NodePorts".into(),
        first: 30000,
        last: 32767,
        signs: &["kubelet", "kube-proxy", "k3s", "k3s-server", "k3s-agent", "rke2"],
    },
    Block { name: || "mosh".into(), first: 60000, last: 61000, signs: &["mosh-server"] },
    Block {
        name: || remark!("block-libvirt", "libvirt migrations"),
        first: 49152,
        last: 49215,
        signs: &["libvirtd", "virtqemud"],
    },
    Block {
        name: || remark!("block-gluster", "GlusterFS bricks"),
        first: 49152,
        last: 49251,
        signs: &["glusterd"],
    },
    Block {
        name: || remark!("block-nomad", "Nomad tasks"),
        first: 20000,
        last: 32000,
        signs: &["nomad"],
    },
    Block {
        name: || remark!("block-samba", "FreeIPA and Samba RPC"),
        first: 49152,
        last: 65535,
        signs: &["samba"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(first: u16, last: u16) -> PortSettings {
        let ephemeral = PortRange::new(Port(first), Port(last)).unwrap();
        PortSettings { ephemeral, reserved: Vec::new(), unprivileged_start: Port(1024) }
    }

    fn clear(of: &[(u16, u16)], settings: &PortSettings) -> String {
        let range = |(first, last): &(u16, u16)| PortRange::new(Port(*first), Port(*last)).unwrap();
        clear_of(&of.iter().map(range).collect::<Vec<_>>(), settings)
    }

    #[test]
    fn one_change_keeps_clear_of_every_block_and_is_one_that_is_taken() {
        let (node_ports, mosh, nomad) = ((30000, 32767), (60000, 61000), (20000, 32000));
        let wide = settings(20000, 60999);
        assert_eq!(clear(&[node_ports], &wide), "32768-60999");
        assert_eq!(clear(&[node_ports, mosh], &wide), "32768-59999");
        assert_eq!(clear(&[mosh, node_ports, nomad], &wide), "32768-59999");
        // In the middle, and so large a part that nothing would be left beside it.
        assert_eq!(
            clear(&[(40000, 40999)], &settings(35000, 46000)),
            "35000-46000 --reserve 40000-40999"
        );
        assert_eq!(clear(&[node_ports], &settings(30000, 32767)), "32768-60999");
    }
}
