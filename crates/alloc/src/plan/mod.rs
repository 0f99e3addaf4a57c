//! How many ports does it take? Connections to a destination as a loss system: they come by chance, each
//! keeps a port for as long as it lasts and for `TIME-WAIT`, and one that finds none fails.
//!
//! The formula is Erlang's (A. K. Erlang, 1917), which holds however long connections last, for a given mean
//! (B. A. Sevastyanov, 1957). [`simulate()`] plays the same out, one connection after the other.

mod simulate;

use core::time::Duration;

pub use simulate::{Played, simulate};

/// What comes in, for all destinations together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// New connections a second.
    pub per_s: f64,
    /// How long one lasts on average.
    pub hold: Duration,
    /// How long its port is kept after that.
    pub time_wait: Duration,
    /// Over how many destinations they spread, evenly.
    pub destinations: u32,
}

/// How it goes with so many ports towards each destination.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// The mean share of ports in use, 0 to 1.
    pub fill: f64,
    /// The probability that a connection finds no port, 0 to 1.
    pub exhausted: f64,
}

impl Demand {
    /// How many ports would be in use towards each destination, on average, if there were no end of them:
    /// Little's law.
    #[must_use]
    pub fn load(&self) -> f64 {
        let kept = self.hold.as_secs_f64() + self.time_wait.as_secs_f64();
        self.per_s / f64::from(self.destinations.max(1)) * kept
    }

    /// How it goes with `ports` towards each destination, by the formula.
    #[must_use]
    pub fn forecast(&self, ports: u32) -> Forecast {
        let load = self.load();
        let exhausted = Erlang::of(load).nth(ports as usize).unwrap_or(1.0);
        let fill = if ports == 0 { 1.0 } else { load * (1.0 - exhausted) / f64::from(ports) };
        Forecast { fill, exhausted }
    }

    /// The fewest ports towards each destination with which a connection finds none with a probability of
    /// at most `risk`; `None` where not even sixteen million do.
    #[must_use]
    pub fn ports_for(&self, risk: f64) -> Option<u32> {
        let enough =
            Erlang::of(self.load()).take(MOST_PORTS).position(|exhausted| exhausted <= risk);
        enough.and_then(|ports| u32::try_from(ports).ok())
    }
}

/// The probabilities that none of 0, 1, 2, … ports is free: each follows from the one before.
struct Erlang {
    load: f64,
    ports: f64,
    last: f64,
}

impl Erlang {
    fn of(load: f64) -> Erlang {
        Erlang { load, ports: -1.0, last: 1.0 }
    }
}

impl Iterator for Erlang {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.ports += 1.0;
        if self.ports > 0.0 {
            self.last = self.load * self.last / (self.ports + self.load * self.last);
        }
        Some(self.last)
    }
}

const MOST_PORTS: usize = 1 << 24;

#[cfg(test)]
mod tests {
    use super::*;

    fn demand(per_s: f64, hold_s: u64, time_wait_s: u64) -> Demand {
        Demand {
            per_s,
            hold: Duration::from_secs(hold_s),
            time_wait: Duration::from_secs(time_wait_s),
            destinations: 1,
        }
    }

    #[test]
    fn erlangs_own_table_is_met() {
        // Load, ports, and the probability as tables print it.
        for (load, ports, exhausted) in
            [(1, 1, 0.5), (2, 4, 0.095_238), (10, 10, 0.214_582), (100, 120, 0.005_693)]
        {
            let found = demand(f64::from(load), 1, 0).forecast(ports).exhausted;
            assert!((found - exhausted).abs() < 1e-5, "{load}, {ports}: {found}");
        }
        assert_eq!(demand(5.0, 1, 0).forecast(0).exhausted, 1.0);
        assert_eq!(demand(0.0, 1, 0).forecast(10), Forecast { fill: 0.0, exhausted: 0.0 });
    }

    #[test]
    fn time_wait_bounds_the_rate() {
        // 28,232 ports for a minute each: 470 a second.
        assert!(demand(440.0, 0, 60).forecast(28_232).exhausted < 1e-9);
        assert!(demand(490.0, 0, 60).forecast(28_232).exhausted > 0.03);
        let spread = Demand { destinations: 2, ..demand(880.0, 0, 60) };
        assert!((spread.load() - 26_400.0).abs() < 1e-9);
    }

    #[test]
    fn just_enough_ports_are_enough() {
        let demand = demand(300.0, 10, 60);
        let ports = demand.ports_for(1e-6).unwrap();
        assert!((21_000..22_000).contains(&ports), "{ports}");
        assert!(demand.forecast(ports).exhausted <= 1e-6);
        assert!(demand.forecast(ports - 1).exhausted > 1e-6);
        assert_eq!(Demand { per_s: 1e9, ..demand }.ports_for(1e-6), None);
    }

    /// None of these would end if all their connections were played, from empty ports on.
    #[test]
    fn any_load_is_played_in_bounded_time() {
        for (per_s, hold_s, time_wait_s, ports) in
            [(1e9, 1, 60, 28_232), (1e5, 10, 60, 2_823_200), (6e6, 50, 50, 645_120_000)]
        {
            let demand = demand(per_s, hold_s, time_wait_s);
            let played = simulate(&demand, ports, 7);
            // The formula's limit for so many ports; itself it takes as many steps.
            let share = demand.load() / f64::from(ports);
            let (fill, exhausted) = (share.min(1.0), 1.0 - share.recip().min(1.0));
            let context = format!("{per_s} a second, {ports} ports: {played:?}");
            assert!((fill - played.fill).abs() <= 0.02 * fill, "{context}");
            assert!((exhausted - played.exhausted).abs() <= 0.02, "{context}");
            assert!(played.connections < 2_010_000, "{context}");
        }
    }

    #[test]
    fn the_formula_is_what_comes_out_when_it_is_played() {
        for ports in [50_u32, 1000, 28_232] {
            for share in [0.3, 0.8, 0.95, 1.0, 1.1, 1.5] {
                for (hold_s, time_wait_s) in [(1, 60), (30, 0), (20, 60)] {
                    let kept = f64::from(u32::try_from(hold_s + time_wait_s).unwrap());
                    let demand = demand(f64::from(ports) * share / kept, hold_s, time_wait_s);
                    let (said, played) = (demand.forecast(ports), simulate(&demand, ports, 7));
                    let context =
                        format!("{ports} ports, {share}, {hold_s} s: {said:?} {played:?}");
                    assert!((said.fill - played.fill).abs() <= 0.02 * said.fill, "{context}");
                    assert!((said.exhausted - played.exhausted).abs() <= 0.02, "{context}");
                }
            }
        }
    }
}
