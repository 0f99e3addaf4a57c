//! The pool for threads: many pools, each behind a lock of its own, and every destination in one of
//! them. Quotas hold across all of them.
//!
//! What makes it exact: all there is to know of a destination is in one shard, and a client's
//! account is changed only by who has the shard too. Locks are taken in one order, shard before
//! account, so nobody waits for another in a circle.

use core::fmt;
use core::hash::Hash;
use core::sync::atomic::{AtomicU16, Ordering};
use std::boxed::Box;
use std::thread;

use registry::{Port, PortRange};

use crate::client::{Clients, Limit, Slot};
use crate::locks::Lock;
use crate::seed::Secret;
use crate::tuple::OF_SHARDS;
use crate::{
    Algorithm, Allocator, Client, Fill, Keyed, Pool, Random, Refused, Seed, Settings, Source, Tuple,
};

/// A [`Pool`] that threads share: the same tuples, quotas and exact answers, through `&self`.
///
/// Destinations are spread over shards, and requests wait for each other only where their
/// destinations are of one shard, for some tens of nanoseconds; or where they are for the same client
/// and there is a quota. A release goes straight to its shard.
///
/// ```
/// use std::thread;
///
/// use alloc::{Client, Seed, Settings, Shards};
///
/// let settings = Settings::new("40000-40999".parse()?);
/// let shards: Shards<&str> = Shards::new(&settings, Seed::random()?);
/// thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| {
///             let tuple = shards.acquire(&"db:5432", Client::NOBODY).unwrap();
///             // connect from tuple.port(), talk, close
///             shards.release(tuple);
///         });
///     }
/// });
/// assert!(shards.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Shards<D, A = Keyed> {
    /// A power of two of them.
    pools: Box<[Lock<Pool<D, A>>]>,
    /// As many, by the hash of the client; without a quota none of them is ever locked.
    clients: Box<[Lock<Clients>]>,
    has_quota: bool,
    /// Held while the range or the reserved ports of all pools are changed: two changes at once
    /// would leave some pools with the one, some with the other.
    changing: Lock<()>,
    secret: Secret,
    id: u16,
}

impl<D: Hash + Eq + Clone> Shards<D> {
    /// As many shards as suit the processors there are, which choose by [`Keyed`].
    #[must_use]
    pub fn new(settings: &Settings, seed: Seed) -> Shards<D> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Shards::with_algorithm(settings, seed, processors * SHARDS_A_PROCESSOR)
    }
}

impl<D: Hash + Eq + Clone, A: Algorithm> Shards<D, A> {
    /// So many shards, or the next power of two from 1 to 256, which choose by the algorithm `A`.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "one seed is for one allocator")]
    pub fn with_algorithm(settings: &Settings, seed: Seed, shards: usize) -> Shards<D, A> {
        let count = shards.clamp(1, MOST_SHARDS).next_power_of_two();
        let mut random = Random::new(&seed);
        // The pools count nobody, as quotas hold across them, and share what may be idle.
        let idle = u64::from(settings.idle).div_ceil(count as u64);
        let idle = u32::try_from(idle).unwrap_or(settings.idle);
        let part = Settings { quota: None, idle, ..settings.clone() };
        let secret = random.secret();
        let pool = |number| Lock::new(Pool::with_secret(&part, seed.child(number), secret));
        let mut clients = || Lock::new(Clients::new(settings.quota, &mut random));
        Shards {
            pools: (0..count as u64).map(pool).collect(),
            clients: (0..count).map(|_| clients()).collect(),
            has_quota: settings.quota.is_some(),
            changing: Lock::new(()),
            secret,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed) | Place::OF_SHARDS,
        }
    }

    /// A port that is free towards `destination`, from any of the source addresses.
    ///
    /// # Errors
    /// [`Refused::Exhausted`] where nothing is free, [`Refused::OverQuota`] where `client` has enough;
    /// each only where it is so in the very moment, whatever other threads are about to do.
    pub fn acquire(&self, destination: &D, client: Client) -> Result<Tuple, Refused> {
        let hash = self.secret.of(destination);
        self.give(self.index(hash), client, Limit::Quota, |pool| {
            pool.acquire_hashed(destination, hash)
        })
    }

    /// The tuple that is known to be held, after a restart for example. It counts for `client`, also
    /// beyond its quota.
    ///
    /// # Errors
    /// [`Refused::Taken`] where it is held already, [`Refused::OutsideRange`] where it is none of those
    /// that may be given.
    pub fn claim(
        &self,
        destination: &D,
        source: Source,
        port: Port,
        client: Client,
    ) -> Result<Tuple, Refused> {
        self.give(self.shard(destination), client, Limit::Fact, |pool| {
            pool.claim(destination, source, port, Client::NOBODY)
        })
    }

    /// Gives a tuple back: free from now on, or after its quarantine.
    ///
    /// # Panics
    /// Where the tuple is of another allocator, as long as a process makes no more than 32,768 `Shards`: from
    /// then on two of them have the same number, and a tuple of the one passes for one of the other.
    pub fn release(&self, mut tuple: Tuple) {
        let Place { id, shard, account } = Place::unpack(tuple.pool);
        assert!(id == self.id, "a tuple goes back to the shards that gave it");
        let slot = core::mem::replace(&mut tuple.client, Slot::NONE);
        let mut pool = self.pools[usize::from(shard)].lock();
        tuple.pool = pool.id();
        pool.release(tuple);
        // The shard is held until the account is right too: who gets this port sees both.
        if slot != Slot::NONE {
            self.clients[usize::from(account)].lock().leave(slot);
        }
    }

    /// Hands out the ports of `range` from now on, towards all destinations. Ports outside it that are
    /// held stay so until they are released, and are not given again.
    ///
    /// While this runs some destinations have the new range and some still the old one.
    pub fn set_range(&self, range: PortRange) {
        self.change(|pool| pool.set_range(range));
    }

    /// Reserves these ports and no others from now on, as [`set_range`](Shards::set_range) does. Those
    /// of them that are held stay so until they are released.
    pub fn set_reserved(&self, ports: &[PortRange]) {
        self.change(|pool| pool.set_reserved(ports));
    }

    /// How many tuples are held, towards all destinations: shard after shard, so of no one moment
    /// while others acquire.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.pools.iter().map(|pool| pool.lock().len()).sum()
    }

    /// Whether no tuple is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How full it is towards `destination`.
    #[must_use]
    pub fn fill(&self, destination: &D) -> Fill {
        self.pools[usize::from(self.shard(destination))].lock().fill(destination)
    }

    /// How many tuples `client` holds; 0 where there is no quota, as nobody counts then.
    #[must_use]
    pub fn held_by(&self, client: Client) -> u32 {
        self.clients[usize::from(self.account(client))].lock().held(client)
    }

    /// Enters the tuple that `take` gets into the client's account. Both locks are held
    /// meanwhile, so no one is refused for a tuple that was about to be given and then was not.
    fn give(
        &self,
        shard: u8,
        client: Client,
        limit: Limit,
        take: impl FnOnce(&mut Pool<D, A>) -> Result<Tuple, Refused>,
    ) -> Result<Tuple, Refused> {
        let id = self.id;
        let mut pool = self.pools[usize::from(shard)].lock();
        if !self.has_quota || client == Client::NOBODY {
            let mut tuple = take(&mut pool)?;
            tuple.pool = Place { id, shard, account: 0 }.pack();
            return Ok(tuple);
        }
        let account = self.account(client);
        let mut clients = self.clients[usize::from(account)].lock();
        let slot = clients.enter(client, limit)?;
        let mut tuple = take(&mut pool).inspect_err(|_| clients.leave(slot))?;
        tuple.client = slot;
        tuple.pool = Place { id, shard, account }.pack();
        Ok(tuple)
    }

    fn change(&self, change: impl Fn(&mut Pool<D, A>)) {
        let _alone = self.changing.lock();
        for pool in &self.pools {
            change(&mut pool.lock());
        }
    }

    fn shard(&self, destination: &D) -> u8 {
        self.index(self.secret.of(destination))
    }

    fn account(&self, client: Client) -> u8 {
        self.index(self.secret.of(&client))
    }

    /// By bits of the hash that the pool's own table does not look at.
    #[expect(clippy::cast_possible_truncation, reason = "there are at most 256")]
    fn index(&self, hash: u64) -> u8 {
        ((hash >> 40) as usize & (self.pools.len() - 1)) as u8
    }
}

impl<D, A> fmt::Debug for Shards<D, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards").field("shards", &self.pools.len()).finish_non_exhaustive()
    }
}

/// Where a tuple is kept, in the field that names the pool of those without shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Which shards, with the bit that no pool's id has.
    id: u16,
    shard: u8,
    account: u8,
}

impl Place {
    /// [`OF_SHARDS`] within `id`.
    const OF_SHARDS: u16 = (OF_SHARDS >> 16) as u16;

    const fn pack(self) -> u32 {
        let [high, low] = self.id.to_be_bytes();
        u32::from_be_bytes([high, low, self.shard, self.account])
    }

    const fn unpack(packed: u32) -> Place {
        let [high, low, shard, account] = packed.to_be_bytes();
        Place { id: u16::from_be_bytes([high, low]), shard, account }
    }
}

/// Enough that two of all threads rarely meet at one.
const SHARDS_A_PROCESSOR: usize = 16;
const MOST_SHARDS: usize = 256;

/// Tells shards apart. Comes round after 2^15 of them.
static NEXT_ID: AtomicU16 = AtomicU16::new(0);

#[cfg(test)]
mod tests;
