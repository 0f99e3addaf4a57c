//! Plays connections out: each comes after a time by chance, takes a port or fails, lasts for a time by
//! chance, and leaves its port in `TIME-WAIT`.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Demand;

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Played {
    /// The mean share of ports in use, 0 to 1.
    pub fill: f64,
    /// The share of connections that found no port.
    pub exhausted: f64,
    /// How many connections came.
    pub connections: u64,
}

/// Plays `demand` towards one destination with so many ports: the same for the same `seed`. It takes some
/// 200 ns a connection, of which there are at most four million.
///
/// Where that is too few to start with empty ports, it starts with as many in use as there will be on average,
/// each held since some time by chance. Of more than two million ports an equal part is played, with an equal
/// part of the connections: so many behave as more do.
#[must_use]
pub fn simulate(demand: &Demand, ports: u32, seed: u64) -> Played {
    let parts = ports.div_ceil(MOST_PORTS).max(1);
    play(demand, f64::from(parts), ports / parts, seed)
}

/// Plays one of so many equal parts, which has so many ports.
fn play(demand: &Demand, parts: f64, ports: u32, seed: u64) -> Played {
    let load = demand.load() / parts;
    let per_s = demand.per_s / f64::from(demand.destinations.max(1)) / parts;
    if ports == 0 || load <= 0.0 || !load.is_finite() {
        let exhausted = if ports == 0 { 1.0 } else { 0.0 };
        return Played { fill: exhausted, exhausted, connections: 0 };
    }
    // The beginning, when ports are empty, does not count: four times as long as a port is kept.
    let warming = WARM_UP * load;
    let mut run = Run { chance: Chance(seed), free_at: BinaryHeap::new(), ..Run::default() };
    if warming > MOST {
        run.start_in_the_middle(demand, load.min(f64::from(ports)));
    }
    let begin = warming.min(MOST) / per_s;
    let counted = (ROUNDS * load).clamp(LEAST, MOST);
    let end = begin + counted / per_s;
    let mut now = 0.0;
    let (mut came, mut failed) = (0_u64, 0_u64);
    while now < end {
        now += run.chance.exponential() / per_s;
        run.release(now, begin);
        let counts = now >= begin && now < end;
        came += u64::from(counts);
        if run.free_at.len() >= ports as usize {
            failed += u64::from(counts);
            continue;
        }
        let lasts = run.chance.exponential() * demand.hold.as_secs_f64();
        run.free_at.push(Reverse(Time(now + lasts + demand.time_wait.as_secs_f64())));
    }
    #[expect(clippy::cast_precision_loss, reason = "there are at most some millions")]
    let exhausted = failed as f64 / came.max(1) as f64;
    Played {
        fill: run.port_seconds / (run.at - begin) / f64::from(ports),
        exhausted,
        connections: came,
    }
}

/// The ports in use, and how long they have been so.
#[derive(Default)]
struct Run {
    chance: Chance,
    /// When each port that is in use is free again.
    free_at: BinaryHeap<Reverse<Time>>,
    at: f64,
    port_seconds: f64,
}

impl Run {
    /// Takes so many ports as if they had been in use for long: each is held, or in `TIME-WAIT` already, by
    /// how long either takes, and what is left of that is as chance has it.
    fn start_in_the_middle(&mut self, demand: &Demand, ports: f64) {
        let (hold, time_wait) = (demand.hold.as_secs_f64(), demand.time_wait.as_secs_f64());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "MOST_PORTS at most"
        )]
        let ports = ports.round() as usize;
        let left = (0..ports).map(|_| {
            let is_held = self.chance.uniform() * (hold + time_wait) <= hold;
            let left = match is_held {
                true => self.chance.exponential() * hold + time_wait,
                false => self.chance.uniform() * time_wait,
            };
            Reverse(Time(left))
        });
        self.free_at = left.collect();
    }

    /// Goes on to `now`, with the ports that come free until then; what happens after `begin` counts.
    fn release(&mut self, now: f64, begin: f64) {
        while let Some(&Reverse(Time(free))) = self.free_at.peek().filter(|time| time.0.0 <= now) {
            self.go_on(free, begin);
            self.free_at.pop();
        }
        self.go_on(now, begin);
    }

    fn go_on(&mut self, to: f64, begin: f64) {
        #[expect(clippy::cast_precision_loss, reason = "there are at most 2^32 ports")]
        let used = self.free_at.len() as f64;
        self.port_seconds += used * (to - self.at.max(begin)).max(0.0);
        self.at = to;
    }
}

/// Seconds; never a NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Time(f64);

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> core::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// Chance that can be repeated: `SplitMix64` (G. L. Steele, D. Lea, C. H. Flood, 2014).
#[derive(Clone, Copy, Debug, Default)]
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A time with the mean 1, as memoryless events have.
    fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Above 0, up to 1.
    fn uniform(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let uniform = ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        uniform
    }
}

/// How many times over each port is used, and bounds on how many connections that makes.
const ROUNDS: f64 = 30.0;
const LEAST: f64 = 200_000.0;
const MOST: f64 = 2_000_000.0;
/// How many times over each port is used before that counts.
const WARM_UP: f64 = 4.0;
/// How many ports are played.
const MOST_PORTS: u32 = 2_000_000;
