//! How long a port rests: how many others were given towards the same destination between its release
//! and the moment it is given again. A peer that still has the old connection in TIME-WAIT, and a NAT
//! between, take a port that comes back too soon for the old connection.

use fastrand::Rng;

use crate::load::{Load, PORTS, Subject};

/// Acquires that are counted, after as many that are not.
const COUNTED: usize = 200_000;

/// Fills one destination, changes it at random; its line of JSON.
pub(crate) fn measure<S: Subject>(mut subject: S, load: &Load) -> String {
    let mut held: Vec<S::Held> =
        (0..load.held_each()).map(|_| subject.fill(0).expect("a free port")).collect();
    let mut chance = Rng::with_seed(5);
    let mut released_at = vec![None; usize::from(u16::MAX) + 1];
    let mut rests = Vec::with_capacity(COUNTED);
    let mut now = 0; // in ports given: a request that is refused lets no time pass
    while now < 2 * COUNTED {
        let was = held.swap_remove(chance.usize(..held.len()));
        let port = S::port(&was);
        subject.release(was);
        released_at[usize::from(port)] = Some(now);
        let Some(given) = subject.acquire(0) else {
            held.push(subject.take_back(0, port));
            released_at[usize::from(port)] = None;
            continue;
        };
        let rest = released_at[usize::from(S::port(&given))].take().map(|since| now - since);
        rests.extend(rest.filter(|_| now >= COUNTED));
        held.push(given);
        now += 1;
    }
    rests.sort_unstable();
    format!(
        "{{\"fill\":{},\"free\":{},\"least\":{},\"percentile1\":{},\"median\":{}}}",
        load.fill,
        PORTS - load.held_each(),
        rests[0],
        rests[rests.len() / 100],
        rests[rests.len() / 2],
    )
}
