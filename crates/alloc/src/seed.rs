//! Where the secrets come from: the system's random numbers, or a seed for those who want the same
//! run again. Expanded by ChaCha12 (RFC 8439 has the 20 rounds of it), as the crate `rand` does.

use core::fmt;
use core::hash::{Hash, Hasher};

use chacha20::ChaCha12Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use siphasher::sip::SipHasher13;

/// What all choices of a pool follow from: the same seed and the same calls give the same ports.
///
/// Who knows it can predict every port; so where that matters take [`Seed::random`].
///
/// ```
/// use alloc::{Allocator, Client, Pool, Seed, Settings};
///
/// let settings = Settings::new("32768-60999".parse()?);
/// let mut one = Pool::new(&settings, Seed::from(7));
/// let mut two = Pool::new(&settings, Seed::from(7));
/// let ports = |pool: &mut Pool<u32>| [1, 2, 1].map(|to| pool.acquire(&to, Client::NOBODY).unwrap().port());
/// assert_eq!(ports(&mut one), ports(&mut two));
/// # Ok::<(), registry::ParseRangeError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Seed([u8; 32]);

impl Seed {
    /// One that nobody can guess, from the system.
    ///
    /// # Errors
    /// [`Error::Random`](crate::Error::Random) where the system has no random numbers to give.
    #[cfg(feature = "std")]
    pub fn random() -> Result<Seed, crate::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(crate::Error::Random)?;
        Ok(Seed(bytes))
    }

    /// The `number`th of the seeds that follow from this one: for pools that are to have nothing in common.
    #[must_use]
    pub fn child(&self, number: u64) -> Seed {
        let mut random = ChaCha12Rng::from_seed(self.0);
        random.set_stream(number.wrapping_add(1)); // a pool made of this seed itself reads stream 0
        let mut bytes = [0; 32];
        random.fill_bytes(&mut bytes);
        Seed(bytes)
    }
}

impl From<u64> for Seed {
    /// For tests and simulations: a number is guessed in no time.
    fn from(number: u64) -> Seed {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_le_bytes());
        Seed(bytes)
    }
}

impl From<[u8; 32]> for Seed {
    fn from(bytes: [u8; 32]) -> Seed {
        Seed(bytes)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(..)") // a secret in a log is none
    }
}

/// Random numbers that follow from a seed and are unpredictable without it.
pub struct Random(ChaCha12Rng);

impl Random {
    pub(crate) fn new(seed: &Seed) -> Random {
        Random(ChaCha12Rng::from_seed(seed.0))
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number below `bound`, each as likely as the others to one part in four thousand million; 0 where
    /// `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        scale(self.0.next_u64(), bound)
    }

    /// A source of random numbers of its own, which follows from this one.
    #[must_use]
    pub fn child(&mut self) -> Random {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        Random(ChaCha12Rng::from_seed(bytes))
    }

    /// A keyed hash function of its own.
    pub(crate) fn secret(&mut self) -> Secret {
        Secret(self.0.next_u64(), self.0.next_u64())
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(..)")
    }
}

/// The key of a pseudo-random function: SipHash-1-3.
#[derive(Clone, Copy)]
pub(crate) struct Secret(u64, u64);

impl Secret {
    /// The function with `value` read, and ready for more.
    #[inline]
    pub(crate) fn read(self, value: &impl Hash) -> SipHasher13 {
        // Made anew each time, so that the compiler sees that it is empty: half the time of a copy.
        let mut hasher = SipHasher13::new_with_keys(self.0, self.1);
        value.hash(&mut hasher);
        hasher
    }

    /// The function's value for `value`.
    #[inline]
    pub(crate) fn of(self, value: &impl Hash) -> u64 {
        self.read(value).finish()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)") // a secret in a log is none
    }
}

/// `number`, any of 2^64, scaled down to below `bound`.
#[inline]
pub(crate) fn scale(number: u64, bound: u32) -> u32 {
    let scaled = (u128::from(number) * u128::from(bound)) >> 64;
    u32::try_from(scaled).expect("less than `bound`, which has 32 bits")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn children_of_a_seed_have_nothing_in_common() {
        let seed = Seed::from(1);
        let mut seen = BTreeSet::new();
        for seed in (0..100).map(|number| seed.child(number)).chain([Seed::from(1), Seed::from(2)])
        {
            assert!(seen.insert(Random::new(&seed).number()));
        }
        assert_eq!(seed.child(3), Seed::from(1).child(3));
    }

    #[test]
    fn numbers_below_a_bound_reach_all_of_them() {
        let mut random = Random::new(&Seed::from(1));
        let seen: BTreeSet<u32> = (0..1000).map(|_| random.below(10)).collect();
        assert_eq!(seen, (0..10).collect());
        assert_eq!(random.below(0), 0);
        assert_eq!(scale(u64::MAX, u32::MAX), u32::MAX - 1);
    }

    #[test]
    fn a_seed_is_not_printed() {
        assert_eq!(std::format!("{:?}", Seed::from(7)), "Seed(..)");
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_system_gives_a_new_seed_each_time() {
        assert_ne!(Seed::random().unwrap(), Seed::random().unwrap());
    }
}
