//! How late the kernel's timers are: the further away one is, the coarser is the ring of its timer wheel that
//! it is put on (`kernel/time/timer.c`), and it never fires early.

use log::Moment;
use rustix::time::{ClockId, clock_getres};

/// How many nanoseconds late TIME-WAIT ends at most on this machine.
pub(super) fn late() -> i64 {
    // The coarse clocks are set forward once in a tick.
    let tick = clock_getres(ClockId::MonotonicCoarse).tv_nsec;
    late_by(Moment(0).after_time_wait().0, tick)
}

/// How late a timer is that was set for `span`, where a tick is as long as `tick`: the first ring has 63
/// places of a tick, each further one eight times as much of both.
fn late_by(span: i64, tick: i64) -> i64 {
    let ticks = span / tick.max(1);
    let (mut end, mut grain) = (63, 1);
    while ticks >= end && grain < COARSEST {
        (end, grain) = (end * 8, grain * 8);
    }
    grain * tick
}

/// The ticks of a place on the last ring, where there are nine.
const COARSEST: i64 = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_wait_ends_as_late_as_the_ring_is_coarse() {
        let minute = 60_000_000_000;
        let hz = |hz: i64| late_by(minute, 1_000_000_000 / hz) / 1_000_000;
        assert_eq!([100, 250, 300, 1000].map(hz), [5120, 2048, 1706, 4096]);
        assert_eq!(late_by(62, 1), 1);
        assert_eq!(late_by(63, 1), 8);
        assert!((1_000_000_000..=6_000_000_000).contains(&late()), "{}", late());
    }
}
