//! What is remembered: pairs of source and destination in use and a bounded number of others.

use alloc::{Allocator, Client, Keyed, Settings};

use crate::{pool, range, touch};

#[test]
fn destinations_without_ports_are_forgotten() {
    for most in [0, 1, 100] {
        let mut pool = pool::<Keyed>(&Settings::new(range(1000, 9999)).idle(most), 1);
        let held = pool.acquire(&0, Client::NOBODY).unwrap();
        for to in 1..5000 {
            let _ = touch(&mut pool, to);
            assert!(pool.pairs() <= most as usize + 2, "{} pairs of {most}", pool.pairs());
        }
        assert_eq!(pool.fill(&0).held, 1);
        pool.release(held);
    }
}

#[test]
fn destinations_that_come_and_go_stay_within_the_bound() {
    let mut pool = pool::<Keyed>(&Settings::new(range(1000, 9999)).idle(50), 1);
    for round in 0..20_000u32 {
        let _ = touch(&mut pool, round.wrapping_mul(2_654_435_761) % 200);
        assert!(pool.pairs() <= 50 + 20, "{} pairs", pool.pairs());
    }
}

#[test]
fn those_in_use_are_not_forgotten() {
    let mut pool = pool::<Keyed>(&Settings::new(range(1000, 9999)).idle(10), 1);
    let held: Vec<_> = (0..1000).map(|to| pool.acquire(&to, Client::NOBODY).unwrap()).collect();
    for to in 1000..2000 {
        let _ = touch(&mut pool, to);
    }
    assert!((0..1000).all(|to| pool.fill(&to).held == 1));
    held.into_iter().for_each(|tuple| pool.release(tuple));
    assert!(pool.is_empty() && pool.pairs() <= 11 + 4);
}
