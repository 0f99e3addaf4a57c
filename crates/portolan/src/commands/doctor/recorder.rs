//! Checks of the recorder: whether it runs, has all events, and can write.

use log::Disk;

use super::catalogue::{RECORDER_DISK, RECORDER_LOSES, RECORDER_OFF, Severity};
use super::scene::Recorder;
use super::{Finding, Scene};
use crate::output::Escaped;

/// Whether a recorder runs and answers.
pub(super) fn off(scene: &Scene) -> Vec<Finding> {
    match &scene.recorder {
        Recorder::Off => vec![Finding::new(&RECORDER_OFF, "no recorder answers")],
        Recorder::Silent(why) => vec![
            Finding::new(&RECORDER_OFF, "the recorder does not answer")
                .severity(Severity::Warning)
                .evidence(Escaped(why.as_bytes()).to_string()),
        ],
        Recorder::Running { .. } | Recorder::Unasked => Vec::new(),
    }
}

/// Whether it lost events.
pub(super) fn losses(scene: &Scene) -> Vec<Finding> {
    let Recorder::Running { standing, .. } = &scene.recorder else { return Vec::new() };
    let lost = standing.1.lost;
    let finding = || {
        Finding::new(&RECORDER_LOSES, format!("{lost} events")).evidence(format!(
            "the recorder (pid {}) has lost {lost} events since it started",
            standing.0.pid
        ))
    };
    (lost > 0).then(finding).into_iter().collect()
}

/// Whether it can write.
pub(super) fn disk(scene: &Scene) -> Vec<Finding> {
    let Recorder::Running { standing, .. } = &scene.recorder else { return Vec::new() };
    let (severity, what, why) = match &standing.1.disk {
        Disk::Writable => return Vec::new(),
        Disk::Delayed { why, .. } => (Severity::Warning, "what happens waits in memory", why),
        Disk::Stopped { why, .. } => (Severity::Error, "nothing is recorded", why),
    };
    let dir = Escaped(standing.0.dir.as_bytes()).to_string();
    vec![
        Finding::new(&RECORDER_DISK, dir)
            .severity(severity)
            .evidence(format!("{what}: {}", Escaped(why.as_bytes()))),
    ]
}
