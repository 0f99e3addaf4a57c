//! Checks of the recorder: whether it runs, has all events, and can write.

use log::Disk;

use super::catalogue::{RECORDER_DISK, RECORDER_LOSES, RECORDER_OFF, Severity};
use super::remark::{Value, remark};
use super::scene::Recorder;
use super::{Finding, Scene};
use crate::output::Escaped;

/// Whether a recorder runs and answers.
pub(super) fn off(scene: &Scene) -> Vec<Finding> {
    match &scene.recorder {
        Recorder::Off => vec![{
            Finding::new(&RECORDER_OFF, remark!("subject-no-recorder", "no recorder answers"))
        }],
        Recorder::Silent(why) => {
            let silent = remark!("subject-recorder-silent", "the recorder does not answer");
            vec![
                Finding::new(&RECORDER_OFF, silent)
                    .severity(Severity::Warning)
                    .evidence(Escaped(why.as_bytes()).to_string().into()),
            ]
        }
        Recorder::Running { .. } | Recorder::Unasked => Vec::new(),
    }
}

/// Whether it lost events.
pub(super) fn losses(scene: &Scene) -> Vec<Finding> {
    let Recorder::Running { standing, .. } = &scene.recorder else { return Vec::new() };
    let lost = standing.1.lost;
    let finding = || {
        let count = Value::number(lost);
        let subject = remark!("subject-events", "{count} events", count = count.clone());
        Finding::new(&RECORDER_LOSES, subject).evidence(remark!(
            "evidence-events-lost",
            "the recorder (pid {pid}) has lost {count} events since it started",
            pid = Value::text(standing.0.pid),
            count = count,
        ))
    };
    (lost > 0).then(finding).into_iter().collect()
}

/// Whether it can write.
pub(super) fn disk(scene: &Scene) -> Vec<Finding> {
    let Recorder::Running { standing, .. } = &scene.recorder else { return Vec::new() };
    let said = |why: &str| Value::text(Escaped(why.as_bytes()));
    let (severity, evidence) = match &standing.1.disk {
        Disk::Writable => return Vec::new(),
        Disk::Delayed { why, .. } => (
            Severity::Warning,
            remark!(
                "evidence-disk-delayed",
                "what happens waits in memory: {why}",
                why = said(why)
            ),
        ),
        Disk::Stopped { why, .. } => (
            Severity::Error,
            remark!("evidence-disk-stopped", "nothing is recorded: {why}", why = said(why)),
        ),
    };
    let dir = Escaped(standing.0.dir.as_bytes()).to_string();
    vec![Finding::new(&RECORDER_DISK, dir).severity(severity).evidence(evidence)]
}
