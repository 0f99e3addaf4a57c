//! Claims ports one by one until there are enough, or gives all of them back.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::Duration;

use registry::{Port, PortRange};

use super::candidates::Candidates;
use super::hold::{Claim, Ends, Failure, Leftovers, Unavailable};
use super::{Block, LeaseError, Wish};

/// What was found out while ports were tried.
#[derive(Debug, Default)]
struct Tally {
    leased: usize,
    in_use: usize,
    privileged: usize,
}

/// The ports, as many as are wished for, in an order that follows from `seed`.
pub(super) fn find(
    wish: &Wish,
    candidates: &Candidates,
    seed: u64,
) -> Result<Vec<Claim>, LeaseError> {
    let ends = Ends::new(&wish.protos, &wish.addresses);
    let mut attempt = 1;
    loop {
        let mut tally = Tally::default();
        let claims = match wish.block {
            Block::Scattered => scattered(wish, &ends, candidates, seed, &mut tally)?,
            Block::Contiguous => run(wish, &ends, candidates, seed, &mut tally)?,
        };
        if claims.len() == wish.count {
            return Ok(claims);
        }
        drop(claims);
        // Two who want many of the same few ports may have stood in each other's way.
        if wish.count == 1 || tally.leased == 0 || attempt == ATTEMPTS {
            return Err(tally.exhausted(wish, candidates));
        }
        attempt += 1;
        thread::sleep(Duration::from_micros(random() % LONGEST_PAUSE_US));
    }
}

/// These ports and no others.
pub(super) fn claim(wish: &Wish, ports: &[Port]) -> Result<Vec<Claim>, Unavailable> {
    let ends = Ends::new(&wish.protos, &wish.addresses);
    ports.iter().map(|port| Claim::take(*port, &ends, wish.hold, leftovers(wish))).collect()
}

/// A number that nobody foresees.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn scattered(
    wish: &Wish,
    ends: &Ends,
    candidates: &Candidates,
    seed: u64,
    tally: &mut Tally,
) -> Result<Vec<Claim>, LeaseError> {
    let mut claims = Vec::with_capacity(wish.count);
    for port in candidates.in_order(seed) {
        if claims.len() == wish.count {
            break;
        }
        match Claim::take(port, ends, wish.hold, leftovers(wish)) {
            Ok(claim) => claims.push(claim),
            Err(why) => tally.add(why)?,
        }
    }
    Ok(claims)
}

fn run(
    wish: &Wish,
    ends: &Ends,
    candidates: &Candidates,
    seed: u64,
    tally: &mut Tally,
) -> Result<Vec<Claim>, LeaseError> {
    for first in candidates.blocks(wish.count, seed) {
        let ports = (first.number()..).take(wish.count).map(Port);
        let claims: Result<Vec<Claim>, Unavailable> =
            ports.map(|port| Claim::take(port, ends, wish.hold, leftovers(wish))).collect();
        match claims {
            Ok(claims) => return Ok(claims),
            Err(why) => tally.add(why)?,
        }
    }
    Ok(Vec::new())
}

/// A name is to have its port again though connections of its last server linger; others take one that is
/// clean.
fn leftovers(wish: &Wish) -> Leftovers {
    if wish.identity.is_some() { Leftovers::DoNotMatter } else { Leftovers::Matter }
}

impl Tally {
    fn add(&mut self, why: Unavailable) -> Result<(), LeaseError> {
        match why {
            Unavailable::Leased => self.leased += 1,
            Unavailable::InUse => self.in_use += 1,
            Unavailable::Privileged => self.privileged += 1,
            Unavailable::Never(failure) => return Err(failure.into()),
        }
        Ok(())
    }

    fn exhausted(&self, wish: &Wish, candidates: &Candidates) -> LeaseError {
        let Tally { leased, in_use, privileged } = *self;
        let range = wish.range.or_else(|| candidates.span()).unwrap_or(PortRange::ALL);
        let (wanted, block, of) = (wish.count, wish.block, candidates.len());
        LeaseError::Exhausted { wanted, block, range, of, leased, in_use, privileged }
    }
}

impl From<Failure> for LeaseError {
    fn from(failure: Failure) -> LeaseError {
        match failure {
            Failure::Address(address, source) => {
                LeaseError::Address { address, source: source.into() }
            }
            Failure::Kernel(what, source) => LeaseError::Kernel { what, source: source.into() },
        }
    }
}

const ATTEMPTS: u32 = 8;
const LONGEST_PAUSE_US: u64 = 10_000;
