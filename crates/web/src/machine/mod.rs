//! What the machine tells the web, as plain data: [`Machine`] is the contract, and whoever
//! implements it looks. Text that came from processes is already escaped against terminals
//! (`\x1b` is four characters) and still has to be escaped as HTML, as every template does.

mod chart;
mod past;
mod port;
mod viewer;

use std::fmt::Debug;

pub use chart::{ChartNow, Held};
pub use past::{Gap, Moment, Span, Spell, Timeline, TimelineAsked, Told};
pub use port::{
    Bind, BindAnswer, PortAsked, PortNow, PortSettings, ProcessView, Role, SocketView, Who, WhoAt,
};
pub use viewer::Viewer;

/// A machine that can be asked what is so on it. Every call may block, and is made where that is
/// allowed; what several viewers want within a moment is looked up once for all of them.
pub trait Machine: Debug + Send + Sync + 'static {
    /// What is so of a port, now, as far as `viewer` may know.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn port(&self, asked: PortAsked, viewer: Viewer) -> Result<PortNow, Trouble>;

    /// Who had a port in a time of the past.
    ///
    /// # Errors
    /// [`Trouble`] if the records cannot be read; that there are none is no error.
    fn timeline(&self, asked: &TimelineAsked, viewer: Viewer) -> Result<Timeline, Trouble>;

    /// Which ports are held, now or at a moment of the past, and which were in the hour before.
    ///
    /// # Errors
    /// [`Trouble`] if the machine or its records cannot be read.
    fn chart(&self, at: Option<Moment>, viewer: Viewer) -> Result<ChartNow, Trouble>;

    /// Looks again. The number changes whenever something that is shown has changed.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn look(&self) -> Result<u64, Trouble>;
}

/// Why the machine did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// What was asked for cannot be read: what was read, and what is accepted.
    #[error("{0}")]
    Asked(String),
    /// The machine cannot be looked at, or its records not be read, and why.
    #[error("{0}")]
    Failed(String),
}
