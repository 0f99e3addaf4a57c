//! Who held which port, at any past moment: tenures on disk.
//!
//! A recorder gives what happened to a [`Store`]; it keeps what is open in memory and in a journal,
//! and seals what has ended into hourly Parquet segments that every data tool reads. An [`Archive`]
//! reads the same directory without being the recorder. Both answer a [`Question`].
//!
//! What the log does not know is data: a [`Gap`] says since when, until when and why.

mod batch;
mod change;
mod codec;
mod error;
mod file;
#[doc(hidden)]
pub mod fuzz;
mod journal;
mod ledger;
mod matching;
mod question;
mod segment;
mod store;
mod tenure;
mod timeline;

pub use batch::{Batch, Clock, Row};
pub use change::{Change, Verb};
pub use codec::Encoded;
pub use error::Error;
pub use ledger::Ledger;
pub use question::{Answer, Question, Remote};
pub use segment::{Damage, Found, Host, Removed, Segment, SegmentAbout, Segments, seal, tidy};
pub use store::{Archive, Disk, Pending, Recovery, Settings, Status, Store, members_group};
pub use tenure::{Gap, GapReason, Moment, Party, Tenure, Viewer};
pub use timeline::{HostTime, Now, TimeSource};
