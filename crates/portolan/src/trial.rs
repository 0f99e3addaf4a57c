//! Binds of ours by which a card saw whether a port can be bound. Who looks at a port again and again
//! would find nothing else in its past.

use std::path::Path;
use std::time::Duration;

use log::{Answer, Party, Tenure};
use sockets::Role;

/// Leaves them out of `answer` where this program made them, or one that lies where it lies; returns
/// how many they were.
pub(crate) fn leave_out(answer: &mut Answer) -> usize {
    let ours = std::env::current_exe().ok();
    let all = answer.tenures.len();
    answer.tenures.retain(|tenure| !is_one(tenure, ours.as_deref()));
    all - answer.tenures.len()
}

fn is_one(tenure: &Tenure, ours: Option<&Path>) -> bool {
    let Party::Known(program) = tenure.holder() else { return false };
    tenure.role == Role::Bound
        && tenure.duration < LONGEST
        && ours.is_some()
        && program.process.exe.as_deref() == ours
}

/// None takes longer: a socket is bound and closed.
const LONGEST: Duration = Duration::from_millis(10);
/// So many more are asked for where some are to be left out: a card that was looked at sixty times has
/// left as many.
pub(crate) const MANY: usize = 1000;

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use log::{Moment, Question};

    use super::*;
    use crate::fixture::past;

    /// A bind as a card makes it, at this moment.
    pub(crate) fn trial(at: Moment) -> Tenure {
        let everything = Question::between(Moment(0), Moment(i64::MAX));
        let mut tenure = past::ask(&everything).tenures.remove(0);
        let Party::Known(program) = past::program(9, b"portolan", 0, "a.scope") else {
            unreachable!("it is made as one that is known")
        };
        let mut program = Arc::unwrap_or_clone(program);
        program.process.exe = std::env::current_exe().ok();
        tenure.opener = Party::Known(Arc::new(program));
        (tenure.taker, tenure.closer) = (Party::Unknown, tenure.opener.clone());
        (tenure.role, tenure.remote) = (Role::Bound, None);
        tenure.duration = Duration::from_micros(30);
        (tenure.from, tenure.until) = (at, Some(Moment(at.0 + 30_000)));
        tenure
    }

    #[test]
    fn short_binds_of_this_program_are_trials() {
        let tenure = trial(Moment(1));
        let other = Some(Path::new("/usr/bin/python3"));
        let ours = std::env::current_exe().ok();
        assert!(is_one(&tenure, ours.as_deref()));
        assert!(!is_one(&tenure, other) && !is_one(&tenure, None));
        let long = Tenure { duration: LONGEST, ..tenure.clone() };
        let listening = Tenure { role: Role::Listening, ..tenure.clone() };
        let unknown = Party::Unknown;
        let hidden = Tenure { opener: unknown.clone(), closer: unknown, ..tenure.clone() };
        for kept in [long, listening, hidden] {
            assert!(!is_one(&kept, ours.as_deref()), "{kept:?}");
        }
        let mut answer = Answer { tenures: vec![tenure], ..Answer::default() };
        assert_eq!((leave_out(&mut answer), answer.tenures.len()), (1, 0));
    }
}
