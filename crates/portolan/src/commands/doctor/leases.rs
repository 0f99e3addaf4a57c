//! Checks of leased ports: whether they are kept for somebody.

use std::time::Duration;

use super::catalogue::STALE_LEASE;
use super::remark::{Value, remark};
use super::scene::Kept;
use super::{Finding, Scene};

/// Leases that serve nobody.
pub(super) fn stale(scene: &Scene) -> Vec<Finding> {
    let finding = |kept: &Kept| {
        let subject = remark!("subject-port", "port {port}", port = Value::text(kept.port));
        let held = remark!(
            "evidence-held-for",
            "{holder} has held it for {time}",
            holder = kept.holder.clone(),
            time = Value::time(kept.age),
        );
        Finding::new(&STALE_LEASE, subject).evidence(held).evidence(match kept.gone {
            Some(pid) => remark!(
                "evidence-tenant-ended",
                "process {pid}, for which it was taken, has ended",
                pid = Value::text(pid),
            ),
            None => remark!("evidence-nobody-listens", "nobody listens there"),
        })
    };
    let idle = |kept: &&Kept| !kept.served && (kept.gone.is_some() || kept.age >= LONG);
    scene.leases.iter().filter(idle).map(finding).collect()
}

/// Whoever leases a port and has not bound it after so long will not.
const LONG: Duration = Duration::from_hours(24);
