//! The program as people run it: real sockets, in network namespaces made for the test.

mod card;
mod ls;
mod netns;
mod transcripts;
mod usage;
