//! What the pages say of a time that was recorded in part.

use registry::Port;
use web::{ChartNow, Gap, Moment, Timeline, TimelineAsked, Told};

use crate::words::page;

/// The port that nobody ever had; of all others nothing was recorded.
const RECORDED: Port = Port(2049);
/// When recording began: 2026-11-21 09:00:00 in UTC. A minute of the hour after that was lost, and
/// from the third hour on there were looks alone.
const SINCE: i64 = 1_795_251_600;

fn at(seconds: i64) -> Moment {
    Moment(seconds * 1_000_000_000)
}

/// When something is missing.
fn gaps() -> Vec<Gap> {
    let gap = |from, until, reason| Gap { from, until, reason };
    vec![
        gap(Moment(i64::MIN), Some(at(SINCE)), "not-running"),
        gap(at(SINCE + 3600), Some(at(SINCE + 3660)), "events-lost"),
        gap(at(SINCE + 10_800), None, "sampled"),
    ]
}

/// What is known of the port that was recorded; as in the log, of the time that was asked for.
pub(crate) fn timeline(asked: &TimelineAsked) -> Option<Timeline> {
    let meets = |gap: &Gap| {
        gap.from < asked.span.until && gap.until.is_none_or(|until| until > asked.span.from)
    };
    (asked.port.port == RECORDED).then(|| Timeline {
        span: asked.span,
        told: Told::FromStore,
        spells: Vec::new(),
        more: false,
        gaps: gaps().into_iter().filter(meets).collect(),
        since: Some(at(SINCE)),
    })
}

/// A chart on which nobody listens, now as then.
pub(crate) fn chart(at: Option<Moment>) -> ChartNow {
    ChartNow {
        at: at.unwrap_or_else(Moment::now),
        held: Vec::new(),
        recent: Vec::new(),
        ephemeral: None,
        reserved: Vec::new(),
        told: Told::FromStore,
        since: Some(self::at(SINCE)),
        gaps: gaps(),
    }
}

/// The past of the port from one second to another after recording began.
async fn before(from: i64, until: i64, language: &str) -> String {
    let (from, until) = (SINCE + from, SINCE + until);
    let past = format!("/ports/{RECORDED}/before?from={from}&until={until}&lang={language}");
    page(&past).await
}

#[tokio::test]
async fn that_nobody_had_a_port_is_said_only_of_a_time_that_was_recorded() {
    let nobody = "Nobody had it in this time.";
    for (from, until) in [(60, 3600), (3660, 7200), (10_800, 14_400)] {
        let html = before(from, until, "en").await;
        assert_eq!(html.matches(nobody).count(), 2, "{from}–{until}: {html}");
    }
    for (from, until) in [(-7200, -3600), (-3600, 600), (3600, 3660), (600, 7200)] {
        let html = before(from, until, "en").await;
        assert_eq!(html.matches("Not known: ").count(), 2, "{from}–{until}: {html}");
        assert!(!html.contains(nobody), "{from}–{until}: {html}");
    }
    assert!(before(-7200, -3600, "de").await.contains("Unbekannt: "));
}

#[tokio::test]
async fn that_nobody_listened_is_said_only_of_a_moment_that_was_recorded() {
    let chart = async |at: &str| page(&format!("/?at={at}")).await;
    for known in ["", "2026-11-21T09:30:00Z", "2026-11-21T12:30:00Z"] {
        let html = chart(known).await;
        assert!(html.contains("<p>Nobody listens.</p>"), "{known}: {html}");
    }
    for missing in ["2020-01-01T00:00:00Z", "2026-11-21T10:00:30Z"] {
        let html = chart(missing).await;
        assert!(html.contains("<p>What happened then was not recorded.</p>"), "{missing}: {html}");
        assert!(!html.contains("Nobody listens."), "{missing}: {html}");
    }
}

#[tokio::test]
async fn the_time_before_recording_began_has_an_end_alone() {
    let began = at(SINCE).local();
    for language in ["en", "ur", "es", "de", "zh"] {
        let html = before(-3600, 600, language).await;
        assert!(html.contains(&began) && !html.contains("1677-"), "{language}: {html}");
    }
    let html = before(-3600, 7200, "en").await;
    assert!(html.contains(&format!("Not recorded before {began}.")), "{html}");
    let lost = at(SINCE + 3600).local();
    assert!(html.contains("Events were lost:") && html.contains(&lost), "{html}");
}
