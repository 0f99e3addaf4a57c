//! Why a tuple was not given. What went wrong apart from that is in `error.rs`.

use crate::Client;

/// Why a port was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// No port of any source address is free towards the destination. Said only where it is so.
    #[error("no port is free towards the destination: {held} are held, {of} may be given")]
    Exhausted {
        /// How many are held, ports that drain outside the range included.
        held: u64,
        /// How many may be given: allowed ports times source addresses.
        of: u64,
    },
    /// The client holds as many as one client may.
    #[error("client {} holds {quota} ports, as many as one client may", client.0)]
    OverQuota {
        /// Which client.
        client: Client,
        /// How many it may hold.
        quota: u32,
    },
    /// The tuple that was claimed is held already.
    #[error("the tuple is held already")]
    Taken,
    /// The tuple that was claimed is not of this pool: its port lies outside the range or is reserved, or
    /// there is no such source address.
    #[error("the tuple lies outside the range of the pool")]
    OutsideRange,
}
