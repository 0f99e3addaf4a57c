//! This machine as the commands ask it: the one place that knows whether programs may run in the
//! kernel. The stand-ins do not ask here: they show what the tools of their names find in `/proc`.

#[cfg(not(feature = "bpf"))]
#[path = "without_bpf.rs"]
mod chosen;
#[cfg(feature = "bpf")]
#[path = "with_bpf.rs"]
mod chosen;

pub(crate) use chosen::{host, pilot_counts, pin, recorder, unpin};
