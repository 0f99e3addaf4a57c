//! Ports that nobody was known to hold, and that the kernel may have kept all the same: it ends TIME-WAIT up to
//! some seconds late; and of connections that we closed before the far end did, and whose TIME-WAIT therefore
//! began later, nobody can see when. If the far end was on this host, its own end tells.

use jiff::Zoned;
use log::{Answer, Gap, GapReason, Moment, Question, Remote, Tenure};
use sockets::{Ending, Evidence};

use crate::past;

/// Takes from an `answer` those whose far end tells that their port was free by the time that `question` asks
/// about. Then adds, if there is none, those whose port was still kept, and a gap for each of which that is
/// not known. The kernel ends TIME-WAIT up to `late` nanoseconds late.
pub(super) fn look_for<E>(
    question: &Question,
    answer: &mut Answer,
    late: i64,
    mut ask: impl FnMut(&Question) -> Result<Answer, E>,
) -> Result<(), E> {
    if !question.tails {
        return Ok(());
    }
    leave_out_freed(question, answer, late, &mut ask)?;
    if !answer.tenures.is_empty() {
        return Ok(());
    }
    // The kernel waits for the far end to close, for a minute at most, and then comes TIME-WAIT.
    let longest = later(Moment(0).after_time_wait(), late).after_time_wait();
    let from = Moment(question.from.0.saturating_sub(later(longest, late).0));
    let earlier = Question { from, most: MOST, ..question.clone() };
    for tenure in ask(&earlier)?.tenures {
        let Some(Tail { sure, longest }) = Tail::of(&tenure, late, &mut ask)? else { continue };
        let touches = |from: Moment, until| from <= question.until && question.from < until;
        if tenure.until.is_some_and(|until| touches(until, sure)) {
            answer.tenures.push(tenure);
        } else if touches(sure, longest) {
            let (reason, until) = (GapReason::TailUnknown, Some(longest));
            answer.gaps.push(Gap { from: sure, until, reason, events: 0 });
        }
    }
    Ok(())
}

/// Takes out what was let go of before the time asked about and was reset by its far end since.
fn leave_out_freed<E>(
    question: &Question,
    answer: &mut Answer,
    late: i64,
    ask: &mut impl FnMut(&Question) -> Result<Answer, E>,
) -> Result<(), E> {
    for (looked, tenure) in std::mem::take(&mut answer.tenures).into_iter().enumerate() {
        let lingers = tenure.until.is_some_and(|until| until <= question.from);
        let kept = match lingers {
            true if looked < MOST_LOOKED_AT => Tail::of(&tenure, late, ask)?.map(|tail| tail.sure),
            true => tenure.tail_end(),
            false => None,
        };
        if kept.is_none_or(|kept| question.from < kept) {
            answer.tenures.push(tenure);
        }
    }
    Ok(())
}

/// How long the kernel kept a port after its socket.
struct Tail {
    /// Until then, by inference.
    sure: Moment,
    /// Until then at most.
    longest: Moment,
}

impl Tail {
    /// That of `tenure`, if it left one. Where it ended before its far end did, that one tells, if it was on
    /// this host: if it had not closed when the kernel stopped waiting for it, that was the end; a reset ends it
    /// at once.
    fn of<E>(
        tenure: &Tenure,
        late: i64,
        ask: &mut impl FnMut(&Question) -> Result<Answer, E>,
    ) -> Result<Option<Tail>, E> {
        let (Some(sure), Some(until)) = (tenure.tail_end(), tenure.until) else { return Ok(None) };
        let to = |sure| Tail { sure, longest: later(sure, late) };
        let Some((_, longest)) = tenure.doubtful_tail() else { return Ok(Some(to(sure))) };
        let given_up = later(sure, late);
        Ok(Some(match far_end(tenure, sure, ask)?.map(|far| (far.ending, far.until)) {
            None => Tail { sure, longest: later(later(longest, late), late) },
            Some((Some(Ending::Closed), Some(closed))) if closed < sure => {
                to(closed.max(until).after_time_wait())
            }
            Some((Some(Ending::Closed), Some(closed))) if closed < given_up => {
                Tail { sure, longest: later(closed.after_time_wait(), late) }
            }
            Some((Some(Ending::Reset | Ending::Aborted), Some(reset))) if reset < sure => {
                let freed = reset.max(until);
                Tail { sure: freed, longest: freed }
            }
            Some(_) => to(sure),
        }))
    }
}

/// The far end of `tenure`, if that was on this host.
fn far_end<E>(
    tenure: &Tenure,
    sure: Moment,
    ask: &mut impl FnMut(&Question) -> Result<Answer, E>,
) -> Result<Option<Tenure>, E> {
    let (Some(remote), Some(until)) = (tenure.remote, tenure.until) else { return Ok(None) };
    let host = if tenure.local.addr.is_ipv4() { 32 } else { 128 };
    let there =
        Remote { net: Some((tenure.local.addr, host)), ports: Some(tenure.local.port.into()) };
    let question = Question {
        ports: vec![remote.port.into()],
        remotes: vec![there],
        proto: Some(tenure.proto),
        tails: false,
        most: MOST,
        ..Question::between(tenure.from, sure)
    };
    let is_far_end = |other: &Tenure| {
        other.local == remote
            && other.remote == Some(tenure.local)
            && other.from <= until
            // Else the kernel may have stopped waiting for it at any time.
            && until < sure
            && (other.netns == tenure.netns || !remote.addr.is_loopback())
            && other.evidence != Evidence::Sampled
            && other.ending != Some(Ending::Unseen)
    };
    Ok(ask(&question)?.tenures.into_iter().find(is_far_end))
}

fn later(at: Moment, by_ns: i64) -> Moment {
    Moment(at.0.saturating_add(by_ns))
}

/// What a gap that [`look_for`] made means, in a line.
pub(super) fn doubt(gap: &Gap, now: &Zoned) -> Option<String> {
    let until = gap.until.filter(|_| gap.reason == GapReason::TailUnknown)?;
    let why = match until.0.saturating_sub(gap.from.0) < MINUTE {
        true => "the kernel ends it some seconds late",
        false => "a connection was closed before its far end was",
    };
    let until = past::moment(until, 0, now);
    Some(format!("its TIME-WAIT may have lasted until {until}: {why}"))
}

/// The far ends of how many tenures that were found to look for.
const MOST_LOOKED_AT: usize = 16;
/// Among how many tenures to look.
const MOST: usize = 1000;
/// How long the kernel waits for a far end to close.
const MINUTE: i64 = 60_000_000_000;

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::fixture;

    const SECOND: i64 = 1_000_000_000;

    /// A connection of ours that was closed at 10 s, before its far end.
    fn closed() -> Tenure {
        let all = fixture::past::ask(&Question::between(Moment(0), Moment(i64::MAX)));
        let is_it = |tenure: &Tenure| tenure.ending == Some(Ending::TimeWait);
        let tenure = all.tenures.into_iter().find(is_it).unwrap();
        let (from, until) = (Moment(0), Some(Moment(10 * SECOND)));
        Tenure { from, until, ending: Some(Ending::FinWait), ..tenure }
    }

    /// Its far end, which closed at so many seconds.
    fn far_end(second: Option<i64>) -> Tenure {
        let Tenure { local, remote, .. } = closed();
        let until = second.map(|second| Moment(second * SECOND));
        let ending = second.map(|_| Ending::Closed);
        Tenure { local: remote.unwrap(), remote: Some(local), until, ending, ..closed() }
    }

    /// How many tenures and gaps there are at a second, where these are known.
    fn at(second: i64, tenures: &[Tenure]) -> (usize, usize) {
        let at = Moment(second * SECOND);
        let question =
            Question { ports: vec![closed().local.port.into()], ..Question::between(at, at) };
        let ask = |question: &Question| {
            let found = tenures.iter().filter(|tenure| question.asks_for(tenure));
            Ok::<_, Infallible>(Answer { tenures: found.cloned().collect(), ..Answer::default() })
        };
        let mut answer = ask(&question).unwrap();
        look_for(&question, &mut answer, 2 * SECOND, ask).unwrap();
        (answer.tenures.len(), answer.gaps.len())
    }

    #[test]
    fn where_the_far_end_was_elsewhere_nobody_knows_after_a_minute() {
        let tenures = [closed()];
        let found = [5, 69, 70, 133, 134].map(|second| at(second, &tenures));
        assert_eq!(found, [(1, 0), (1, 0), (0, 1), (0, 1), (0, 0)]);
    }

    #[test]
    fn the_kernel_ends_time_wait_a_little_late() {
        let tenures = [Tenure { ending: Some(Ending::TimeWait), ..closed() }];
        let found = [9, 69, 70, 71, 72].map(|second| at(second, &tenures));
        assert_eq!(found, [(1, 0), (1, 0), (0, 1), (0, 1), (0, 0)]);
        let tenures = [Tenure { ending: Some(Ending::Closed), ..closed() }];
        assert_eq!([9, 10].map(|second| at(second, &tenures)), [(1, 0), (0, 0)]);
    }

    #[test]
    fn where_the_kernel_did_not_wait_for_long_nobody_knows_at_once() {
        let brief = Tenure { ending: Some(Ending::FinWaitBriefly), ..closed() };
        for far in [None, Some(far_end(Some(40)))] {
            let tenures: Vec<_> = [brief.clone()].into_iter().chain(far).collect();
            let found = [9, 10, 69, 70, 133, 134].map(|second| at(second, &tenures));
            assert_eq!(found, [(1, 0), (0, 1), (0, 1), (0, 1), (0, 1), (0, 0)]);
        }
    }

    #[test]
    fn what_is_not_known_is_told_in_a_line() {
        let until = Some(Moment(1_795_442_400 * SECOND));
        let reason = GapReason::TailUnknown;
        let gap = Gap { from: Moment(0), until, reason, events: 0 };
        let now = "2026-11-23T15:00:00+01:00[Europe/Berlin]".parse().unwrap();
        let told = doubt(&gap, &now).unwrap();
        assert!(told.starts_with("its TIME-WAIT may have lasted until 15:00:00: a con"), "{told}");
        let short = Gap { from: Moment(1_795_442_398 * SECOND), ..gap.clone() };
        assert!(doubt(&short, &now).unwrap().ends_with("the kernel ends it some seconds late"));
        assert_eq!(doubt(&Gap { reason: GapReason::DiskFull, ..gap }, &now), None);
    }

    #[test]
    fn the_far_end_tells_when_time_wait_began() {
        let tenures = [closed(), far_end(Some(40))];
        let found = [69, 70, 99, 100, 101, 102].map(|second| at(second, &tenures));
        assert_eq!(found, [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1), (0, 0)]);
        for late in [None, Some(80)] {
            let tenures = [closed(), far_end(late)];
            let found = [69, 70, 71, 72].map(|second| at(second, &tenures));
            assert_eq!(found, [(1, 0), (0, 1), (0, 1), (0, 0)]);
        }
        let tenures = [closed(), far_end(Some(71))];
        let found = [69, 70, 132, 133].map(|second| at(second, &tenures));
        assert_eq!(found, [(1, 0), (0, 1), (0, 1), (0, 0)]);
        let reset = Tenure { ending: Some(Ending::Reset), ..far_end(Some(40)) };
        let tenures = [closed(), reset];
        assert_eq!(
            [9, 39, 40, 70].map(|second| at(second, &tenures)),
            [(1, 0), (1, 0), (0, 0), (0, 0)]
        );
        let elsewhere = Tenure { remote: None, ..far_end(Some(40)) };
        assert_eq!(at(99, &[closed(), elsewhere]), (0, 1));
    }
}
