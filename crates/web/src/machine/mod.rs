//! What the machine tells the web, as plain data: [`Machine`] is the contract, and whoever
//! implements it looks. Text that came from processes is already escaped against terminals
//! (`\x1b` is four characters) and still has to be escaped as HTML, as every template does.

mod chart;
mod doctor;
mod lease;
mod list;
mod live;
mod note;
mod past;
mod port;
mod room;
mod viewer;

use std::fmt::Debug;
use std::net::SocketAddr;
use std::ops::ControlFlow;

pub use chart::{ChartNow, Held};
pub use doctor::{DoctorNow, FindingView};
pub use lease::{LeaseView, LeasesNow, Server};
pub use list::{Filters, JsonAsked, ListAsked, ListNow};
pub use live::{Happened, Happening, Look, News, Outcome, StateCount};
pub use note::NoteView;
pub use past::{Gap, Moment, Span, Spell, Timeline, TimelineAsked, Told};
pub use port::{
    Bind, BindAnswer, PortAsked, PortNow, PortSettings, Printed, ProcessView, Role, SocketView,
    Who, WhoAt,
};
pub use room::{DestinationView, FullIn, HolderView, LimitView, RoomNow, UnservedView};
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

    /// The sockets that `asked` is about, with their owners.
    ///
    /// # Errors
    /// [`Trouble::Asked`] if a filter cannot be read.
    fn list(&self, asked: &ListAsked, viewer: Viewer) -> Result<ListNow, Trouble>;

    /// How much room is left for connections, and what else ends them.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn room(&self, viewer: Viewer) -> Result<RoomNow, Trouble>;

    /// What is wrong with the machine's ports.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn doctor(&self, viewer: Viewer) -> Result<DoctorNow, Trouble>;

    /// The ports that are leased.
    ///
    /// # Errors
    /// [`Trouble`] if they cannot be listed.
    fn leases(&self, viewer: Viewer) -> Result<LeasesNow, Trouble>;

    /// An answer in the program's own JSON, schema `portolan/1`: what its `--json` prints.
    ///
    /// # Errors
    /// [`Trouble::Asked`] if what is asked cannot be read.
    fn json(&self, asked: &JsonAsked, viewer: Viewer) -> Result<Vec<u8>, Trouble>;

    /// Looks again, unless that was done a moment ago, and says what is other than it was.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn look(&self) -> Result<Look, Trouble>;

    /// Tells what happens as it happens, until `tell` breaks off. `tell` is called at least once a
    /// second, with no news where there are none.
    ///
    /// # Errors
    /// [`Trouble`] if nobody tells what happens here.
    fn follow(&self, tell: &mut dyn FnMut(News) -> ControlFlow<()>) -> Result<(), Trouble>;

    /// How many sockets there are of each protocol and state.
    ///
    /// # Errors
    /// [`Trouble`] if the machine cannot be looked at.
    fn census(&self) -> Result<Vec<StateCount>, Trouble>;

    /// Who is at the far end of a connection of this machine with itself, from `theirs` to `ours`.
    fn viewer_at(&self, ours: SocketAddr, theirs: SocketAddr) -> Viewer;

    /// As whom the user `uid` of this machine looks.
    fn viewer_of(&self, uid: u32) -> Viewer;
}

/// Why the machine did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// What was asked for cannot be read: what was read, and what is accepted.
    #[error("{0}")]
    Asked(String),
    /// It cannot be known: it was not recorded, or is not permitted.
    #[error("{0}")]
    Unknown(String),
    /// It is not for this viewer.
    #[error("this is for whoever serves it, root and the group portolan alone")]
    NotForYou,
    /// The machine cannot be looked at, or its records not be read, and why.
    #[error("{0}")]
    Failed(String),
}
