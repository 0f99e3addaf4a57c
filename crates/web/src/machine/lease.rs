//! Ports that are kept for somebody.

use registry::Port;

use super::Moment;

/// The leased ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeasesNow {
    /// The leases, by port.
    pub leases: Vec<LeaseView>,
}

/// A leased port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseView {
    /// The port.
    pub port: Port,
    /// The protocols, `tcp,udp`; empty where that is not known.
    pub protos: String,
    /// The name that it was leased by; empty without one, or where it is not the viewer's to see.
    pub name: String,
    /// The project that the name is of; empty likewise.
    pub project: String,
    /// Since when.
    pub since: Option<Moment>,
    /// Who holds it: `portolan (4711)`; `None` where that is not the viewer's to see.
    pub holder: Option<String>,
    /// The user behind it; empty where that is not known.
    pub user: String,
    /// Who serves there; `None` where nobody does yet.
    pub server: Option<Server>,
}

/// Who serves on a leased port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// This process: `nginx (812)`.
    Known(String),
    /// One that is not the viewer's to see.
    Hidden,
}
