//! This machine as the web is told of it: [`Local`] is its [`web::Machine`]. What the commands do
//! for one who asks once, this does for many who look again and again: one [`Survey`] of all sockets
//! for everybody, of which each viewer gets as much as they may know.

mod answers;
mod chart;
mod doctor;
mod happened;
mod hour;
mod kept;
mod leases;
mod local;
mod past;
mod room;
mod sight;
mod survey;
mod viewers;

pub(crate) use chart::{hour_to, recent, role_at};
pub(crate) use local::Local;
use sight::{Eyes, Sight, sees};
use survey::{Survey, Surveyor};
