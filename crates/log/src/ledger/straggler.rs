//! What came out of order: events of several processors may come some microseconds before or after
//! those that they follow.

use std::hash::BuildHasher as _;

use rustc_hash::FxBuildHasher;

/// What was told last of each of some sockets that are not open; a newer one pushes an older out.
#[derive(Debug)]
pub(crate) struct Stragglers<T> {
    places: Vec<Option<Straggler<T>>>,
}

/// Something that was told of a socket that is not open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Straggler<T> {
    pub(crate) cookie: u64,
    pub(crate) at: u64,
    pub(crate) told: T,
}

impl<T: Copy> Stragglers<T> {
    pub(crate) fn new() -> Stragglers<T> {
        Stragglers { places: vec![None; PLACES] }
    }

    pub(crate) fn remember(&mut self, cookie: u64, at: u64, told: T) {
        self.places[place(cookie)] = Some(Straggler { cookie, at, told });
    }

    /// What was told of this socket, which is forgotten with that.
    pub(crate) fn recall(&mut self, cookie: u64) -> Option<Straggler<T>> {
        self.places[place(cookie)].take_if(|straggler| straggler.cookie == cookie)
    }
}

fn place(cookie: u64) -> usize {
    usize::try_from(FxBuildHasher.hash_one(cookie) % PLACES as u64).unwrap_or(0)
}

/// Many more than processors tell of within microseconds.
const PLACES: usize = 1024;
