//! What those who asked for a lease may want to know, though they got it.

use std::fmt;

use registry::{Port, PortRange};

/// Something about a lease that its taker may want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Remark {
    /// Ports that come into question are of this range, which the kernel hands out.
    Ephemeral(PortRange),
    /// The ports that the name had are somebody else's at present.
    Moved {
        /// They.
        had: Vec<Port>,
    },
    /// The name may have another port next time: why it is not remembered.
    NotRemembered(String),
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remark::Ephemeral(range) => write!(
                f,
                "the kernel hands out {range} to any outgoing connection and to whoever binds port 0: a port \
                 from there is safe only while it is held, and may be gone before a server binds it again"
            ),
            Remark::Moved { had } => {
                let had: Vec<String> = had.iter().map(Port::to_string).collect();
                let (had, one) = (had.join(", "), had.len() == 1);
                let (is, port) = if one { ("is", "another port") } else { ("are", "other ports") };
                write!(f, "{had}, which the name had before, {is} not free: {port} this time")
            }
            Remark::NotRemembered(why) => {
                write!(f, "which port the name has is not remembered for the next time: {why}")
            }
        }
    }
}
