//! The pilot: connects that stay quick when the ports towards a destination run out, for programs that
//! nobody changes.
//!
//! Programs attached to a cgroup choose the port where the kernel would search for long; how is told in
//! `src/bpf/pilot.bpf.c` and `src/bpf/pilot/`. What they know lies in maps that are pinned to a BPF
//! filesystem of our own, so that all of them, whoever attached them, claim ports from one another, and
//! go on when the process that attached them ends. Every function here takes root.

mod count;
mod destination;
mod place;
mod policy;
mod routes;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use libbpf_rs::{Link, Object};

use crate::Error;
use crate::object::{self, carried};

pub use count::Counts;
pub use destination::Destination;
pub use policy::Policy;
pub use routes::Routes;

use place::{Pin, Place};

/// What the pilot is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// The cgroups it is attached to, by path, the shortest first; those that are gone are not there.
    pub cgroups: Vec<PathBuf>,
    /// What it did since it was first attached.
    pub counts: Counts,
    /// Where it chose ports, the one with the most first.
    pub destinations: Vec<Destination>,
    /// What was asked for beyond speed.
    pub policy: Policy,
    /// The caller's network namespace, as [`Destination::netns_cookie`] has them.
    pub netns_cookie: u64,
}

/// Attaches the pilot to a cgroup (v2) and all below it: programs there are piloted from their next
/// connect on, until [`off`]. Where it is attached already its programs are replaced by ours, at once
/// and without forgetting anything.
///
/// # Errors
/// [`Error`] if the kernel or the privileges do not allow it; then nothing is attached.
pub fn on(cgroup: &Path) -> Result<(), Error> {
    let place = Place::make()?;
    let attached = place.sweep().and_then(|()| attach(&place, cgroup));
    if attached.is_err() {
        _ = place.remove_if_unused();
    }
    attached
}

/// Detaches the pilot from a cgroup, or from all, and when it is attached nowhere any more takes away
/// what it kept. Connections stay as they are: as long as others are piloted, a program follows those
/// of the cgroup to their end, for their ports are the others' then. Returns the cgroups that were piloted.
///
/// # Errors
/// [`Error::Pin`] if that is not permitted.
pub fn off(cgroup: Option<&Path>) -> Result<Vec<PathBuf>, Error> {
    let Some(place) = Place::find()? else { return Ok(Vec::new()) };
    let wanted = cgroup.map(place::id_of).transpose()?;
    let mut detached = Vec::new();
    for pin in place.pins()?.iter().filter(|pin| pin.pilots()) {
        if wanted.is_none_or(|wanted| wanted == pin.cgroup) {
            place.unpin(pin)?;
            detached.push(pin.cgroup);
        }
    }
    detached.dedup();
    let detached = place::find(&detached);
    place.sweep()?;
    place.remove_if_unused()?;
    Ok(detached)
}

/// What the pilot is doing; `None` where it is attached nowhere, or to cgroups alone that are gone.
///
/// # Errors
/// [`Error::Pin`] if that is not permitted, [`Error::Map`] if what it knows cannot be read.
pub fn status() -> Result<Option<Status>, Error> {
    let Some(place) = Place::find()? else { return Ok(None) };
    let cgroups = place.piloted()?;
    if cgroups.is_empty() {
        return Ok(None);
    }
    Ok(Some(Status {
        cgroups,
        counts: count::read(&place)?,
        destinations: destination::read(&place)?,
        policy: policy::read(&place)?,
        netns_cookie: routes::netns_cookie()?,
    }))
}

/// Asks for more than speed, or with [`Policy::default`] no longer. The pilot must be on.
///
/// # Errors
/// [`Error::NotPiloted`], [`Error::Map`].
pub fn set_policy(policy: &Policy) -> Result<(), Error> {
    let place = Place::find()?.ok_or(Error::NotPiloted)?;
    policy::write(&place, policy)
}

fn attach(place: &Place, cgroup: &Path) -> Result<(), Error> {
    let id = place::id_of(cgroup)?;
    let directory =
        File::open(cgroup).map_err(|source| Error::Cgroup { path: cgroup.to_owned(), source })?;
    let object = load(place, level_of(cgroup))?;
    place.keep_secret(&object)?;
    for program in object.progs_mut().filter(|program| is_of_cgroup(program.section())) {
        let name = program.name().to_string_lossy().into_owned();
        let refused = |source| Error::Attach { program: name.clone(), source };
        let pin = Pin { cgroup: id, program: name.clone() };
        if let Ok(mut link) = Link::open(place.path_of(&pin)) {
            link.update_prog(&program).map_err(refused)?;
            continue;
        }
        let link = program.attach_cgroup(directory.as_raw_fd()).map_err(refused)?;
        place.pin(link, &pin)?;
    }
    Ok(())
}

/// Loads the programs for a cgroup of that level, on the maps that are pinned, or pins theirs.
fn load(place: &Place, level: u64) -> Result<Object, Error> {
    let mut object = object::open(NAME, carried!("pilot"))?;
    for mut map in object.maps_mut() {
        let name = map.name().to_string_lossy().into_owned();
        let prepared = match name.as_str() {
            LEVEL => map.set_initial_value(&level.to_ne_bytes()),
            _ if name.contains('.') => Ok(()),
            destination::NAME => map
                .set_max_entries(destination::places(place))
                .and_then(|()| map.set_pin_path(place.map(&name))),
            _ => map.set_pin_path(place.map(&name)),
        };
        prepared.map_err(|source| Error::Load { what: NAME, source })?;
    }
    object::load(NAME, object)
}

/// How deep in the tree a cgroup lies: deeper than all that it is in. In C: `src/bpf/pilot/turn.h`.
fn level_of(cgroup: &Path) -> u64 {
    let path = cgroup.canonicalize().unwrap_or_else(|_| cgroup.to_owned());
    path.components().count() as u64
}

fn is_of_cgroup(section: &std::ffi::OsStr) -> bool {
    section.to_string_lossy().starts_with("cgroup/")
}

const NAME: &str = "pilot";
const LEVEL: &str = ".rodata.level";
