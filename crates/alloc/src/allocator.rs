//! The contract of everything that hands out ports to one owner at a time.

use registry::{Port, PortRange};

use crate::{Client, Refused, Source, Tuple};

/// Hands out ports of source addresses towards destinations of type `D`.
///
/// No tuple of source, port and destination is held twice, and a request is refused as exhausted only
/// where no tuple is free.
pub trait Allocator<D> {
    /// A port that is free towards `destination`, from any of the source addresses.
    ///
    /// # Errors
    /// [`Refused::Exhausted`] where nothing is free, [`Refused::OverQuota`] where `client` has enough.
    fn acquire(&mut self, destination: &D, client: Client) -> Result<Tuple, Refused>;

    /// Gives a tuple back: free from now on, or after its quarantine.
    ///
    /// # Panics
    /// Where the tuple is of another allocator.
    fn release(&mut self, tuple: Tuple);

    /// The tuple that is known to be held, after a restart for example. It counts for `client`, also
    /// beyond its quota.
    ///
    /// # Errors
    /// [`Refused::Taken`] where it is held already, [`Refused::OutsideRange`] where it is none of those
    /// that may be given.
    fn claim(
        &mut self,
        destination: &D,
        source: Source,
        port: Port,
        client: Client,
    ) -> Result<Tuple, Refused>;

    /// Hands out the ports of `range` from now on. Ports outside it that are held stay so until they are
    /// released, and are not given again.
    fn set_range(&mut self, range: PortRange);

    /// Reserves these ports and no others from now on. Those of them that are held stay so until they are
    /// released.
    fn set_reserved(&mut self, ports: &[PortRange]);

    /// How many tuples are held, towards all destinations.
    fn len(&self) -> u64;

    /// Whether no tuple is held.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How full it is towards `destination`.
    fn fill(&self, destination: &D) -> Fill;
}

/// How full it is towards one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Fill {
    /// How many tuples are held. While ports drain outside the range this can be more than `of`.
    pub held: u64,
    /// How many tuples may be given: allowed ports times source addresses.
    pub of: u64,
}

impl Fill {
    /// The share that is held: 0.0 when empty, 1.0 when full. Of no ports at all 1.0.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 53 bits")]
    pub fn share(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.held as f64 / self.of as f64 }
    }
}
