//! Checks of leased ports: whether they are kept for somebody.

use std::time::Duration;

use super::catalogue::STALE_LEASE;
use super::scene::Kept;
use super::{Finding, Scene};
use crate::commands::room::words::about;

/// Leases that serve nobody.
pub(super) fn stale(scene: &Scene) -> Vec<Finding> {
    let finding = |kept: &Kept| {
        let held = format!("{} has held it for {}", kept.holder, about(kept.age));
        let finding = Finding::new(&STALE_LEASE, format!("port {}", kept.port)).evidence(held);
        match kept.gone {
            Some(pid) => {
                finding.evidence(format!("process {pid}, for which it was taken, has ended"))
            }
            None => finding.evidence("nobody listens there"),
        }
    };
    let idle = |kept: &&Kept| !kept.served && (kept.gone.is_some() || kept.age >= LONG);
    scene.leases.iter().filter(idle).map(finding).collect()
}

/// Whoever leases a port and has not bound it after so long will not.
const LONG: Duration = Duration::from_hours(24);
