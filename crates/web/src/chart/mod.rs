//! The chart: all 65,536 ports as one picture. Pure: what is so comes in as [`Layers`], SVG or PNG
//! goes out; asking the host and serving the page are done elsewhere.
//!
//! Ports lie along a Hilbert curve ([`Cell`]); the territories are drawn as coasts, System and User
//! Ports as land, Dynamic Ports as the sea, and this host's ephemeral range as what the tide
//! takes. Over that lie the layers of what is assigned, held and was held.

mod coast;
mod hilbert;
mod layers;
mod lettering;
mod names;
mod outline;
mod palette;
mod panel;
mod png;
mod port_set;
mod rose;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod words;

pub use hilbert::{Cell, SIDE};
pub use layers::{Layer, Layers, ParseShownError, Shown, assigned};
pub use names::service_name;
pub use palette::Light;
pub use png::{PngError, Width, png};
pub use port_set::PortSet;
pub use svg::{Caption, Chart, Sheet};
pub use words::Words;
