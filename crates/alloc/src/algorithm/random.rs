//! The algorithms of RFC 6056 that draw a random number each time: §3.3.1, §3.3.2 and §3.3.5.

use registry::Port;

use super::{Algorithm, Free, Pair};
use crate::Random;

/// RFC 6056 §3.3.1, "Simple Port Randomization": a random port, and from there upwards to the first free one.
///
/// Exact as it is: the walk covers the range once. Here it takes one step whatever lies in between.
#[derive(Debug)]
pub struct SimpleRandom(Random);

impl Algorithm for SimpleRandom {
    fn seeded(random: &mut Random) -> SimpleRandom {
        SimpleRandom(random.child())
    }

    fn choose(&mut self, _: &Pair, free: &Free<'_>) -> Port {
        free.at_or_after(any(&mut self.0, free))
    }
}

/// RFC 6056 §3.3.2, "Another Simple Port Randomization": random ports until one is free.
///
/// The RFC gives up after as many tries as there are ports, and then fails in one case of three where
/// one port is left. Here 32 tries are made, and then the first free port after the last one is taken.
#[derive(Debug)]
pub struct RandomTries(Random);

impl Algorithm for RandomTries {
    fn seeded(random: &mut Random) -> RandomTries {
        RandomTries(random.child())
    }

    fn choose(&mut self, _: &Pair, free: &Free<'_>) -> Port {
        let mut port = any(&mut self.0, free);
        for _ in 1..TRIES {
            if free.contains(port) {
                return port;
            }
            port = any(&mut self.0, free);
        }
        free.at_or_after(port)
    }
}

/// RFC 6056 §3.3.5, "Random-Increments Port Selection": a step of random size, 1 to 500, from the last
/// port given, until a port is free.
///
/// The RFC gives up after as many steps as there are ports, and may have passed over the free ones. Here
/// 32 steps are made, and then the first free port after the last one is taken, from which the next
/// search goes on.
#[derive(Debug)]
pub struct RandomIncrements {
    random: Random,
    next: u64,
}

impl Algorithm for RandomIncrements {
    fn seeded(random: &mut Random) -> RandomIncrements {
        let mut random = random.child();
        let next = random.number() >> 32; // the RFC starts anywhere
        RandomIncrements { random, next }
    }

    fn choose(&mut self, _: &Pair, free: &Free<'_>) -> Port {
        for _ in 0..TRIES {
            self.next = self.next.wrapping_add(u64::from(self.random.below(TRADE_OFF)) + 1);
            let port = free.place(self.next);
            if free.contains(port) {
                return port;
            }
        }
        let port = free.at_or_after(free.place(self.next));
        self.next = free.offset(port);
        port
    }
}

/// Any port of the range.
fn any(random: &mut Random, free: &Free<'_>) -> Port {
    free.scaled(random.number())
}

/// How often an algorithm that tries its luck does so before the next free port is looked up.
const TRIES: u32 = 32;

/// N of RFC 6056 §3.3.5, and its value there: larger is harder to guess, smaller reuses ports later.
const TRADE_OFF: u32 = 500;
