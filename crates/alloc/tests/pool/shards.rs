//! `Shards` under real threads, held against one table of every tuple there is.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::thread;

use alloc::{Allocator, Client, Pool, Refused, Seed, Settings, Shards, Source, Tuple};
use registry::{Port, PortRange};

const DESTINATIONS: u32 = 12;
const SOURCES: u16 = 3;
const FIRST: u16 = 40_000;
const PORTS: u16 = 60;
const THREADS: usize = 4;
const STEPS: u64 = 100_000;
const QUOTA: u32 = 900;

/// Every tuple and whether it is held, every client and how many it holds.
struct Table {
    tuples: Vec<AtomicBool>,
    clients: Vec<AtomicI64>,
    exhausted: AtomicU64,
    over_quota: AtomicU64,
}

impl Table {
    fn new() -> Table {
        let tuples = usize::from(PORTS) * usize::from(SOURCES) * DESTINATIONS as usize;
        Table {
            tuples: (0..tuples).map(|_| AtomicBool::new(false)).collect(),
            clients: (0..THREADS).map(|_| AtomicI64::new(0)).collect(),
            exhausted: AtomicU64::new(0),
            over_quota: AtomicU64::new(0),
        }
    }

    fn slot(&self, to: u32, tuple: &Tuple) -> &AtomicBool {
        let port = usize::from(tuple.port().number() - FIRST);
        let pair = to as usize * usize::from(SOURCES) + tuple.source().index();
        &self.tuples[pair * usize::from(PORTS) + port]
    }

    fn held_by(&self, client: Client) -> &AtomicI64 {
        &self.clients[usize::try_from(client.0).unwrap()]
    }

    fn given(&self, to: u32, tuple: &Tuple, client: Client) {
        assert!(!self.slot(to, tuple).swap(true, Ordering::SeqCst), "{to}: {tuple:?} given twice");
        let held = self.held_by(client).fetch_add(1, Ordering::SeqCst) + 1;
        assert!(held <= i64::from(QUOTA), "{client:?} holds {held}");
    }

    fn goes_back(&self, to: u32, tuple: &Tuple, client: Client) {
        self.held_by(client).fetch_sub(1, Ordering::SeqCst);
        assert!(self.slot(to, tuple).swap(false, Ordering::SeqCst), "{to}: {tuple:?} was not held");
    }

    fn refused(&self, why: Refused) {
        match why {
            Refused::Exhausted { held, of } => {
                assert!(held >= of, "{held} of {of}");
                self.exhausted.fetch_add(1, Ordering::Relaxed);
            }
            Refused::OverQuota { .. } => {
                self.over_quota.fetch_add(1, Ordering::Relaxed);
            }
            other => panic!("{other}"),
        }
    }
}

fn settings() -> Settings {
    let range = PortRange::new(Port(FIRST), Port(FIRST + PORTS - 1)).unwrap();
    Settings::new(range).sources(SOURCES).quota(QUOTA).quarantine(8)
}

#[test]
fn threads_never_share_a_tuple_while_the_range_changes() {
    let shards: Shards<u32> = Shards::with_algorithm(&settings(), Seed::from(1), 4);
    let table = &Table::new();
    let shards = &shards;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let working: Vec<_> = (0..THREADS as u64)
            .map(|seed| scope.spawn(move || work(shards, table, seed)))
            .collect();
        let changing = scope.spawn(|| change(shards, &done));
        working.into_iter().for_each(|thread| thread.join().unwrap());
        done.store(true, Ordering::SeqCst);
        changing.join().unwrap();
    });
    assert!(table.exhausted.load(Ordering::SeqCst) > 0, "the range was never full");
    assert!(table.over_quota.load(Ordering::SeqCst) > 0, "no client ever had its quota");
    assert!(shards.is_empty());
    all_can_be_given(shards);
}

/// Takes tuples and gives them back, for a client that all threads share half of the time.
fn work(shards: &Shards<u32>, table: &Table, seed: u64) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut held: Vec<(u32, Tuple, Client)> = Vec::new();
    for step in 0..STEPS {
        // Now mostly taking, now mostly giving back.
        let takes = if (step / 2000) % 2 == 0 { 8 } else { 2 };
        if held.is_empty() || chance.u8(..10) < takes {
            let to = chance.u32(..DESTINATIONS);
            let client = Client(if chance.bool() { seed } else { 0 });
            match shards.acquire(&to, client) {
                Ok(tuple) => {
                    table.given(to, &tuple, client);
                    held.push((to, tuple, client));
                }
                Err(why) => table.refused(why),
            }
        } else {
            let (to, tuple, client) = held.swap_remove(chance.usize(..held.len()));
            table.goes_back(to, &tuple, client);
            shards.release(tuple);
        }
    }
    for (to, tuple, client) in held {
        table.goes_back(to, &tuple, client);
        shards.release(tuple);
    }
}

/// Halves the range, reserves ports, and undoes both, over and over.
fn change(shards: &Shards<u32>, done: &AtomicBool) {
    let whole = PortRange::new(Port(FIRST), Port(FIRST + PORTS - 1)).unwrap();
    let half = PortRange::new(Port(FIRST + PORTS / 2), Port(FIRST + PORTS - 1)).unwrap();
    let reserved = PortRange::from(Port(FIRST + PORTS / 2 + 5));
    while !done.load(Ordering::SeqCst) {
        for (range, reserved) in [(half, &[reserved][..]), (whole, &[])] {
            shards.set_range(range);
            shards.set_reserved(reserved);
            thread::yield_now();
        }
    }
    shards.set_range(whole);
    shards.set_reserved(&[]);
}

/// Nothing was lost: every tuple can be had, and not one more.
fn all_can_be_given(shards: &Shards<u32>) {
    for to in 0..DESTINATIONS {
        let all = u64::from(PORTS) * u64::from(SOURCES);
        for _ in 0..all {
            let _held = shards.acquire(&to, Client::NOBODY).unwrap();
        }
        let refused = shards.acquire(&to, Client::NOBODY).unwrap_err();
        assert_eq!(refused, Refused::Exhausted { held: all, of: all });
    }
}

#[test]
fn nobody_is_refused_while_a_tuple_is_free() {
    // Each thread holds at most a quarter of what there is, so something is free whenever one asks.
    let shards: Shards<u32> = Shards::with_algorithm(&settings(), Seed::from(2), 4);
    let most = usize::from(PORTS) * usize::from(SOURCES) / THREADS;
    thread::scope(|scope| {
        for seed in 0..THREADS as u64 {
            let shards = &shards;
            scope.spawn(move || {
                let mut chance = fastrand::Rng::with_seed(seed);
                let mut held = Vec::new();
                for _ in 0..STEPS {
                    if held.len() == most {
                        shards.release(held.swap_remove(chance.usize(..most)));
                    }
                    held.push(shards.acquire(&7, Client::NOBODY).unwrap());
                }
                held.into_iter().for_each(|tuple| shards.release(tuple));
            });
        }
    });
    assert!(shards.is_empty());
}

#[test]
fn a_claimed_tuple_is_held_and_counts() {
    let shards: Shards<&str> = Shards::new(&settings().quota(1), Seed::from(3));
    let (source, port) = (Source(2), Port(FIRST + 3));
    let tuple = shards.claim(&"db", source, port, Client(1)).unwrap();
    assert_eq!((tuple.source(), tuple.port()), (source, port));
    assert_eq!(shards.claim(&"db", source, port, Client(2)).unwrap_err(), Refused::Taken);
    let outside = shards.claim(&"db", source, Port(1), Client(2)).unwrap_err();
    assert_eq!(outside, Refused::OutsideRange);
    let over = shards.acquire(&"cache", Client(1)).unwrap_err();
    assert_eq!(over, Refused::OverQuota { client: Client(1), quota: 1 });
    shards.release(tuple);
    assert!(shards.acquire(&"cache", Client(1)).is_ok());
}

#[test]
#[should_panic(expected = "the shards that gave it")]
fn a_tuple_of_other_shards_is_not_taken_back() {
    let one: Shards<u32> = Shards::new(&settings(), Seed::from(4));
    let other: Shards<u32> = Shards::new(&settings(), Seed::from(4));
    other.release(one.acquire(&1, Client::NOBODY).unwrap());
}

#[test]
fn a_pool_and_shards_do_not_take_each_others_tuples() {
    // Alone in a process, so that the numbers of both begin there.
    let name = "shards::a_pool_and_shards_do_not_take_each_others_tuples";
    if env::var_os(name).is_none() {
        let mut again = Command::new(env::current_exe().unwrap());
        assert!(again.args(["--exact", name]).env(name, "").status().unwrap().success());
        return;
    }
    let settings = Settings::new(PortRange::new(Port(1), Port(10)).unwrap());
    let mut pool: Pool<u32> = Pool::new(&settings, Seed::from(1));
    let shards: Shards<u32> = Shards::with_algorithm(&settings, Seed::from(1), 1);
    let of_pool = pool.acquire(&1, Client::NOBODY).unwrap();
    let of_shards = shards.acquire(&1, Client::NOBODY).unwrap();
    let taken = catch_unwind(AssertUnwindSafe(|| pool.release(of_shards)));
    assert!(taken.is_err(), "a pool took a tuple of shards");
    let taken = catch_unwind(AssertUnwindSafe(|| shards.release(of_pool)));
    assert!(taken.is_err(), "shards took a tuple of a pool");
    assert_eq!((pool.len(), shards.len()), (1, 1));
}
