//! Tests of an allocator in parts, one for each thread.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::vec::Vec;

use shuttle::thread;

use super::*;

const ALICE: Client = Client(1);

/// Runs `test` with its threads in many orders: those of shuttle's two schedulers.
fn in_many_orders(test: fn()) {
    shuttle::check_random(test, 500);
    shuttle::check_pct(test, 500, 3);
}

fn shards(settings: Settings) -> Arc<Shards<u32>> {
    Arc::new(Shards::with_algorithm(&settings.quarantine(0), Seed::from(1), 4))
}

fn settings(range: &str) -> Settings {
    Settings::new(range.parse().unwrap())
}

/// Destinations of which no two are in one shard.
fn apart(shards: &Shards<u32>) -> [u32; 3] {
    let mut seen = BTreeSet::new();
    let found: Vec<u32> = (0..).filter(|to| seen.insert(shards.shard(to))).take(3).collect();
    found.try_into().unwrap()
}

#[test]
fn no_tuple_is_held_twice() {
    in_many_orders(|| {
        let shards = shards(settings("10-11"));
        let held = Arc::new(Mutex::new(BTreeSet::new()));
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let (shards, held) = (shards.clone(), held.clone());
                thread::spawn(move || {
                    for _ in 0..2 {
                        match shards.acquire(&5, Client::NOBODY) {
                            Ok(tuple) => {
                                assert!(held.lock().unwrap().insert(tuple.port()));
                                thread::yield_now();
                                assert!(held.lock().unwrap().remove(&tuple.port()));
                                shards.release(tuple);
                            }
                            Err(why) => assert_eq!(why, Refused::Exhausted { held: 2, of: 2 }),
                        }
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(shards.is_empty());
    });
}

#[test]
fn a_quota_holds_across_shards() {
    in_many_orders(|| {
        let shards = shards(settings("10-19").quota(2));
        let threads: Vec<_> = apart(&shards)
            .into_iter()
            .map(|to| {
                let shards = shards.clone();
                thread::spawn(move || shards.acquire(&to, ALICE).is_ok())
            })
            .collect();
        let given = threads.into_iter().map(|thread| thread.join().unwrap());
        assert_eq!(given.filter(|&given| given).count(), 2);
        assert_eq!(shards.held_by(ALICE), 2);
    });
}

#[test]
fn a_request_that_is_refused_costs_no_quota_for_a_moment_even() {
    in_many_orders(|| {
        let shards = shards(settings("10").quota(1));
        let [full, free, _] = apart(&shards);
        let _held = shards.acquire(&full, Client::NOBODY).unwrap();
        let refused = thread::spawn({
            let shards = shards.clone();
            move || shards.acquire(&full, ALICE).map(|tuple| tuple.port())
        });
        let given = shards.acquire(&free, ALICE);
        assert!(given.is_ok(), "{given:?}");
        assert!(refused.join().unwrap().is_err());
    });
}

#[test]
fn who_gets_a_freed_port_finds_the_account_right() {
    in_many_orders(|| {
        let shards = shards(settings("10").quota(1));
        let [first, second, _] = apart(&shards);
        let tuple = shards.acquire(&first, ALICE).unwrap();
        let releasing = thread::spawn({
            let shards = shards.clone();
            move || shards.release(tuple)
        });
        if shards.acquire(&first, Client::NOBODY).is_ok() {
            assert!(shards.acquire(&second, ALICE).is_ok());
        }
        releasing.join().unwrap();
        assert!(shards.fill(&first).held <= 1);
    });
}

#[test]
fn two_changes_at_once_leave_all_shards_alike() {
    in_many_orders(|| {
        let shards = shards(settings("10-19"));
        let changing = ["20-29", "30-39"].map(|range| {
            let (shards, range) = (shards.clone(), range.parse().unwrap());
            thread::spawn(move || shards.set_range(range))
        });
        changing.into_iter().for_each(|thread| thread.join().unwrap());
        let ports = (0..16).map(|to| shards.acquire(&to, Client::NOBODY).unwrap().port());
        let tens: BTreeSet<u16> = ports.map(|port| port.number() / 10).collect();
        assert!(tens == BTreeSet::from([2]) || tens == BTreeSet::from([3]), "{tens:?}");
    });
}

#[test]
fn once_a_range_is_set_no_port_outside_it_is_given() {
    in_many_orders(|| {
        let shards = shards(settings("10-19"));
        let is_set = Arc::new(AtomicBool::new(false));
        let acquiring = thread::spawn({
            let (shards, is_set) = (shards.clone(), is_set.clone());
            move || {
                for to in apart(&shards) {
                    let must = is_set.load(Ordering::SeqCst);
                    let tuple = shards.acquire(&to, Client::NOBODY).unwrap();
                    assert!(!must || tuple.port() >= Port(20), "{tuple:?}");
                    shards.release(tuple);
                }
            }
        });
        shards.set_range("20-29".parse().unwrap());
        is_set.store(true, Ordering::SeqCst);
        acquiring.join().unwrap();
    });
}

#[test]
fn a_place_is_what_was_packed() {
    let place = Place { id: 0xabcd, shard: 255, account: 7 };
    assert_eq!(Place::unpack(place.pack()), place);
}
