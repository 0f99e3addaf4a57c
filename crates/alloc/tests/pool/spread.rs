//! How evenly ports are chosen, by Pearson's chi-square over 64 buckets: 63 degrees of freedom, mean 63, and
//! above 131 once in a million. The seeds are fixed, so a test fails always or never.

use alloc::{
    Algorithm, DoubleHash, Keyed, RandomIncrements, RandomTries, Settings, SimpleHash, SimpleRandom,
};

use crate::{BUCKET, buckets, pool, take, touch};

/// Of 64 buckets of ports, how far their counts are from even.
fn chi_square(ports: impl Iterator<Item = u16>) -> f64 {
    let mut counts = [0u32; 64];
    for port in ports {
        counts[usize::from((port - buckets().first().number()) / BUCKET)] += 1;
    }
    let even = f64::from(counts.iter().sum::<u32>()) / 64.0;
    counts.iter().map(|&count| (f64::from(count) - even).powi(2) / even).sum()
}

/// The ports of many dials of one destination, each over before the next: twice as many as there are ports.
fn of_one_destination<A: Algorithm>(seed: u64) -> f64 {
    let mut pool = pool::<A>(&Settings::new(buckets()).quarantine(0), seed);
    chi_square((0..2 * buckets().count()).map(move |_| touch(&mut pool, 1)))
}

/// The first ports of many destinations.
fn of_first_ports<A: Algorithm>(seed: u64) -> f64 {
    let mut pool = pool::<A>(&Settings::new(buckets()), seed);
    chi_square((0..50_000).map(move |to| take(&mut pool, to)))
}

#[test]
fn random_choices_are_spread_as_random_ones_are() {
    for seed in 0..5 {
        for chi in [
            of_one_destination::<Keyed>(seed),
            of_one_destination::<SimpleRandom>(seed),
            of_one_destination::<RandomTries>(seed),
            of_first_ports::<Keyed>(seed),
            of_first_ports::<SimpleRandom>(seed),
            of_first_ports::<RandomTries>(seed),
        ] {
            assert!((25.0..131.0).contains(&chi), "chi-square {chi:.1}, seed {seed}");
        }
    }
}

#[test]
fn sequences_are_spread_evenly_over_the_range() {
    for seed in 0..5 {
        for chi in [
            of_one_destination::<SimpleHash>(seed),
            of_one_destination::<DoubleHash>(seed),
            of_one_destination::<RandomIncrements>(seed),
        ] {
            assert!(chi < 131.0, "chi-square {chi:.1}, seed {seed}");
        }
    }
}

#[test]
fn where_a_destination_begins_is_spread_as_at_random() {
    for seed in 0..5 {
        for chi in [of_first_ports::<SimpleHash>(seed), of_first_ports::<DoubleHash>(seed)] {
            assert!((25.0..131.0).contains(&chi), "chi-square {chi:.1}, seed {seed}");
        }
    }
}

/// Half of the range is taken from its start: what is free must still be reached as a whole.
#[test]
fn a_nearly_full_range_is_still_used_as_a_whole() {
    let mut pool = pool::<Keyed>(&Settings::new(buckets()).quarantine(1000), 1);
    for _ in 0..27_000 {
        let _ = take(&mut pool, 1);
    }
    let free = 64 * usize::from(BUCKET) - 27_000;
    let seen: std::collections::BTreeSet<_> = (0..4 * free).map(|_| touch(&mut pool, 1)).collect();
    assert!(seen.len() > free * 9 / 10, "{} of {free} free ports were used", seen.len());
}

#[test]
fn source_addresses_are_used_alike() {
    let settings = Settings::new(buckets()).sources(4);
    let mut pool = pool::<Keyed>(&settings, 1);
    let mut counts = [0u32; 4];
    for _ in 0..40_000 {
        let tuple = alloc::Allocator::acquire(&mut pool, &1, alloc::Client::NOBODY).unwrap();
        counts[tuple.source().index()] += 1;
    }
    let chi: f64 = counts.iter().map(|&count| (f64::from(count) - 1e4).powi(2) / 1e4).sum();
    assert!(chi < 31.0, "{counts:?}"); // 3 degrees of freedom: above this once in a million
}
