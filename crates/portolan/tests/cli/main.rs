//! The program as people run it: real sockets, in network namespaces made for the test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod at_work;
mod bytes;
mod card;
mod chart;
mod doctor;
mod doctor_recorder;
mod hostile;
mod house;
mod killed;
mod language;
mod lease;
mod ls;
mod lsof_bytes;
mod metrics;
mod netns;
mod netstat_bytes;
mod odd;
mod owners_pin;
mod pilot;
mod pilot_programs;
mod pilot_signals;
mod pilot_switched;
mod ports;
mod range;
mod range_kept;
mod recalled;
mod record;
mod recorded;
mod room;
mod serve;
mod ss_bytes;
mod stop;
mod tracked;
mod transcripts;
mod usage;
mod watch;
mod who;
mod world;
