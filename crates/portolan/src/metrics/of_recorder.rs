//! Metrics of the recorder, as it tells of itself.

use log::{Disk, Status};

use super::Family;
use crate::recorder::Standing;

/// What the recorder says; that it is not there, where it is not.
pub(super) fn families(status: Option<&(Standing, Status)>) -> Vec<Family> {
    let mut up = Family::gauge("portolan_recorder_up", "Whether a recorder runs and answers.");
    up.count(&[], u32::from(status.is_some()));
    let Some((standing, status)) = status else { return vec![up] };
    let one = |mut family: Family, count: u64| {
        family.count(&[], count);
        family
    };
    let mut all = vec![
        up,
        one(
            Family::gauge(
                "portolan_recorder_open_sockets",
                "Sockets that the recorder knows open.",
            ),
            status.open,
        ),
        one(
            Family::counter(
                "portolan_recorder_tenures_total",
                "Tenures that ended since it started.",
            ),
            status.ended,
        ),
        one(
            Family::counter("portolan_recorder_lost_events_total", "Events lost since it started."),
            status.lost,
        ),
        one(
            Family::gauge("portolan_recorder_store_bytes", "The size of its store."),
            status.segment_bytes.saturating_add(status.journal_bytes),
        ),
        one(
            Family::gauge("portolan_recorder_writable", "Whether it can write its disk."),
            u64::from(status.disk == Disk::Writable),
        ),
    ];
    all.extend(standing.failures.map(|failures| {
        let mut family = Family::counter(
            "portolan_connect_failures_total",
            "Connects that came to nothing since the recorder started, by why.",
        );
        for (reason, count) in [
            ("refused", failures.refused),
            ("timed-out", failures.timed_out),
            ("failed", failures.failed),
        ] {
            family.count(&[("reason", reason)], count);
        }
        if let Some(count) = failures.no_port {
            family.count(&[("reason", "no-port")], count);
        }
        family
    }));
    all
}
