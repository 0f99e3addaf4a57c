//! Exact answers at the very end of a range, of the size that Linux has.

use std::collections::BTreeSet;

use alloc::{Algorithm, Allocator, Client, Fill, Refused, Settings, Source};
use registry::Port;

use crate::{for_each_algorithm, pool, range};

/// Each port once, then "exhausted", and what is freed is what comes next.
fn gives_each_port_once<A: Algorithm>(name: &str) {
    let settings = Settings::new(range(32768, 60999)).sources(2).reserved([range(40000, 40999)]);
    let mut pool = pool::<A>(&settings.quarantine(8), 1);
    let of = 2 * (28_232 - 1000);
    let mut held = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..of {
        let tuple = pool.acquire(&1, Client::NOBODY).unwrap();
        assert!(seen.insert((tuple.source(), tuple.port())), "{name} gave {tuple:?} twice");
        assert!(!range(40000, 40999).contains(tuple.port()), "{name} gave a reserved port");
        held.push(tuple);
    }
    let full = pool.acquire(&1, Client::NOBODY).map(drop);
    assert_eq!(full, Err(Refused::Exhausted { held: of, of }), "{name}");
    assert_eq!(pool.fill(&1), Fill { held: of, of });
    for place in [7, 20_000, 54_000, 0, 30_000] {
        let tuple = held.swap_remove(place);
        let freed = (tuple.source(), tuple.port());
        pool.release(tuple);
        let again = pool.acquire(&1, Client::NOBODY).unwrap();
        assert_eq!((again.source(), again.port()), freed, "{name}");
        held.push(again);
    }
    assert_eq!(pool.len(), of);
    for tuple in held {
        pool.release(tuple);
    }
    assert!(pool.is_empty());
    assert_eq!(pool.fill(&1), Fill { held: 0, of });
}

#[test]
fn every_algorithm_gives_each_port_once() {
    for_each_algorithm!(gives_each_port_once);
}

/// Ports that the range left behind drain, are never given, and nothing is lost when it grows back.
fn drains<A: Algorithm>(name: &str) {
    let mut pool = pool::<A>(&Settings::new(range(1000, 1999)), 1);
    let held: Vec<_> = (0..1000).map(|_| pool.acquire(&1, Client::NOBODY).unwrap()).collect();
    pool.set_range(range(1900, 2099));
    assert_eq!(pool.fill(&1), Fill { held: 1000, of: 200 });
    for _ in 0..100 {
        let tuple = pool.acquire(&1, Client::NOBODY).unwrap();
        assert!(range(2000, 2099).contains(tuple.port()), "{name}: {tuple:?}");
    }
    let full = pool.acquire(&1, Client::NOBODY).map(drop);
    assert_eq!(full, Err(Refused::Exhausted { held: 1100, of: 200 }), "{name}");
    for tuple in held {
        pool.release(tuple);
    }
    assert_eq!(pool.fill(&1), Fill { held: 100, of: 200 });
    pool.set_range(range(1000, 2099));
    let taken = pool.claim(&1, Source::FIRST, Port(2050), Client::NOBODY).map(drop);
    assert_eq!(taken, Err(Refused::Taken), "{name} lost what was held");
    let seen: BTreeSet<_> =
        (0..1000).map(|_| pool.acquire(&1, Client::NOBODY).unwrap().port().number()).collect();
    assert_eq!(seen, (1000..2000).collect(), "{name}");
}

#[test]
fn every_algorithm_drains_what_the_range_left_behind() {
    for_each_algorithm!(drains);
}

#[test]
fn a_pool_without_ports_says_so() {
    let settings = Settings::new(range(1, 10)).reserved([range(1, 10)]);
    let mut pool = pool::<alloc::Keyed>(&settings, 1);
    let refused = pool.acquire(&1, Client::NOBODY).map(drop);
    assert_eq!(refused, Err(Refused::Exhausted { held: 0, of: 0 }));
    pool.set_reserved(&[range(1, 9)]);
    assert_eq!(pool.acquire(&1, Client::NOBODY).unwrap().port(), Port(10));
}

/// A port that waits on one source address must be forgotten also where another has never been used.
#[test]
fn a_pool_without_ports_gives_none_that_wait() {
    let settings = Settings::new(range(1, 10)).sources(20);
    for seed in 0..20 {
        let mut pool = pool::<alloc::Keyed>(&settings, seed);
        let tuple = pool.acquire(&1, Client::NOBODY).unwrap();
        pool.release(tuple);
        pool.set_reserved(&[range(1, 10)]);
        let refused = pool.acquire(&1, Client::NOBODY).map(drop);
        assert_eq!(refused, Err(Refused::Exhausted { held: 0, of: 0 }));
    }
}

#[test]
fn the_ends_of_all_ports_are_ports() {
    let mut pool = pool::<alloc::Keyed>(&Settings::new(range(0, 65535)), 1);
    let seen: BTreeSet<_> =
        (0..65536).map(|_| pool.acquire(&1, Client::NOBODY).unwrap().port().number()).collect();
    assert_eq!(seen.len(), 65536);
    assert!(pool.acquire(&1, Client::NOBODY).is_err());
}

#[test]
#[should_panic(expected = "a tuple goes back to the pool that gave it")]
fn a_tuple_of_another_pool_is_not_taken() {
    let settings = Settings::new(range(1, 10));
    let (mut one, mut two) =
        (pool::<alloc::Keyed>(&settings, 1), pool::<alloc::Keyed>(&settings, 1));
    let tuple = one.acquire(&1, Client::NOBODY).unwrap();
    let _held = two.acquire(&1, Client::NOBODY).unwrap();
    two.release(tuple);
}
