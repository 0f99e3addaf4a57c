//! What the clock on the wall said when: moments of events from their time since boot.
//!
//! `CLOCK_BOOTTIME` and `CLOCK_REALTIME` are slewed together, so their difference changes only when
//! somebody steps the latter (`clock_settime(2)`, `ADJ_SETOFFSET`, a leap second). Such a step
//! starts a new [`Clock`]; nothing recorded before it changes.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use rustix::time::{ClockId, clock_gettime};
use sockets::BootTime;

use crate::{Clock, Error, Moment};

/// Where the time comes from.
pub trait TimeSource: fmt::Debug + Send {
    /// Which boot this is (`/proc/sys/kernel/random/boot_id`).
    fn boot(&self) -> [u8; 16];

    /// What both clocks say now.
    fn now(&self) -> Now;
}

/// Two clocks, read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The time since boot.
    pub since_boot: BootTime,
    /// The clock on the wall.
    pub utc: Moment,
    /// How far apart the two readings may lie, in nanoseconds.
    pub doubt_ns: u64,
}

/// This machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct HostTime {
    boot: [u8; 16],
}

impl HostTime {
    /// The clocks of this boot.
    ///
    /// # Errors
    /// [`Error::Io`] if the kernel does not tell which boot it is.
    pub fn new() -> Result<HostTime, Error> {
        let path = Path::new("/proc/sys/kernel/random/boot_id");
        let failed = |source| Error::Io { what: "read", path: path.to_owned(), source };
        let text = fs::read(path).map_err(failed)?;
        let boot = uuid(&text).ok_or_else(|| failed(io::ErrorKind::InvalidData.into()))?;
        Ok(HostTime { boot })
    }
}

impl TimeSource for HostTime {
    fn boot(&self) -> [u8; 16] {
        self.boot
    }

    /// The best of three readings: we may be put to sleep between the two clocks.
    fn now(&self) -> Now {
        let readings = [(); 3].map(|()| {
            let before = read(ClockId::Boottime);
            let utc = read(ClockId::Realtime);
            let after = read(ClockId::Boottime);
            let middle = before + (after - before) / 2;
            Now {
                since_boot: BootTime(middle.unsigned_abs()),
                utc: Moment(utc),
                doubt_ns: (after - before).unsigned_abs(),
            }
        });
        readings.into_iter().min_by_key(|now| now.doubt_ns).unwrap_or(readings[0])
    }
}

/// The clocks since the oldest that an open tenure began under.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    clocks: Vec<Clock>,
    /// Since when each holds, in nanoseconds since its boot.
    since: Vec<u64>,
}

impl Timeline {
    pub(crate) fn new(clock: Clock, since: u64) -> Timeline {
        Timeline { clocks: vec![clock], since: vec![since] }
    }

    /// A timeline that starts with what `time` says now.
    pub(crate) fn starting(time: &dyn TimeSource, number: u64) -> Timeline {
        Timeline::new(Clock::new(number, time.boot(), time.now()), 0)
    }

    /// All clocks; tenures name them by their index.
    pub(crate) fn clocks(&self) -> &[Clock] {
        &self.clocks
    }

    /// Since when the clock with this index holds.
    pub(crate) fn since(&self, index: u32) -> u64 {
        self.since[index as usize]
    }

    /// The index of the newest clock.
    pub(crate) fn newest(&self) -> u32 {
        index(self.clocks.len() - 1)
    }

    /// The newest clock.
    pub(crate) fn clock(&self) -> Clock {
        self.clocks[self.clocks.len() - 1]
    }

    /// The index of the clock that held at `at` on the newest boot.
    pub(crate) fn at(&self, at: u64) -> u32 {
        let newest = self.newest();
        if at >= self.since[newest as usize] {
            return newest;
        }
        let boot = self.clock().boot;
        let same = (0..newest).rev().take_while(|i| self.clocks[*i as usize].boot == boot);
        let mut earliest = newest;
        for candidate in same {
            earliest = candidate;
            if at >= self.since[candidate as usize] {
                break;
            }
        }
        earliest
    }

    /// What the clock on the wall said at `at` on the newest boot.
    pub(crate) fn moment(&self, at: u64) -> Moment {
        self.clocks[self.at(at) as usize].moment(at)
    }

    /// Follows the wall: a new clock where it was stepped by more than [`STEP_NS`].
    pub(crate) fn observe(&mut self, now: Now) -> Option<Clock> {
        let clock = self.clock();
        let offset = offset(now);
        let moved = offset.abs_diff(clock.offset);
        if moved <= STEP_NS.max(now.doubt_ns) {
            return None;
        }
        let stepped = Clock::new(clock.number + 1, clock.boot, now);
        self.push(stepped, now.since_boot.0);
        Some(stepped)
    }

    pub(crate) fn push(&mut self, clock: Clock, since: u64) {
        self.clocks.push(clock);
        self.since.push(since);
    }

    /// Forgets the clocks that are not in `used`, but never the newest; what each index becomes.
    pub(crate) fn keep(&mut self, used: &[bool]) -> Vec<u32> {
        let newest = self.clocks.len() - 1;
        let mut becomes = Vec::with_capacity(self.clocks.len());
        let mut kept = Timeline { clocks: Vec::new(), since: Vec::new() };
        for (at, clock) in self.clocks.iter().enumerate() {
            becomes.push(index(kept.clocks.len()));
            if at == newest || used.get(at).copied().unwrap_or(false) {
                kept.push(*clock, self.since[at]);
            }
        }
        *self = kept;
        becomes
    }
}

impl Clock {
    /// The clock that holds now.
    pub(crate) fn new(number: u64, boot: [u8; 16], now: Now) -> Clock {
        Clock { number, boot, offset: offset(now) }
    }

    /// What the clock on the wall said so many nanoseconds after this clock's boot.
    #[must_use]
    pub fn moment(&self, since_boot_ns: u64) -> Moment {
        Moment(i64::try_from(since_boot_ns).unwrap_or(i64::MAX).saturating_add(self.offset))
    }
}

fn offset(now: Now) -> i64 {
    now.utc.0.saturating_sub(i64::try_from(now.since_boot.0).unwrap_or(i64::MAX))
}

fn read(clock: ClockId) -> i64 {
    let time = clock_gettime(clock);
    time.tv_sec.saturating_mul(1_000_000_000).saturating_add(time.tv_nsec)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("a clock is not stepped four billion times between two boots")
}

/// A UUID as text: hexadecimal digits, hyphens anywhere.
pub(crate) fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let kept = text.trim_ascii().iter().filter(|byte| **byte != b'-');
    let digits: Option<Vec<u32>> = kept.map(digit).collect();
    let digits = digits.filter(|digits| digits.len() == 32)?;
    let mut uuid = [0; 16];
    for (byte, pair) in uuid.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
    }
    Some(uuid)
}

/// What counts as a step: more than two clocks read one after the other differ by.
const STEP_NS: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn now(since_boot: u64, utc: i64) -> Now {
        Now { since_boot: BootTime(since_boot), utc: Moment(utc), doubt_ns: 100 }
    }

    #[test]
    fn a_step_starts_a_clock_and_leaves_what_was_before() {
        let mut timeline = Timeline::new(Clock { number: 7, boot: [1; 16], offset: 1_000 }, 0);
        assert_eq!(timeline.observe(now(10_000_000, 10_900_000)), None, "less than a step");
        let stepped = timeline.observe(now(20_000_000, 10_000_000)).unwrap();
        assert_eq!(stepped, Clock { number: 8, boot: [1; 16], offset: -10_000_000 });
        assert_eq!(timeline.moment(19_999_999), Moment(20_000_999));
        assert_eq!(timeline.moment(20_000_000), Moment(10_000_000));
    }

    #[test]
    fn readings_that_lie_apart_are_no_step() {
        let mut timeline = Timeline::new(Clock { number: 1, boot: [1; 16], offset: 0 }, 0);
        let mut doubtful = now(1_000_000_000, 1_090_000_000);
        doubtful.doubt_ns = 100_000_000;
        assert_eq!(timeline.observe(doubtful), None);
    }

    #[test]
    fn times_of_another_boot_are_not_ours() {
        let mut timeline = Timeline::new(Clock { number: 1, boot: [1; 16], offset: 5 }, 0);
        timeline.push(Clock { number: 2, boot: [2; 16], offset: 100 }, 50);
        assert_eq!(timeline.moment(10), Moment(110));
    }

    #[test]
    fn unused_clocks_are_forgotten_but_the_newest() {
        let mut timeline = Timeline::new(Clock { number: 1, boot: [1; 16], offset: 5 }, 0);
        timeline.push(Clock { number: 2, boot: [1; 16], offset: 6 }, 50);
        timeline.push(Clock { number: 3, boot: [1; 16], offset: 7 }, 60);
        assert_eq!(timeline.keep(&[false, true, false]), [0, 0, 1]);
        assert_eq!(timeline.clocks().iter().map(|clock| clock.number).collect::<Vec<_>>(), [2, 3]);
    }

    #[test]
    fn this_machine_tells_its_time() {
        let time = HostTime::new().unwrap();
        let (first, second) = (time.now(), time.now());
        assert!(first.since_boot < second.since_boot && first.utc < second.utc);
        assert_ne!(time.boot(), [0; 16]);
    }

    #[test]
    fn a_boot_id_is_read() {
        let id = uuid(b"0123abcd-0000-4000-8000-00000000FFff\n").unwrap();
        assert_eq!((id[0], id[1], id[14], id[15]), (0x01, 0x23, 0xff, 0xff));
        assert_eq!(uuid(b"0123"), None);
    }
}
