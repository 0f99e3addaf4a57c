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
/// apart. A socket is not blamed if the kernel let an overlapping bind of the same kind pass. The
/// list and the trials are not one moment: what came or went in between is [`Reason::Unseen`], or
/// blamed on another socket that would be in the way too.
#[must_use]
pub fn explain_binds(
    port: Port,
    protos: &[Proto],
    sockets: &[Socket],
    settings: &PortSettings,
    trials: &[BindTrial],
) -> Vec<BindVerdict> {
    let mut verdicts = Vec::new();
    for trial in trials.iter().filter(|trial| protos.contains(&trial.proto)) {
        let bind = trial.bind(port);
        let in_use = is_in_use(trial);
        let culprit = if in_use { culprit(bind, trials, sockets) } else { None };
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

/// The socket that `bind` failed on: the worst of those that no other trial clears.
///
/// A bind that passed clears what it would have collided with: of everything if it was plain, else
/// of blocking binds with `SO_REUSEADDR`.
fn culprit(bind: Bind, trials: &[BindTrial], sockets: &[Socket]) -> Option<usize> {
    let passed = |trial: &&BindTrial| {
        let clears = bind.reuseaddr || !trial.reuseaddr;
        trial.proto == bind.proto && trial.result.is_ok() && clears
    };
    let passed: Vec<Bind> =
        trials.iter().filter(passed).map(|trial| trial.bind(bind.port)).collect();
    let suspects = (0..sockets.len())
        .filter(|&index| passed.iter().all(|pass| pass.collides(&sockets[index]) != Blocks::Yes));
    bind.worst(sockets, suspects).map(|(index, _)| index)
}

fn is_in_use(trial: &BindTrial) -> bool {
    trial.result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AddrInUse)
}

impl BindTrial {
    fn bind(&self, port: Port) -> Bind {
        Bind { proto: self.proto, addr: self.addr, port, reuseaddr: self.reuseaddr }
    }
}
