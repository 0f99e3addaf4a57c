//! How soon a freed port is given again: peers, NATs and firewalls remember it for a while.

use std::collections::{BTreeMap, VecDeque};

use alloc::{
    Algorithm, Allocator, Client, Keyed, RandomIncrements, Settings, SimpleHash, SimpleRandom,
};

use crate::{buckets, for_each_algorithm, pool, take, touch};

/// The fewest dials from a port to the same port again, over many dials of one destination.
fn soonest<A: Algorithm>(settings: &Settings, seed: u64, dials: usize) -> usize {
    let mut pool = pool::<A>(settings, seed);
    let mut last = BTreeMap::new();
    let ports = (0..dials).filter_map(|dial| Some(dial - last.insert(touch(&mut pool, 1), dial)?));
    ports.min().unwrap_or(dials)
}

#[test]
fn a_sequence_comes_round_once_a_range() {
    let settings = Settings::new(buckets()).quarantine(0);
    assert_eq!(soonest::<SimpleHash>(&settings, 1, 60_000), buckets().count() as usize);
    assert!(soonest::<RandomIncrements>(&settings, 1, 60_000) > buckets().count() as usize / 500);
}

/// What a quarantine is for: without it the first port comes again after √(πN/2) dials, the birthday
/// problem, which is 211 for this range.
#[test]
fn random_choices_meet_the_birthday_problem() {
    fn until_again<A: Algorithm>(seed: u64) -> u32 {
        let mut pool = pool::<A>(&Settings::new(buckets()).quarantine(0), seed);
        let mut seen = std::collections::BTreeSet::new();
        (0..).find(|_| !seen.insert(touch(&mut pool, 1))).unwrap()
    }
    let mean = |dials: &mut dyn Iterator<Item = u32>| f64::from(dials.sum::<u32>()) / 200.0;
    for mean in [
        mean(&mut (0..200).map(until_again::<Keyed>)),
        mean(&mut (0..200).map(until_again::<SimpleRandom>)),
    ] {
        assert!((180.0..245.0).contains(&mean), "the first port comes again after {mean} dials");
    }
}

fn heeds_the_quarantine<A: Algorithm>(name: &str) {
    for quarantine in [1, 64, 1000] {
        let settings = Settings::new(buckets()).quarantine(quarantine);
        let soonest = soonest::<A>(&settings, 1, 20_000);
        assert!(soonest > usize::from(quarantine), "{name}: again after {soonest} of {quarantine}");
    }
}

#[test]
fn every_algorithm_heeds_the_quarantine() {
    for_each_algorithm!(heeds_the_quarantine);
}

/// Where fewer ports are free than wait, they are given strictly in turn: the longest time to the next use
/// that there can be.
fn gives_the_oldest_at_the_end<A: Algorithm>(name: &str) {
    let mut pool = pool::<A>(&Settings::new(buckets()).quarantine(500), 1);
    let mut held: VecDeque<_> =
        (0..buckets().count()).map(|_| pool.acquire(&1, Client::NOBODY).unwrap()).collect();
    let mut freed: VecDeque<_> = (0..100)
        .map(|_| {
            let tuple = held.pop_front().unwrap();
            let port = tuple.port();
            pool.release(tuple);
            port
        })
        .collect();
    for _ in 0..1000 {
        let tuple = pool.acquire(&1, Client::NOBODY).unwrap();
        assert_eq!(Some(tuple.port()), freed.pop_front(), "{name}");
        held.push_back(tuple);
        let tuple = held.pop_front().unwrap();
        freed.push_back(tuple.port());
        pool.release(tuple);
    }
}

#[test]
fn every_algorithm_gives_the_oldest_at_the_end() {
    for_each_algorithm!(gives_the_oldest_at_the_end);
}

#[test]
fn a_destination_left_alone_keeps_its_quarantine() {
    let settings = Settings::new(crate::range(1000, 1002)).quarantine(2).idle(10);
    let mut pool = pool::<Keyed>(&settings, 1);
    let (one, two) = (touch(&mut pool, 1), touch(&mut pool, 1));
    for to in 2..10 {
        let _ = touch(&mut pool, to);
    }
    let three = take(&mut pool, 1);
    assert!(three != one && three != two, "{three} was freed a moment ago");
}
