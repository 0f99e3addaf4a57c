//! Was this page helpful? Three faces, one vote of a browser for a page, kept with language and
//! time; `/feedback` shows the operator what came of it.

mod count;
mod file;
mod form;
mod pace;
mod votes;

pub use count::PageCount;
pub(crate) use form::{Question, show, vote};
pub use votes::{Face, FeedbackError, Votes};
