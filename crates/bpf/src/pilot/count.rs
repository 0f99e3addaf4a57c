//! What the pilot did, added up over the processors. In C: `src/bpf/pilot/count.h`.

use libbpf_rs::{MapCore, MapFlags};

use super::place::Place;
use crate::Error;

macro_rules! counts {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What the pilot did, in connects where nothing else is said.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Counts {
            $($(#[$doc])* pub $name: u64,)*
        }

        impl Counts {
            /// Each with its name, in the order of a connect's way through the pilot.
            #[must_use]
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name),)*]
            }

            fn in_order(mut next: impl FnMut() -> Result<u64, Error>) -> Result<Counts, Error> {
                Ok(Counts { $($name: next()?,)* })
            }
        }
    };
}

counts! {
    /// TCP connects seen.
    connects,
    /// Left to the kernel, for there is room where it looks first.
    room,
    /// The kernel's half was nearly full, so that the pilot looked for a port.
    engaged,
    /// Got a port from the pilot.
    piloted,
    /// Ports looked up.
    probes,
    /// Ports of those that were found in use.
    taken,
    /// Ports claimed.
    claims,
    /// Ports claimed that could not be bound after all.
    conflicts,
    /// Ports that another processor claimed first.
    races,
    /// Ports given back.
    released,
    /// Engaged, found nothing, left to the kernel.
    fallbacks,
    /// Engaged towards more destinations than there is place for; left to the kernel.
    no_place,
    /// Left alone: the socket has a port.
    bound,
    /// Left alone: the socket has a range of its own.
    own_range,
    /// Left alone: the socket is bound to a device.
    device,
    /// Left alone: `SO_REUSEPORT`.
    reuse_port,
    /// Left alone: the kernel's own, or of MPTCP.
    kernel,
    /// Left alone: the source address it will have is not known.
    no_source,
    /// Went on from another source address of the policy's.
    spread,
    /// Refused: over the policy's quota.
    over_quota,
}

pub(super) fn read(place: &Place) -> Result<Counts, Error> {
    let map = place.open_map(NAME)?;
    let mut index = 0_u32;
    Counts::in_order(|| {
        let values = map.lookup_percpu(&index.to_ne_bytes(), MapFlags::ANY);
        index += 1;
        let number = |bytes: &Vec<u8>| bytes.first_chunk().map(|raw| u64::from_ne_bytes(*raw));
        let values = values.map_err(|source| Error::Map { name: NAME, source })?;
        Ok(values.iter().flatten().filter_map(number).sum())
    })
}

const NAME: &str = "counts";
