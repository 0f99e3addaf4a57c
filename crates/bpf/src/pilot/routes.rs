//! Which source address the kernel would choose, told to the pilot. In C: `src/bpf/pilot/source.h`.
//!
//! What is told holds for one generation of the routes, which the kernel counts; one of our programs
//! reads the counter.

use std::collections::{HashMap, HashSet};
use std::mem;

use libbpf_rs::{MapCore, MapFlags, MapHandle, ProgramInput};

use sockets::{NetnsId, SourceRoute};

use super::place::Place;
use super::policy::mapped;
use crate::Error;
use crate::object::{self, carried};

/// Keeps the pilot told which source address the kernel would choose, in the network namespace of the
/// thread that uses this, and in others if asked to.
///
/// Without it only connects of sockets that are bound to an address, and those within the host by
/// loopback addresses, can be piloted. The pilot notices by itself that routes have changed, and leaves
/// connects to the kernel until it is told again.
#[derive(Debug, Default)]
pub struct Routes {
    clock: Option<Clock>,
    told: Option<Moment>,
    /// What was told of other namespaces.
    elsewhere: HashMap<NetnsId, Moment>,
}

impl Routes {
    /// What has told nothing yet.
    #[must_use]
    pub fn new() -> Routes {
        Routes::default()
    }

    /// Reads the routes and tells the pilot, unless nothing has changed since the last time: then it
    /// takes a few microseconds. Where they change all the time it gives up for now.
    ///
    /// # Errors
    /// [`Error::NotPiloted`], [`Error::Map`], [`Error::Load`], [`Error::Routes`].
    pub fn tell(&mut self) -> Result<(), Error> {
        let clock = clock(&mut self.clock)?;
        // What was told to maps that are gone by now must be told again.
        self.told = self.told.filter(|_| Place::may_exist());
        if self.told.is_some() && self.told == Some(clock.moment()?) {
            return Ok(());
        }
        let place = Place::find()?.ok_or(Error::NotPiloted)?;
        self.told = write(&place, clock)?;
        Ok(())
    }

    /// The same for every other network namespace of the host, those of containers for the most part; forgets those
    /// that are gone. To find them takes a look at every process.
    ///
    /// # Errors
    /// As [`Routes::tell`]: that of the first namespace that could not be told of, after all others were.
    pub fn tell_elsewhere(&mut self) -> Result<(), Error> {
        let clock = clock(&mut self.clock)?;
        let place = Place::find()?.ok_or(Error::NotPiloted)?;
        let before = mem::take(&mut self.elsewhere);
        let (told, mut failed) = (&mut self.elsewhere, None);
        let visited = sockets::in_other_namespaces(|netns| {
            match write_again(&place, clock, before.get(&netns.id)) {
                Ok(moment) => told.extend(moment.map(|moment| (netns.id, moment))),
                Err(error) => _ = failed.get_or_insert(error),
            }
        });
        visited.map_err(Error::Routes)?;
        let there: HashSet<[u8; 8]> = told.values().map(|moment| moment.netns).collect();
        for gone in before.values().filter(|moment| !there.contains(&moment.netns)) {
            forget(&place, gone.netns)?;
        }
        failed.map_or(Ok(()), Err)
    }
}

/// The clock, loaded if need be.
fn clock(loaded: &mut Option<Clock>) -> Result<&mut Clock, Error> {
    match loaded {
        Some(clock) => Ok(clock),
        None => Ok(loaded.insert(Clock::load()?)),
    }
}

fn key(route: &SourceRoute, netns: [u8; 8]) -> [u8; 28] {
    let before = if route.prefix.is_ipv4() { 64 + 96 } else { 64 };
    let mut key = [0; 28];
    key[..4].copy_from_slice(&(before + u32::from(route.length)).to_ne_bytes());
    key[4..12].copy_from_slice(&netns);
    key[12..].copy_from_slice(&mapped(route.prefix).octets());
    key
}

fn value(route: &SourceRoute) -> [u8; 16] {
    route.source.map_or([0; 16], |source| mapped(source).octets())
}

/// A network namespace and the generation of its routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Moment {
    netns: [u8; 8],
    generation: [u8; 8],
}

/// The same, unless nothing has changed since `before`.
fn write_again(
    place: &Place,
    clock: &Clock,
    before: Option<&Moment>,
) -> Result<Option<Moment>, Error> {
    match before {
        Some(moment) if clock.moment()? == *moment => Ok(Some(*moment)),
        _ => write(place, clock),
    }
}

/// Takes away what is known of a network namespace that is gone.
fn forget(place: &Place, netns: [u8; 8]) -> Result<(), Error> {
    _ = place.open_map("generations")?.delete(&netns);
    _ = place.open_map("ours_in")?.delete(&netns);
    let failed = |source| Error::Map { name: "routes", source };
    replace(&place.open_map("routes")?, &[], netns).map_err(failed)
}

/// Tells the pilot all routes; of which moment, or `None` if they changed time and again.
fn write(place: &Place, clock: &Clock) -> Result<Option<Moment>, Error> {
    let (routes, generations) = (place.open_map("routes")?, place.open_map("generations")?);
    let failed = |name| move |source| Error::Map { name, source };
    for _ in 0..ATTEMPTS {
        let moment = clock.moment()?;
        let read = sockets::source_routes().map_err(Error::Routes)?;
        if clock.moment()? != moment {
            continue;
        }
        // Out of date while we are at it.
        _ = generations.delete(&moment.netns);
        replace(&routes, &read, moment.netns).map_err(failed("routes"))?;
        generations
            .update(&moment.netns, &moment.generation, MapFlags::ANY)
            .map_err(failed("generations"))?;
        return Ok(Some(moment));
    }
    Ok(None)
}

fn replace(map: &MapHandle, routes: &[SourceRoute], netns: [u8; 8]) -> libbpf_rs::Result<()> {
    let wanted: HashSet<[u8; 28]> = routes.iter().map(|route| key(route, netns)).collect();
    let known: Vec<Vec<u8>> = map.keys().filter(|key| key.get(4..12) == Some(&netns)).collect();
    for gone in known.iter().filter(|key| !wanted.contains(key.as_slice())) {
        map.delete(gone)?;
    }
    for route in routes {
        map.update(&key(route, netns), &value(route), MapFlags::ANY)?;
    }
    Ok(())
}

/// The network namespace that the caller is in, by its cookie.
pub(super) fn netns_cookie() -> Result<u64, Error> {
    Ok(u64::from_ne_bytes(Clock::load()?.moment()?.netns))
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
