//! What was open when recording ended: nobody knows for how much longer it was, so it is no answer, but
//! worth a remark where there is none.

use log::{Answer, GapReason, Moment, Question, Tenure, Viewer};

use super::Inquiry;
use crate::past;
use crate::tongue::Tongue;

/// Remarks on what was held when the last recorder left before the time that `inquiry` asks about, as
/// far as `viewer` may know, where the `answer` to it is nobody.
pub(super) fn remark_on<E>(
    inquiry: &mut Inquiry,
    answer: &Answer,
    viewer: Viewer,
    ask: impl FnOnce(&Question) -> Result<Answer, E>,
) -> Result<(), E> {
    let question = &inquiry.question;
    let ends = |reason| matches!(reason, GapReason::NotRunning | GapReason::DiskFull);
    let mut gaps = answer.gaps.iter().rev().filter(|gap| ends(gap.reason));
    // Before the first record nothing was known to be open; and what was open when recording ended later
    // than that is an answer.
    let left = gaps.find(|gap| gap.from > Moment(i64::MIN) && gap.from <= question.from);
    let Some(left) = left.map(|gap| gap.from).filter(|_| answer.tenures.is_empty()) else {
        return Ok(());
    };
    let last = Moment(left.0 - 1);
    let then = Question { from: last, until: last, tails: false, most: MOST, ..question.clone() };
    let tenures = ask(&then)?.tenures.into_iter().map(|tenure| tenure.as_seen_by(viewer));
    let was_open =
        |tenure: &Tenure| then.asks_for(tenure) && tenure.until.is_none_or(|until| until >= left);
    if let Some(tenure) = tenures.into_iter().find(was_open) {
        let who = past::party(tenure.holder(), Tongue::default());
        let (port, proto) = (tenure.local.port, tenure.proto);
        let at = past::moment(left, 0, &inquiry.now);
        inquiry.remarks.push(format!(
            "{port}/{proto} was open when recording ended at {at} ({who}); until when is not known"
        ));
    }
    Ok(())
}

/// Among how many to look.
const MOST: usize = 100;
