//! What one port says about the next: towards the same destination, another one, under another seed.

use std::collections::BTreeSet;

use alloc::{
    Algorithm, Allocator, Client, DoubleHash, Keyed, RandomIncrements, Settings, SimpleHash,
    SimpleRandom,
};

use crate::{BUCKET, buckets, for_each_algorithm, pool, take, touch};

/// How far each port lies after the one before, in a range that starts again at its end.
fn steps(ports: &[u16]) -> Vec<u32> {
    let count = buckets().count();
    ports.windows(2).map(|two| (u32::from(two[1]) + count - u32::from(two[0])) % count).collect()
}

fn ports<A: Algorithm>(seed: u64, to: u32, many: usize) -> Vec<u16> {
    let mut pool = pool::<A>(&Settings::new(buckets()).quarantine(0), seed);
    (0..many).map(|_| touch(&mut pool, to)).collect()
}

/// How many of `steps` are at most `most`, in parts of all.
fn share_within(steps: &[u32], most: u32) -> f64 {
    let near = steps.iter().filter(|&&step| (1..=most).contains(&step)).count();
    f64::from(u32::try_from(near).unwrap()) / f64::from(u32::try_from(steps.len()).unwrap())
}

#[test]
fn hash_based_ports_ascend_towards_one_destination() {
    assert!(steps(&ports::<SimpleHash>(1, 1, 5000)).iter().all(|&step| step == 1));
    assert!(steps(&ports::<DoubleHash>(1, 1, 5000)).iter().all(|&step| step == 1));
}

#[test]
fn a_shared_counter_leaves_holes_and_two_counters_do_not() {
    let interleaved = |pool: &mut dyn FnMut(u32) -> u16| {
        let both: Vec<(u16, u16)> = (0..100).map(|_| (pool(1), pool(2))).collect();
        steps(&both.into_iter().map(|(one, _)| one).collect::<Vec<_>>())
    };
    let mut simple = pool::<SimpleHash>(&Settings::new(buckets()), 1);
    assert!(interleaved(&mut |to| take(&mut simple, to)).iter().all(|&step| step == 2));
    let mut double = pool::<DoubleHash>(&Settings::new(buckets()), 1);
    assert!(interleaved(&mut |to| take(&mut double, to)).iter().all(|&step| step == 1));
}

#[test]
fn random_increments_are_from_1_to_500() {
    let steps = steps(&ports::<RandomIncrements>(1, 1, 5000));
    assert!(steps.iter().all(|step| (1..=500).contains(step)));
    let mean =
        f64::from(steps.iter().sum::<u32>()) / f64::from(u32::try_from(steps.len()).unwrap());
    assert!((240.0..261.0).contains(&mean), "mean step {mean}");
}

/// A guess of the next 500 ports is right about as often as one of any 500 ports.
#[test]
fn keyed_ports_do_not_follow_each_other() {
    let at_random = 500.0 / f64::from(buckets().count());
    for seed in 0..3 {
        let keyed = share_within(&steps(&ports::<Keyed>(seed, 1, 50_000)), 500);
        assert!((keyed - at_random).abs() < 0.004, "{keyed} where {at_random} is random");
    }
    let sequence = share_within(&steps(&ports::<SimpleHash>(1, 1, 1000)), 500);
    assert!(sequence > 0.99, "the test tells a sequence from a keyed order: {sequence}");
}

/// Chi-square over 16 × 16 pairs of one port's part of the range and the next one's: 255 degrees of
/// freedom, above 374 once in a million.
#[test]
fn a_keyed_port_says_nothing_of_the_next_nor_of_another_destination() {
    let part = |port: u16| usize::from((port - buckets().first().number()) / (BUCKET * 4));
    let independent = |pairs: &mut dyn Iterator<Item = (u16, u16)>| {
        let mut counts = [0u32; 256];
        pairs.for_each(|(one, two)| counts[part(one) * 16 + part(two)] += 1);
        let even = f64::from(counts.iter().sum::<u32>()) / 256.0;
        counts.iter().map(|&count| (f64::from(count) - even).powi(2) / even).sum::<f64>()
    };
    for seed in 0..3 {
        let same = ports::<Keyed>(seed, 1, 50_000);
        let mut follow = same.windows(2).map(|two| (two[0], two[1]));
        let chi = independent(&mut follow);
        assert!((170.0..374.0).contains(&chi), "one destination: chi-square {chi:.1}");

        let mut pool = pool::<Keyed>(&Settings::new(buckets()).quarantine(0), seed);
        let mut both = (0..50_000).map(|_| (touch(&mut pool, 1), touch(&mut pool, 2)));
        let chi = independent(&mut both);
        assert!((170.0..374.0).contains(&chi), "two destinations: chi-square {chi:.1}");
    }
    let sequence = ports::<SimpleHash>(1, 1, 50_000);
    let mut follow = sequence.windows(2).map(|two| (two[0], two[1]));
    assert!(independent(&mut follow) > 10_000.0, "the test tells a sequence from a keyed order");
}

/// Where two neighbouring destinations begin is as far apart as any two ports are.
#[test]
fn hash_based_offsets_of_destinations_are_unrelated() {
    fn near<A: Algorithm>() -> usize {
        let mut pool = pool::<A>(&Settings::new(buckets()), 1);
        let first: Vec<u16> = (0..10_000).map(|to| take(&mut pool, to)).collect();
        steps(&first).iter().filter(|&&step| step < 282).count()
    }
    for near in [near::<SimpleHash>(), near::<DoubleHash>()] {
        assert!((50..160).contains(&near), "{near} of 10,000 within a hundredth of the range");
    }
}

/// Some dials and hang-ups of several destinations: every port that came of them.
fn story<A: Algorithm>(seed: u64) -> Vec<(u16, u16)> {
    let settings = Settings::new(buckets()).sources(3).quarantine(5);
    let mut pool = pool::<A>(&settings, seed);
    let mut held = Vec::new();
    let mut told = Vec::new();
    for step in 0..500 {
        let tuple = pool.acquire(&(step % 7), Client(u64::from(step % 3))).unwrap();
        told.push((tuple.source().0, tuple.port().number()));
        held.push(tuple);
        if step % 3 == 0 {
            pool.release(held.swap_remove(held.len() / 2));
        }
    }
    told
}

fn follows_its_seed<A: Algorithm>(name: &str) {
    assert_eq!(story::<A>(1), story::<A>(1), "{name}: the same seed");
    let (one, two) = (story::<A>(1), story::<A>(2));
    let alike = one.iter().zip(&two).filter(|(one, two)| one == two).count();
    assert!(alike < 5, "{name}: another seed, and {alike} ports of 500 are the same");
}

#[test]
fn every_algorithm_follows_its_seed() {
    for_each_algorithm!(follows_its_seed);
}

#[test]
fn seeds_of_the_system_differ() {
    let first = || {
        let seed = alloc::Seed::random().unwrap();
        let mut pool = alloc::Pool::new(&Settings::new(buckets()), seed);
        (0..8).map(|_| pool.acquire(&1, Client::NOBODY).unwrap().port()).collect::<Vec<_>>()
    };
    let stories: BTreeSet<_> = (0..20).map(|_| first()).collect();
    assert_eq!(stories.len(), 20);
}

/// The algorithms without a secret of the destination give related ports to two destinations; here none is
/// related, as nothing but the random number decides.
#[test]
fn a_random_choice_knows_no_destination() {
    let one = ports::<SimpleRandom>(1, 1, 1000);
    let two = ports::<SimpleRandom>(1, 2, 1000);
    assert_eq!(one, two);
    assert_ne!(ports::<Keyed>(1, 1, 1000), ports::<Keyed>(1, 2, 1000));
}
