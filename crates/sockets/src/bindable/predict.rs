//! Foretells from the socket table what the kernel would say to a bind, without asking it.

use std::net::IpAddr;

use registry::{Port, Proto};

use super::conflict::{Bind, Blocks};
use super::remedy::remedy;
use super::{BIND_ADDRESSES, BindPremises, BindVerdict, Outcome, Privilege, Reason};
use crate::{PortSettings, Socket};

/// Foretells whether `port` can be bound, from `sockets` alone: the rows of a real try, in the
/// same order, without one.
///
/// `sockets` are those of the network namespace meant; others' are not told apart. The outcome is
/// [`Outcome::Unknown`], with what may be in the way, where the kernel goes by something that
/// nobody tells: with `SO_REUSEADDR`, whether a holder that does not listen has set it too; on
/// `0.0.0.0`, whether an IPv6 connection has `IPV6_V6ONLY`; for TCP, whether the holder's device is
/// part of a VRF; whether we may bind a privileged port in a user namespace; and whether anything
/// is bound at all where the table does not list it ([`BindPremises::unlisted`]).
#[must_use]
pub fn predict_binds(
    port: Port,
    protos: &[Proto],
    sockets: &[Socket],
    settings: &PortSettings,
    premises: &BindPremises,
) -> Vec<BindVerdict> {
    let mut verdicts = Vec::new();
    for &proto in protos.iter().filter(|proto| matches!(proto, Proto::Tcp | Proto::Udp)) {
        for addr in BIND_ADDRESSES {
            for reuseaddr in [false, true] {
                let bind = Bind { proto, addr, port, reuseaddr };
                verdicts.push(predict(bind, sockets, settings, premises));
            }
        }
    }
    for index in 0..verdicts.len() {
        verdicts[index].remedy = remedy(index, &verdicts, port, sockets);
    }
    verdicts
}

fn predict(
    bind: Bind,
    sockets: &[Socket],
    settings: &PortSettings,
    premises: &BindPremises,
) -> BindVerdict {
    let barred = barred(bind, settings, premises);
    let worst = bind.worst(sockets, 0..sockets.len());
    let unlisted = premises.unlisted.contains(&bind.proto) && bind.port != Port::NONE;
    let (outcome, reason, culprit) = match (barred, worst) {
        (Some((outcome, reason)), _) => (outcome, Some(reason), None),
        (None, Some((index, blocks))) => {
            let outcome = if blocks == Blocks::Yes { Outcome::No } else { Outcome::Unknown };
            (outcome, Some(bind.reason(&sockets[index])), Some(index))
        }
        (None, None) if unlisted => (Outcome::Unknown, Some(Reason::Unseen), None),
        (None, None) => (Outcome::Yes, None, None),
    };
    BindVerdict {
        proto: bind.proto,
        addr: bind.addr,
        reuseaddr: bind.reuseaddr,
        outcome,
        probed: false,
        reason,
        culprit,
        remedy: None,
    }
}

/// What stands in the way whoever has the port, in the kernel's order: `inet_bind` looks at the
/// address first, `inet6_bind` at the privilege.
fn barred(
    bind: Bind,
    settings: &PortSettings,
    premises: &BindPremises,
) -> Option<(Outcome, Reason)> {
    let absent = premises.absent.iter().find(|(addr, _)| *addr == bind.addr);
    let absent = absent.map(|&(_, reason)| (Outcome::No, reason));
    let unprivileged_start = settings.unprivileged_start;
    let low = bind.port != Port::NONE && bind.port < unprivileged_start;
    let privileged = Reason::Privileged { unprivileged_start };
    let denied = match premises.privilege {
        Privilege::Denied if low => Some((Outcome::No, privileged)),
        Privilege::Unclear if low => Some((Outcome::Unknown, privileged)),
        _ => None,
    };
    let family_absent = absent.is_some_and(|(_, reason)| reason == Reason::FamilyAbsent);
    match bind.addr {
        IpAddr::V6(_) if !family_absent => denied.or(absent),
        _ => absent.or(denied),
    }
}
