//! The pool against a model: sets of everything that is held, and queues of what was freed. Nothing is given
//! twice, nothing refused that is free, quotas hold, ranges change under held ports, for every algorithm.

use std::collections::{BTreeMap, VecDeque};

use alloc::{
    Algorithm, Allocator, Client, DoubleHash, Fill, Keyed, Pool, RandomIncrements, RandomTries,
    Refused, Settings, SimpleHash, SimpleRandom, Source, Tuple,
};
use proptest::prelude::*;
use registry::{Port, PortRange};

use crate::{To, pool, range};

#[derive(Clone, Debug)]
enum Step {
    Acquire(To, Client),
    /// That many of those held, from a place on.
    Release(prop::sample::Index, usize),
    Claim(To, u16, u16, Client),
    Range(PortRange),
    Reserved(Vec<PortRange>),
}

#[derive(Clone, Debug)]
struct Case {
    range: PortRange,
    reserved: Vec<PortRange>,
    sources: u16,
    quota: Option<u32>,
    quarantine: u16,
    steps: Vec<Step>,
}

/// Everything that a pool should know.
struct Model {
    range: PortRange,
    reserved: Vec<PortRange>,
    sources: u16,
    quota: Option<u32>,
    quarantine: usize,
    held: BTreeMap<(To, u16, u16), Client>,
    waiting: BTreeMap<(To, u16), Waiting>,
    /// Whether `waiting` is exact: after the first change of range or reserved ports, it depends on when
    /// the pool next looked at each destination.
    knows_waiting: bool,
}

/// The quarantine of a source and destination.
#[derive(Default)]
struct Waiting {
    /// The oldest first.
    ports: VecDeque<u16>,
    /// How many of the last of them are not queued yet: it is decided for ten at once who has waited long enough.
    released: usize,
}

impl Waiting {
    fn push(&mut self, port: u16, quarantine: usize) {
        self.ports.push_back(port);
        self.released += 1;
        if self.released == 10 {
            self.released = 0;
            if self.ports.len() > quarantine + 22 {
                self.ports.drain(..self.ports.len() - quarantine);
            }
        }
    }

    fn pop(&mut self) -> Option<u16> {
        if self.ports.len() == self.released {
            self.released = 0;
        }
        self.ports.pop_front()
    }

    fn remove(&mut self, port: u16) {
        let Some(place) = self.ports.iter().position(|&other| other == port) else { return };
        if place >= self.ports.len() - self.released {
            self.released -= 1;
        }
        self.ports.remove(place);
    }
}

impl Model {
    fn new(case: &Case) -> Model {
        Model {
            range: case.range,
            reserved: case.reserved.clone(),
            sources: case.sources,
            quota: case.quota,
            quarantine: usize::from(case.quarantine),
            held: BTreeMap::new(),
            waiting: BTreeMap::new(),
            knows_waiting: true,
        }
    }

    fn allows(&self, port: u16) -> bool {
        let port = Port(port);
        self.range.contains(port) && !self.reserved.iter().any(|range| range.contains(port))
    }

    fn fill(&self, to: To) -> Fill {
        let (first, last) = (self.range.first().number(), self.range.last().number());
        let allowed = (first..=last).filter(|&port| self.allows(port)).count() as u64;
        let held = self.held.range((to, 0, 0)..(to + 1, 0, 0)).count() as u64;
        Fill { held, of: allowed * u64::from(self.sources) }
    }

    fn held_by(&self, client: Client) -> usize {
        self.held.values().filter(|&&holder| holder == client).count()
    }

    fn is_over(&self, client: Client) -> bool {
        client != Client::NOBODY
            && self.quota.is_some_and(|quota| self.held_by(client) >= quota as usize)
    }

    /// Whether a port is free that does not wait either.
    fn has_fresh(&self, to: To) -> bool {
        (0..self.sources).any(|source| {
            let waits =
                |port| self.waiting.get(&(to, source)).is_some_and(|all| all.ports.contains(&port));
            (self.range.first().number()..=self.range.last().number()).any(|port| {
                self.allows(port) && !self.held.contains_key(&(to, source, port)) && !waits(port)
            })
        })
    }

    /// Whether every allowed port is held.
    fn is_full(&self, to: To) -> bool {
        let allowed = self
            .held
            .range((to, 0, 0)..(to + 1, 0, 0))
            .filter(|((_, _, port), _)| self.allows(*port));
        allowed.count() as u64 == self.fill(to).of
    }

    fn acquired(&mut self, to: To, client: Client, tuple: &Tuple) {
        let (source, port) = (tuple.source().0, tuple.port().number());
        assert!(self.allows(port) && source < self.sources, "{tuple:?} is not of this pool");
        assert!(!self.is_over(client), "{client:?} has its quota");
        if self.knows_waiting {
            let fresh = self.has_fresh(to);
            let waiting = self.waiting.entry((to, source)).or_default();
            if waiting.ports.contains(&port) {
                assert!(!fresh, "{tuple:?} was in quarantine, and others were free");
                assert_eq!(waiting.pop(), Some(port), "the oldest comes first");
            }
        }
        let before = self.held.insert((to, source, port), client);
        assert!(before.is_none(), "{tuple:?} was given twice");
    }

    fn refused(&self, to: To, client: Client, refused: Refused) {
        match refused {
            Refused::OverQuota { .. } => assert!(self.is_over(client), "{client:?} may hold more"),
            Refused::Exhausted { held, of } => {
                assert!(self.is_full(to), "a port is free towards {to}");
                assert_eq!(Fill { held, of }, self.fill(to));
            }
            other => panic!("{other}"),
        }
    }

    fn released(&mut self, to: To, source: u16, port: u16) {
        assert!(self.held.remove(&(to, source, port)).is_some());
        if self.quarantine > 0 && self.allows(port) {
            let waiting = self.waiting.entry((to, source)).or_default();
            waiting.push(port, self.quarantine);
        }
    }

    fn claimed(&mut self, to: To, source: u16, port: u16, client: Client) -> Result<(), Refused> {
        if !self.allows(port) || source >= self.sources {
            return Err(Refused::OutsideRange);
        }
        if self.held.contains_key(&(to, source, port)) {
            return Err(Refused::Taken);
        }
        self.held.insert((to, source, port), client);
        self.waiting.entry((to, source)).or_default().remove(port);
        Ok(())
    }
}

/// The pool under test and what came of it.
struct Trial<A> {
    pool: Pool<To, A>,
    model: Model,
    held: Vec<(To, Tuple)>,
}

impl<A: Algorithm> Trial<A> {
    fn new(case: &Case) -> Trial<A> {
        let settings = Settings::new(case.range)
            .reserved(case.reserved.iter().copied())
            .sources(case.sources)
            .quarantine(case.quarantine);
        let settings = case.quota.into_iter().fold(settings, Settings::quota);
        Trial { pool: pool(&settings, 1), model: Model::new(case), held: Vec::new() }
    }

    fn run(&mut self, step: &Step) {
        match step {
            Step::Acquire(to, client) => match self.pool.acquire(to, *client) {
                Ok(tuple) => {
                    self.model.acquired(*to, *client, &tuple);
                    self.held.push((*to, tuple));
                }
                Err(refused) => self.model.refused(*to, *client, refused),
            },
            Step::Release(place, many) => {
                for _ in 0..(*many).min(self.held.len()) {
                    let (to, tuple) = self.held.swap_remove(place.index(self.held.len()));
                    self.model.released(to, tuple.source().0, tuple.port().number());
                    self.pool.release(tuple);
                }
            }
            Step::Claim(to, source, port, client) => {
                let claimed = self.pool.claim(to, Source(*source), Port(*port), *client);
                let expected = self.model.claimed(*to, *source, *port, *client);
                assert_eq!(claimed.as_ref().map(drop), expected.as_ref().copied());
                self.held.extend(claimed.ok().map(|tuple| (*to, tuple)));
            }
            Step::Range(range) => {
                self.pool.set_range(*range);
                self.model.range = *range;
                self.model.knows_waiting = false;
            }
            Step::Reserved(ranges) => {
                self.pool.set_reserved(ranges);
                self.model.reserved.clone_from(ranges);
                self.model.knows_waiting = false;
            }
        }
    }

    fn compare(&self) {
        assert_eq!(self.pool.len(), self.model.held.len() as u64);
        for to in 0..TOS {
            assert_eq!(self.pool.fill(&to), self.model.fill(to));
        }
        if self.model.quota.is_some() {
            for client in CLIENTS.into_iter().filter(|&client| client != Client::NOBODY) {
                assert_eq!(self.pool.held_by(client) as usize, self.model.held_by(client));
            }
        }
    }
}

fn holds_against_the_model<A: Algorithm>(case: &Case) {
    let mut trial = Trial::<A>::new(case);
    for step in &case.steps {
        trial.run(step);
    }
    trial.compare();
    // To the very end, and back.
    for to in 0..TOS {
        while trial.held.len() < 3000 && !trial.model.is_full(to) {
            trial.run(&Step::Acquire(to, Client::NOBODY));
        }
        trial.run(&Step::Acquire(to, Client::NOBODY));
    }
    trial.compare();
    while let Some((to, tuple)) = trial.held.pop() {
        trial.model.released(to, tuple.source().0, tuple.port().number());
        trial.pool.release(tuple);
    }
    trial.compare();
    assert!(trial.pool.is_empty());
}

const TOS: To = 3;
const CLIENTS: [Client; 3] = [Client(1), Client(2), Client::NOBODY];

fn small_range() -> impl Strategy<Value = PortRange> {
    (1000..1100u16, prop_oneof![0..8u16, 0..200u16])
        .prop_map(|(first, more)| range(first, first + more))
}

fn reserved() -> impl Strategy<Value = Vec<PortRange>> {
    let some = (1000..1300u16, prop_oneof![9 => 0..20u16, 1 => 300..301u16])
        .prop_map(|(first, more)| range(first, first + more));
    prop::collection::vec(some, 0..3)
}

fn client() -> impl Strategy<Value = Client> {
    prop::sample::select(CLIENTS.to_vec())
}

fn step(changes: u32) -> impl Strategy<Value = Step> {
    prop_oneof![
        60 => (0..TOS, client()).prop_map(|(to, client)| Step::Acquire(to, client)),
        20 => (any::<prop::sample::Index>(), 1..4usize).prop_map(|(place, many)| Step::Release(place, many)),
        1 => (any::<prop::sample::Index>(), 1..200usize).prop_map(|(place, many)| Step::Release(place, many)),
        8 => (0..TOS, 0..3u16, 1000..1200u16, client())
            .prop_map(|(to, source, port, client)| Step::Claim(to, source, port, client)),
        changes => small_range().prop_map(Step::Range),
        changes => reserved().prop_map(Step::Reserved),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let steps = prop_oneof![
        prop::collection::vec(step(0), 0..600), // with the quarantine known to the end
        prop::collection::vec(step(1), 0..600),
    ];
    let quota = prop::option::of(0..40u32);
    let quarantine = prop::sample::select(vec![0u16, 1, 5, 64, 1000]);
    (small_range(), reserved(), 1..4u16, quota, quarantine, steps).prop_map(
        |(range, reserved, sources, quota, quarantine, steps)| Case {
            range,
            reserved,
            sources,
            quota,
            quarantine,
            steps,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn keyed(case in case()) {
        holds_against_the_model::<Keyed>(&case);
    }

    #[test]
    fn simple_random(case in case()) {
        holds_against_the_model::<SimpleRandom>(&case);
    }

    #[test]
    fn random_tries(case in case()) {
        holds_against_the_model::<RandomTries>(&case);
    }

    #[test]
    fn simple_hash(case in case()) {
        holds_against_the_model::<SimpleHash>(&case);
    }

    #[test]
    fn double_hash(case in case()) {
        holds_against_the_model::<DoubleHash>(&case);
    }

    #[test]
    fn random_increments(case in case()) {
        holds_against_the_model::<RandomIncrements>(&case);
    }
}

/// An algorithm that always says the same, free or not.
#[derive(Debug)]
struct Stubborn;

impl Algorithm for Stubborn {
    fn seeded(_: &mut alloc::Random) -> Stubborn {
        Stubborn
    }

    fn choose(&mut self, _: &alloc::Pair, _: &alloc::Free<'_>) -> Port {
        Port(1050)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_algorithm_can_give_a_port_twice(case in case()) {
        holds_against_the_model::<Stubborn>(&case);
    }
}
