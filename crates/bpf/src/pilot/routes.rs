//! Which source address the kernel would choose, told to the pilot. In C: `src/bpf/pilot/source.h`.
//!
//! What is told holds for one generation of the routes, which the kernel counts; one of our programs
//! reads the counter.

use std::collections::HashSet;
use std::net::IpAddr;

use libbpf_rs::{MapCore, MapFlags, MapHandle, ProgramInput};

use super::place::Place;
use super::policy::mapped;
use crate::Error;
use crate::object::{self, carried};

/// Which source address goes with a prefix of destinations; the longest that matches counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Route {
    /// The destinations' first bits.
    pub prefix: IpAddr,
    /// How many of them.
    pub length: u8,
    /// The source; `None` where it cannot be known.
    pub source: Option<IpAddr>,
}

impl Route {
    fn key(&self, netns: u64) -> [u8; 28] {
        let before = if self.prefix.is_ipv4() { 64 + 96 } else { 64 };
        let mut key = [0; 28];
        key[..4].copy_from_slice(&(before + u32::from(self.length)).to_ne_bytes());
        key[4..12].copy_from_slice(&netns.to_ne_bytes());
        key[12..].copy_from_slice(&mapped(self.prefix).octets());
        key
    }

    fn value(&self) -> [u8; 16] {
        self.source.map_or([0; 16], |source| mapped(source).octets())
    }
}

/// A network namespace and the generation of its routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    netns: [u8; 8],
    generation: [u8; 8],
}

/// Tells the pilot what `read` says. Where the routes change meanwhile it is read again; if they do so
/// all the time, the pilot finds what it was told out of date.
pub(super) fn write(
    place: &Place,
    mut read: impl FnMut() -> Result<Vec<Route>, sockets::Error>,
) -> Result<(), Error> {
    let (routes, generations) = (place.open_map("routes")?, place.open_map("generations")?);
    let clock = Clock::load()?;
    for _ in 0..ATTEMPTS {
        let before = clock.moment()?;
        let read = read().map_err(Error::Routes)?;
        if clock.moment()? != before {
            continue;
        }
        let failed = |name| move |source| Error::Map { name, source };
        // Out of date while we are at it.
        _ = generations.delete(&before.netns);
        replace(&routes, &read, before.netns).map_err(failed("routes"))?;
        return generations
            .update(&before.netns, &before.generation, MapFlags::ANY)
            .map_err(failed("generations"));
    }
    Ok(())
}

fn replace(map: &MapHandle, routes: &[Route], netns: [u8; 8]) -> libbpf_rs::Result<()> {
    let number = u64::from_ne_bytes(netns);
    let wanted: HashSet<[u8; 28]> = routes.iter().map(|route| route.key(number)).collect();
    let known: Vec<Vec<u8>> = map.keys().filter(|key| key.get(4..12) == Some(&netns)).collect();
    for gone in known.iter().filter(|key| !wanted.contains(key.as_slice())) {
        map.delete(gone)?;
    }
    for route in routes {
        map.update(&route.key(number), &route.value(), MapFlags::ANY)?;
    }
    Ok(())
}

/// The program that tells the moment.
#[derive(Debug)]
struct Clock {
    object: libbpf_rs::Object,
}

impl Clock {
    fn load() -> Result<Clock, Error> {
        let object = object::open(CLOCK, carried!("moment"))?;
        Ok(Clock { object: object::load(CLOCK, object)? })
    }

    fn moment(&self) -> Result<Moment, Error> {
        let program = self.object.progs_mut().next().expect("the object has one program");
        let mut context = [0; 16];
        let input = ProgramInput { context_in: Some(&mut context), ..ProgramInput::default() };
        program.test_run(input).map_err(|source| Error::Load { what: CLOCK, source })?;
        let (netns, generation) = context.split_at(8);
        Ok(Moment {
            netns: netns.try_into().expect("eight of sixteen"),
            generation: generation.try_into().expect("the other eight"),
        })
    }
}

const CLOCK: &str = "reader of the routes' generation";
/// How often the routes may change while they are read.
const ATTEMPTS: u32 = 8;
