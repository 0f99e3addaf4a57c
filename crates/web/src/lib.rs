//! The chart of every port, and a page for each, as an HTTP service of the machine itself.
//!
//! [`router`] makes the service of a [`State`]. What is so on the machine it is told by a
//! [`Machine`], and in plain data: this crate looks at no socket and no process. Everything that it
//! serves is embedded; nothing is loaded from elsewhere.

mod asset;
mod machine;
mod page;
mod pages;
mod router;
mod server;
mod state;
mod when;

pub mod locale;

pub use locale::Locale;
pub use machine::{
    Bind, BindAnswer, ChartNow, Filters, Gap, Happened, Happening, Held, JsonAsked, ListAsked,
    ListNow, Look, Machine, Moment, News, PortAsked, PortNow, PortSettings, ProcessView, Role,
    SocketView, Span, Spell, StateCount, Timeline, TimelineAsked, Told, Trouble, Viewer, Who,
    WhoAt,
};
pub use router::router;
pub use server::serve;
pub use state::State;
