//! The chart of every port, and a page for each, as an HTTP service of the machine itself.
//!
//! [`serve`] answers on a [`Listener`], [`router()`] is what it answers with. What is so on the machine
//! it is told by a [`Machine`], in plain data: this crate looks at no socket and no process.
//! Everything that it serves is embedded; nothing is loaded from elsewhere.

mod api;
mod asset;
mod etag;
mod feedback;
#[doc(hidden)]
pub mod fuzz;
mod guard;
mod language_choice;
mod live;
mod locale;
mod machine;
mod metrics;
mod page;
mod pages;
mod router;
mod server;
mod state;
mod theme;
mod when;

pub mod chart;
pub mod prose;

pub use feedback::{Face, FeedbackError, PageCount, Votes};
pub use guard::{Access, Token, TokenError, is_host, is_loopback_host, is_origin_of};
pub use locale::{Arg, Direction, Language, Locale, Message, Remark, Rich, Strict};
pub use machine::{
    Bind, BindAnswer, ChartNow, DestinationView, DoctorNow, Filters, FindingView, FullIn, Gap,
    Happened, Happening, Held, HolderView, JsonAsked, LeaseView, LeasesNow, LimitView, ListAsked,
    ListNow, Look, Machine, Moment, News, NoteView, Outcome, PortAsked, PortNow, PortSettings,
    Printed, ProcessView, Role, RoomNow, Server, SocketView, Span, Spell, StateCount, Timeline,
    TimelineAsked, Told, Trouble, UnservedView, Viewer, Who, WhoAt,
};
pub use router::router;
pub use server::{Entrance, Listener, Tls, TlsError, serve};
pub use state::State;
