//! All spaces of a pool, by their places. Places are used again, as in a slab; a slab would look at a space's second
//! cache line each time, to see whether there is a space.

use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

use crate::allowed::Allowed;
use crate::space::Space;

/// Spaces by number.
#[derive(Debug, Default)]
pub(crate) struct Spaces {
    all: Vec<Space>,
    vacant: Vec<u32>,
}

impl Spaces {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.all.len() - self.vacant.len()
    }

    /// Takes in a space; its place.
    pub(crate) fn insert(&mut self, space: Space) -> u32 {
        if let Some(at) = self.vacant.pop() {
            self[at] = space;
            return at;
        }
        let at = u32::try_from(self.all.len()).expect("fewer than 2^32 pairs: each takes memory");
        self.all.push(space);
        at
    }

    /// Forgets what the space at a place knew, and gives the place to the next.
    pub(crate) fn remove(&mut self, at: u32, allowed: &Allowed) {
        self[at] = Space::new(0, allowed);
        self.vacant.push(at);
    }
}

impl Index<u32> for Spaces {
    type Output = Space;

    #[inline]
    fn index(&self, at: u32) -> &Space {
        &self.all[at as usize]
    }
}

impl IndexMut<u32> for Spaces {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut Space {
        &mut self.all[at as usize]
    }
}
