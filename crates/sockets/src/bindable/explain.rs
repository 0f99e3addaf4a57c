//! Explains the kernel's answers to real binds by the sockets that exist.

use std::io;

use registry::{Port, Proto};

use super::conflict::{Bind, Blocks};
use super::remedy::remedy;
use super::{BindTrial, BindVerdict, Outcome, Reason};
use crate::{PortSettings, Socket};

/// Explains `trials` of binding `port`: one verdict for each of them that is of `protos`, in their
/// order, with the socket of `sockets` that stands in the way where the kernel said no.
///
/// `sockets` are those of the network namespace that the trials were made in; others' are not told
/// apart. A socket is not blamed if the kernel let an overlapping bind of the same kind pass. Where
/// several without `SO_REUSEADDR` could be to blame and no trial tells which, one of them is named.
/// The list and the trials are not one moment: what came or went in between is [`Reason::Unseen`],
/// or blamed on another socket that would be in the way too.
#[must_use]
pub fn explain_binds(
    port: Port,
    protos: &[Proto],
    sockets: &[Socket],
    settings: &PortSettings,
    trials: &[BindTrial],
) -> Vec<BindVerdict> {
    let case = Case { port, sockets, trials };
    let convicted = case.convicted();
    let mut verdicts = Vec::new();
    for trial in trials.iter().filter(|trial| protos.contains(&trial.proto)) {
        let bind = trial.bind(port);
        let in_use = is_in_use(trial);
        let culprit = if in_use { case.culprit(bind, &convicted) } else { None };
        let reason = trial.result.as_ref().err().map(|error| match culprit {
            Some(index) => bind.reason(&sockets[index]),
            None if in_use => Reason::Unseen,
            None => Reason::of_error(error, port, settings.unprivileged_start),
        });
        verdicts.push(BindVerdict {
            proto: trial.proto,
            addr: trial.addr,
            reuseaddr: trial.reuseaddr,
            outcome: if reason.is_none() { Outcome::Yes } else { Outcome::No },
            probed: true,
            reason,
            culprit,
            remedy: None,
        });
    }
    for index in 0..verdicts.len() {
        verdicts[index].remedy = remedy(index, &verdicts, port, sockets);
    }
    verdicts
}

/// All that the binds of one port have shown.
#[derive(Clone, Copy)]
struct Case<'a> {
    port: Port,
    sockets: &'a [Socket],
    trials: &'a [BindTrial],
}

impl<'a> Case<'a> {
    /// The socket that `bind` failed on. Whether one that does not listen lets `SO_REUSEADDR` pass
    /// is not told, so those of which another trial has shown that they do not come first.
    fn culprit(self, bind: Bind, convicted: &[usize]) -> Option<usize> {
        let (worst, blocks) = bind.worst(self.sockets, self.suspects(bind))?;
        if !bind.reuseaddr || blocks == Blocks::Yes {
            return Some(worst);
        }
        let guilty = self.suspects(bind).filter(|&index| {
            convicted.contains(&index) && bind.collides(&self.sockets[index]) == Blocks::Yes
        });
        bind.worst(self.sockets, guilty).map_or(Some(worst), |(index, _)| Some(index))
    }

    /// The sockets that `bind` may have failed on: those in its way which no other trial clears.
    ///
    /// A bind that passed clears what it would have collided with: of everything if it was plain,
    /// else of stopping binds with `SO_REUSEADDR`.
    fn suspects(self, bind: Bind) -> impl Iterator<Item = usize> + 'a {
        let passed: Vec<Bind> = self
            .trials
            .iter()
            .filter(|trial| trial.proto == bind.proto && trial.result.is_ok())
            .filter(|trial| bind.reuseaddr || !trial.reuseaddr)
            .map(|trial| trial.bind(self.port))
            .collect();
        (0..self.sockets.len()).filter(move |&index| {
            let socket = &self.sockets[index];
            bind.blocked_by(socket) != Blocks::No
                && passed.iter().all(|pass| pass.collides(socket) != Blocks::Yes)
        })
    }

    /// The sockets that stop `SO_REUSEADDR` for certain: each the only suspect of some failure.
    fn convicted(self) -> Vec<usize> {
        let failures = self.trials.iter().filter(|trial| trial.reuseaddr && is_in_use(trial));
        let only_suspect = failures.filter_map(|trial| {
            let mut suspects = self.suspects(trial.bind(self.port));
            let first = suspects.next()?;
            suspects.next().is_none().then_some(first)
        });
        only_suspect.collect()
    }
}

fn is_in_use(trial: &BindTrial) -> bool {
    trial.result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

impl BindTrial {
    fn bind(&self, port: Port) -> Bind {
        Bind { proto: self.proto, addr: self.addr, port, reuseaddr: self.reuseaddr }
    }
}

#[cfg(test)]
mod tests {
    use registry::PortRange;

    use super::*;
    use crate::bindable::BIND_ADDRESSES;

    const EPERM: i32 = 1;
    const EADDRINUSE: i32 = if cfg!(target_os = "linux") { 98 } else { 48 };
    const EADDRNOTAVAIL: i32 = if cfg!(target_os = "linux") { 99 } else { 49 };

    fn reason(port: u16, errno: i32) -> Reason {
        let error = io::Error::from_raw_os_error(errno);
        let addr = BIND_ADDRESSES[0];
        let trial = BindTrial { proto: Proto::Tcp, addr, reuseaddr: false, result: Err(error) };
        let settings = PortSettings {
            ephemeral: PortRange::ALL,
            reserved: Vec::new(),
            unprivileged_start: Port(1024),
        };
        let verdicts = explain_binds(Port(port), &[Proto::Tcp], &[], &settings, &[trial]);
        assert_eq!((verdicts.len(), verdicts[0].outcome), (1, Outcome::No));
        verdicts[0].reason.expect("every refusal has a reason")
    }

    #[test]
    #[cfg(unix)]
    fn each_error_of_the_kernel_has_its_reason() {
        let unprivileged_start = Port(1024);
        assert_eq!(reason(8080, EADDRINUSE), Reason::Unseen);
        assert_eq!(reason(8080, EADDRNOTAVAIL), Reason::AddressAbsent);
        assert_eq!(reason(8080, super::super::reason::EAFNOSUPPORT), Reason::FamilyAbsent);
        assert_eq!(reason(80, 13), Reason::Privileged { unprivileged_start });
        // A security module or a cgroup's program, which may refuse any port.
        assert_eq!(reason(8080, 13), Reason::Refused { errno: 13 });
        assert_eq!(reason(80, EPERM), Reason::Refused { errno: EPERM });
    }
}
