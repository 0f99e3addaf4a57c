//! What can go wrong beside a refusal (`refused.rs`).

/// A failure that has nothing to do with how many ports are free.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gave no random numbers.
    #[cfg(feature = "std")]
    #[error("could not read random numbers from the system")]
    Random(#[source] getrandom::Error),
}
