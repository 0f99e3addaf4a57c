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

#[cfg(test)]
mod tests {
    use registry::PortRange;

    use super::*;
    use crate::{Device, Endpoint, Family, NetnsId, Note, State};

    const PORT: Port = Port(8080);

    fn socket(local: &str, state: State) -> Socket {
        let addr: IpAddr = local.parse().unwrap();
        let family = if addr.is_ipv4() { Family::V4 } else { Family::V6 };
        Socket {
            proto: Proto::Tcp,
            family,
            v6only: None,
            local: Endpoint { addr, port: PORT },
            remote: Endpoint { addr: family.unspecified(), port: Port::NONE },
            state,
            recv_q: 0,
            send_q: 0,
            uid: 0,
            inode: 7,
            cookie: 0,
            netns: NetnsId(0),
            cgroup: None,
            device: None,
            timer: None,
        }
    }

    fn settings() -> PortSettings {
        PortSettings {
            ephemeral: PortRange::ALL,
            reserved: vec![PORT.into()],
            unprivileged_start: Port(1024),
        }
    }

    /// The outcomes for TCP in the order of [`BIND_ADDRESSES`], each plain and with `SO_REUSEADDR`.
    fn outcomes(port: Port, sockets: &[Socket], premises: &BindPremises) -> String {
        predict_binds(port, &[Proto::Tcp, Proto::Sctp], sockets, &settings(), premises)
            .iter()
            .map(|verdict| match verdict.outcome {
                Outcome::Yes => 'y',
                Outcome::No => 'n',
                Outcome::Unknown => '?',
            })
            .collect()
    }

    #[test]
    fn a_device_of_a_vrf_may_set_a_socket_apart_for_tcp() {
        let on = |index| {
            let device = Some(Device { index, name: "eth0".into() });
            [Socket { device, ..socket("0.0.0.0", State::Listen) }]
        };
        assert_eq!(outcomes(PORT, &on(2), &BindPremises::default()), "??????yy");
        assert_eq!(outcomes(PORT, &on(1), &BindPremises::default()), "nnnnnnyy");
        let udp = on(2).map(|socket| Socket { proto: Proto::Udp, state: State::Close, ..socket });
        let premises = BindPremises::default();
        let verdicts = predict_binds(PORT, &[Proto::Udp], &udp, &settings(), &premises);
        assert_eq!(verdicts[0].outcome, Outcome::No);
    }

    #[test]
    fn only_sockets_of_the_port_and_protocol_count() {
        let request = Socket { inode: 0, ..socket("0.0.0.0", State::SynRecv) };
        let udp = Socket { proto: Proto::Udp, ..socket("0.0.0.0", State::Close) };
        let mut elsewhere = socket("0.0.0.0", State::Listen);
        elsewhere.local.port = Port(8081);
        let mut remote = elsewhere.clone();
        remote.remote.port = PORT;
        let bystanders = [request, udp, elsewhere, remote];
        assert_eq!(outcomes(PORT, &bystanders, &BindPremises::default()), "yyyyyyyy");
    }

    #[test]
    fn a_listener_of_unknown_v6only_may_block_ipv4() {
        let sockets = [socket("::", State::Listen)];
        assert_eq!(outcomes(PORT, &sockets, &BindPremises::default()), "????nnnn");
    }

    #[test]
    fn an_incomplete_table_proves_no_port_free() {
        let premises = BindPremises::default().with_notes(&[Note::BoundUnlisted]);
        assert_eq!(outcomes(PORT, &[], &premises), "????????");
        assert_eq!(outcomes(PORT, &[socket("::1", State::Listen)], &premises), "????nnnn");
        assert_eq!(outcomes(Port::NONE, &[], &premises), "yyyyyyyy");
    }

    #[test]
    fn privilege_matters_below_the_limit_only() {
        let with = |privilege| BindPremises { privilege, ..BindPremises::default() };
        assert_eq!(outcomes(Port(1023), &[], &with(Privilege::Granted)), "yyyyyyyy");
        assert_eq!(outcomes(Port(1023), &[], &with(Privilege::Denied)), "nnnnnnnn");
        assert_eq!(outcomes(Port(1023), &[], &with(Privilege::Unclear)), "????????");
        assert_eq!(outcomes(Port(1024), &[], &with(Privilege::Denied)), "yyyyyyyy");
        assert_eq!(outcomes(Port::NONE, &[], &with(Privilege::Denied)), "yyyyyyyy");
    }

    #[test]
    fn a_host_without_ipv6_says_so_before_anything_else() {
        let absent = BIND_ADDRESSES[2..].iter().map(|&addr| (addr, Reason::FamilyAbsent)).collect();
        let privilege = Privilege::Denied;
        let premises = BindPremises { absent, privilege, unlisted: Vec::new() };
        let verdicts = predict_binds(Port(80), &[Proto::Udp], &[], &settings(), &premises);
        let codes: Vec<_> = verdicts.iter().map(|verdict| verdict.reason.unwrap().code()).collect();
        assert_eq!(codes[..4], ["privileged"; 4]);
        assert_eq!(codes[4..], ["family-absent"; 4]);
        assert_eq!(verdicts[7].remedy, None);
    }
}
