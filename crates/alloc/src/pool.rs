//! The pool: a table of spaces, one for each source and destination in use, and who holds how many.

use core::hash::Hash;
use core::sync::atomic::{AtomicU32, Ordering};

use hashbrown::HashTable;
use registry::{Port, PortRange};

use crate::allowed::Allowed;
use crate::client::{Clients, Limit, Slot};
use crate::idle::{Fate, Idle, STEPS};
use crate::seed::Secret;
use crate::space::{AHEAD as MOST_AHEAD, Space};
use crate::spaces::Spaces;
use crate::tuple::OF_SHARDS;
use crate::{
    Algorithm, Allocator, Client, Fill, Keyed, Pair, Random, Refused, Seed, Settings, Source, Tuple,
};

/// Ports of one or several source addresses towards many destinations, for one owner: no locks.
///
/// A destination is whatever tells one end from another, an address and port for example; it is kept once for
/// each source in use. Memory: about 4 KB for a pair of source and destination with most of the range of Linux
/// (16 MB for 100 million tuples at 90 %), 240 bytes for one with a port or ten, and nothing for those without, but for
/// the [idle](Settings::idle) ones.
#[derive(Debug)]
pub struct Pool<D, A = Keyed> {
    id: u32,
    allowed: Allowed,
    sources: u16,
    quarantine: u16,
    secret: Secret,
    random: Random,
    algorithm: A,
    table: HashTable<Record<D>>,
    spaces: Spaces,
    idle: Idle,
    clients: Clients,
    len: u64,
}

/// Where the space of a source and destination is.
#[derive(Debug)]
struct Record<D> {
    destination: D,
    source: Source,
    space: u32,
}

impl<D: Hash + Eq + Clone> Pool<D> {
    /// A pool that chooses by [`Keyed`].
    #[must_use]
    pub fn new(settings: &Settings, seed: Seed) -> Pool<D> {
        Pool::with_algorithm(settings, seed)
    }
}

impl<D: Hash + Eq + Clone, A: Algorithm> Pool<D, A> {
    /// A pool that chooses by the algorithm `A`.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "one seed is for one pool")]
    pub fn with_algorithm(settings: &Settings, seed: Seed) -> Pool<D, A> {
        let mut random = Random::new(&seed);
        Pool {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed) & !OF_SHARDS,
            allowed: Allowed::new(settings.range, &settings.reserved),
            sources: settings.sources,
            quarantine: settings.quarantine,
            secret: random.secret(),
            algorithm: A::seeded(&mut random),
            table: HashTable::new(),
            spaces: Spaces::default(),
            idle: Idle::new(settings.idle),
            clients: Clients::new(settings.quota, &mut random),
            len: 0,
            random,
        }
    }

    /// How many tuples `client` holds; 0 where the pool has no quota, and counts none.
    #[must_use]
    pub fn held_by(&self, client: Client) -> u32 {
        self.clients.held(client)
    }

    /// How many pairs of source and destination are remembered: those with ports, and those lately idle.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.spaces.len()
    }

    /// A pool that hashes destinations under this secret: that of all shards, so that one hash says in
    /// which of them a destination is, and where there.
    #[cfg(feature = "std")]
    pub(crate) fn with_secret(settings: &Settings, seed: Seed, secret: Secret) -> Pool<D, A> {
        Pool { secret, ..Pool::with_algorithm(settings, seed) }
    }

    /// A tuple for nobody in particular; `hash` is that of the destination under the pool's secret.
    #[cfg(feature = "std")]
    #[inline]
    pub(crate) fn acquire_hashed(&mut self, destination: &D, hash: u64) -> Result<Tuple, Refused> {
        self.find(destination, hash, Slot::NONE)
    }

    /// What its tuples carry.
    #[cfg(feature = "std")]
    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    /// A tuple without regard to quotas: nearly always one that was chosen before.
    #[inline]
    fn find(&mut self, destination: &D, hash: u64, slot: Slot) -> Result<Tuple, Refused> {
        let first = match self.sources {
            1 => 0,
            _ => self.any_source(),
        };
        let source = nth(first);
        if let Some(at) = self.space_of(destination, source, hash) {
            let space = &mut self.spaces[at];
            space.renew(&self.allowed);
            if let Some(port) = space.take_chosen() {
                return Ok(self.tuple(at, source, port, slot));
            }
        }
        self.find_from(first, destination, hash, slot)
    }

    #[inline(never)] // as its code is long, and the pools that need it are few
    fn any_source(&mut self) -> u32 {
        self.random.below(u32::from(self.sources))
    }

    /// A tuple of the first source with a free port, from one on.
    #[inline(never)]
    fn find_from(
        &mut self,
        first: u32,
        destination: &D,
        hash: u64,
        slot: Slot,
    ) -> Result<Tuple, Refused> {
        for source in self.sources_from(first) {
            let at = match self.space_of(destination, source, hash) {
                Some(at) => at,
                None if self.allowed.count() == 0 => continue,
                None => self.open(destination, source, hash),
            };
            let space = &mut self.spaces[at];
            space.renew(&self.allowed);
            if space.has_free() {
                let chosen = space.take_chosen();
                let port = chosen.unwrap_or_else(|| self.choose(at, destination, source));
                return Ok(self.tuple(at, source, port, slot));
            }
        }
        self.find_waiting(destination, slot, hash)
    }

    /// Has the algorithm choose ports for a space that has free ones, as many at once as it may, and holds one.
    ///
    /// Each lies somewhere else in memory, and a processor waits for several of them as long as for one.
    fn choose(&mut self, at: u32, destination: &D, source: Source) -> Port {
        // Read again: to keep what was read for the one request of many that comes here would cost all of them more.
        let pair = Pair { hasher: self.secret.read(destination), source };
        let space = &mut self.spaces[at];
        let mut ports = [Port(0); MOST_AHEAD];
        let ports = &mut ports[..space.room_ahead(A::AHEAD)];
        self.algorithm.choose_ahead(&pair, &space.free(&self.allowed), ports);
        space.choose(ports, &self.allowed);
        space.take_chosen().expect("at least one was chosen")
    }

    /// The port that has waited longest where most wait, for nothing else is free. Wants all spaces of the
    /// destination to be renewed.
    #[cold]
    fn find_waiting(&mut self, destination: &D, slot: Slot, hash: u64) -> Result<Tuple, Refused> {
        let spaces = || {
            let at = |source| self.space_of(destination, source, hash).map(|at| (source, at));
            self.sources_from(0).filter_map(at)
        };
        let waiting = |&(_, at): &(Source, u32)| self.spaces[at].waiting();
        let longest = spaces().max_by_key(waiting);
        let held = spaces().map(|(_, at)| u64::from(self.spaces[at].held())).sum();
        let refused = Refused::Exhausted { held, of: self.capacity() };
        let (source, at) = longest.ok_or(refused)?;
        let port = self.spaces[at].take_waiting().ok_or(refused)?;
        Ok(self.tuple(at, source, port, slot))
    }

    #[inline]
    fn tuple(&mut self, space: u32, source: Source, port: Port, client: Slot) -> Tuple {
        self.len += 1;
        Tuple { pool: self.id, space, client, source, port }
    }

    /// Where the space of a pair is, if there is one.
    #[inline]
    fn space_of(&self, destination: &D, source: Source, hash: u64) -> Option<u32> {
        let is_it =
            |record: &Record<D>| record.source == source && record.destination == *destination;
        self.table.find(of_pair(hash, source), is_it).map(|record| record.space)
    }

    /// Makes the space of a pair that has none.
    fn open(&mut self, destination: &D, source: Source, hash: u64) -> u32 {
        let hash = of_pair(hash, source);
        let space = self.spaces.insert(Space::new(hash, &self.allowed));
        let record = Record { destination: destination.clone(), source, space };
        let spaces = &self.spaces;
        self.table.insert_unique(hash, record, |record| spaces[record.space].hash);
        space
    }

    /// Notes that a space has become idle, and forgets those that were idle longest, if they are too many.
    fn rest(&mut self, at: u32) {
        self.idle.enter(at, &mut self.spaces[at].rest);
        for _ in 0..STEPS {
            let Some(at) = self.idle.due() else { return };
            let space = &mut self.spaces[at];
            if self.idle.decide(at, space.held(), &mut space.rest) == Fate::Forget {
                self.forget(at);
            }
        }
    }

    fn forget(&mut self, at: u32) {
        let hash = self.spaces[at].hash;
        self.spaces.remove(at, &self.allowed);
        if let Ok(record) = self.table.find_entry(hash, |record| record.space == at) {
            record.remove();
        }
    }

    /// All sources, from one on.
    fn sources_from(&self, first: u32) -> impl Iterator<Item = Source> + use<D, A> {
        let sources = u32::from(self.sources);
        (first..sources).chain(0..first).map(nth)
    }

    #[inline]
    fn hash(&self, destination: &D) -> u64 {
        self.secret.of(destination)
    }

    /// How many tuples there are towards one destination.
    fn capacity(&self) -> u64 {
        u64::from(self.allowed.count()) * u64::from(self.sources)
    }
}

impl<D: Hash + Eq + Clone, A: Algorithm> Allocator<D> for Pool<D, A> {
    #[inline]
    fn acquire(&mut self, destination: &D, client: Client) -> Result<Tuple, Refused> {
        let slot = self.clients.enter(client, Limit::Quota)?;
        let found = self.find(destination, self.hash(destination), slot);
        if found.is_err() {
            self.clients.leave(slot);
        }
        found
    }

    #[inline]
    fn release(&mut self, tuple: Tuple) {
        assert_eq!(tuple.pool, self.id, "a tuple goes back to the pool that gave it");
        let space = &mut self.spaces[tuple.space];
        space.renew(&self.allowed);
        space.release(tuple.port, self.quarantine, &self.allowed);
        if space.held() == 0 {
            self.rest(tuple.space);
        }
        self.clients.leave(tuple.client);
        self.len -= 1;
    }

    fn claim(
        &mut self,
        destination: &D,
        source: Source,
        port: Port,
        client: Client,
    ) -> Result<Tuple, Refused> {
        if source.0 >= self.sources || !self.allowed.contains(port) {
            return Err(Refused::OutsideRange);
        }
        let hash = self.hash(destination);
        let found = self.space_of(destination, source, hash);
        let at = found.unwrap_or_else(|| self.open(destination, source, hash));
        let space = &mut self.spaces[at];
        space.renew(&self.allowed);
        if !space.claim(port, &self.allowed) {
            return Err(Refused::Taken);
        }
        let slot = self.clients.enter(client, Limit::Fact)?;
        Ok(self.tuple(at, source, port, slot))
    }

    fn set_range(&mut self, range: PortRange) {
        self.allowed.set_range(range);
    }

    fn set_reserved(&mut self, ports: &[PortRange]) {
        self.allowed.set_reserved(ports);
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn fill(&self, destination: &D) -> Fill {
        let hash = self.hash(destination);
        let spaces =
            self.sources_from(0).filter_map(|source| self.space_of(destination, source, hash));
        let held = spaces.map(|at| u64::from(self.spaces[at].held())).sum();
        Fill { held, of: self.capacity() }
    }
}

/// The source of that number, which is below 65,536.
fn nth(source: u32) -> Source {
    Source(u16::try_from(source).unwrap_or(0))
}

/// A hash of a pair from that of its destination.
fn of_pair(destination: u64, source: Source) -> u64 {
    destination.wrapping_add(u64::from(source.0).wrapping_mul(SPREAD))
}

/// An odd number of random looks (the golden ratio), so that the sources of a destination lie apart in the table.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Tells pools apart, so that none takes another's tuples. Comes round after 2^31 pools, those in `Shards` counted.
static NEXT_ID: AtomicU32 = AtomicU32::new(0);
