//! What memory itself costs on this machine: a walk over as many bytes as a pool takes for the load, a cache line
//! a step, where only one line says which is the next. No exchange can do with less than a step or two.

use std::hint::black_box;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::load::{Load, PORTS, cpu_time, median};

/// A line says which one comes next.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line(u32);

/// The median round's processor time of a step, as a line of JSON like the others.
pub(crate) fn measure(load: &Load) -> String {
    let lines = load.destinations() as usize * usize::from(PORTS).div_ceil(8 * size_of::<Line>());
    let mut walk = circle(lines);
    let mut at = 0;
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(&mut walk, &mut at)).collect();
    let ns = median(&mut rounds[1..]);
    let bytes = lines * size_of::<Line>();
    format!(
        "{{\"threads\":1,\"ns\":{ns:.1},\"cpu_ns\":{ns:.1},\"requests\":1,\"refused\":0,\"bytes\":{bytes}}}"
    )
}

/// Lines that lead through all of them in a random order, and back to the first (Sattolo's algorithm).
fn circle(lines: usize) -> Vec<Line> {
    let mut walk: Vec<Line> =
        (0..lines).map(|at| Line(u32::try_from(at).expect("lines"))).collect();
    let mut chance = Rng::with_seed(5);
    for last in (1..lines).rev() {
        walk.swap(last, chance.usize(..last));
    }
    walk
}

fn round(walk: &mut [Line], at: &mut usize) -> f64 {
    let (began, cpu_began) = (Instant::now(), cpu_time());
    let mut steps = 0_u32;
    while began.elapsed() < ROUND {
        for _ in 0..256 {
            *at = walk[*at].0 as usize;
        }
        steps += 256;
    }
    black_box(*at);
    (cpu_time() - cpu_began).as_secs_f64() * 1e9 / f64::from(steps)
}

const ROUNDS: usize = 8;
const ROUND: Duration = Duration::from_millis(250);
