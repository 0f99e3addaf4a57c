//! Who held a port that those who were asked for did not hold: a process that inherited a socket is not told
//! as its holder, and one that is asked for in vain may be such a one.

use log::{Answer, Question};

use super::Inquiry;
use crate::{label, trial};

/// Remarks on the others that held the port which `inquiry` is about, where it asks for processes or users
/// and the `answer` is nobody.
pub(super) fn remark_on<E>(
    inquiry: &mut Inquiry,
    answer: &Answer,
    ask: impl FnOnce(&Question) -> Result<Answer, E>,
) -> Result<(), E> {
    let question = &inquiry.question;
    let anybody = Question { most: MOST, ..question.of_anybody() };
    let asks_for_some = Question { most: MOST, ..question.clone() } != anybody;
    if !answer.tenures.is_empty() || question.ports.is_empty() || !asks_for_some {
        return Ok(());
    }
    let mut others = ask(&anybody)?;
    trial::leave_out(&mut others);
    let count = others.tenures.len();
    if count > 0 {
        let than = if others.more { "more than " } else { "" };
        let tenures = label::count(count, "tenure");
        inquiry.remarks.push(format!(
            "{than}{tenures} of others in that time: a process or user is found as the one who made a \
             socket, first took it over or closed it, not as one who inherited it"
        ));
    }
    Ok(())
}

/// So many are counted.
const MOST: usize = 1000;
