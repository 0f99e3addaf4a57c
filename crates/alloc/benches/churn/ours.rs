//! This crate's pools under the load.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use alloc::{Allocator, Client, Pool, Refused, Seed, Settings, Shards, Source, Tuple};
use registry::{Port, PortRange};

use crate::load::{FIRST, PORTS, Subject};

/// Destinations as a proxy has them: an address and a port, which are hashed for each request.
fn address(destination: u32) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::from_bits(0x0a00_0000 + destination), 443)
}

fn settings() -> Settings {
    let range = PortRange::new(Port(FIRST), Port(FIRST + (PORTS - 1)));
    Settings::new(range.expect("the first port comes before the last"))
}

fn seed() -> Seed {
    Seed::from(6056)
}

/// A pool with the settings that it has unless told otherwise.
pub(crate) fn keyed(_destinations: u32) -> Ours {
    Ours(Pool::new(&settings(), seed()))
}

/// The same with a quarantine of so many ports.
pub(crate) fn patient(quarantine: u16) -> Ours {
    Ours(Pool::new(&settings().quarantine(quarantine), seed()))
}

#[derive(Debug)]
pub(crate) struct Ours(Pool<SocketAddrV4>);

impl Subject for Ours {
    type Held = Tuple;

    fn acquire(&mut self, destination: u32) -> Option<Tuple> {
        granted(self.0.acquire(&address(destination), Client::NOBODY))
    }

    fn release(&mut self, held: Tuple) {
        self.0.release(held);
    }

    fn take_back(&mut self, destination: u32, port: u16) -> Tuple {
        let tuple = self.0.claim(&address(destination), Source::FIRST, Port(port), Client::NOBODY);
        tuple.expect("nobody else can have taken it")
    }

    fn port(held: &Tuple) -> u16 {
        held.port().number()
    }
}

/// Handles to one `Shards`, for as many threads.
pub(crate) fn shards(threads: usize) -> Vec<Shared> {
    let shards = Arc::new(Shards::new(&settings(), seed()));
    vec![Shared(shards); threads]
}

#[derive(Clone, Debug)]
pub(crate) struct Shared(Arc<Shards<SocketAddrV4>>);

impl Subject for Shared {
    type Held = Tuple;

    fn acquire(&mut self, destination: u32) -> Option<Tuple> {
        granted(self.0.acquire(&address(destination), Client::NOBODY))
    }

    fn release(&mut self, held: Tuple) {
        self.0.release(held);
    }

    fn take_back(&mut self, destination: u32, _port: u16) -> Tuple {
        unreachable!("{destination} has a free port: each thread asks after it gave one back")
    }

    fn port(held: &Tuple) -> u16 {
        held.port().number()
    }
}

/// What was given, or `None` where all is held.
fn granted(answer: Result<Tuple, Refused>) -> Option<Tuple> {
    match answer {
        Ok(tuple) => Some(tuple),
        Err(Refused::Exhausted { .. }) => None,
        Err(why) => panic!("{why}"),
    }
}
