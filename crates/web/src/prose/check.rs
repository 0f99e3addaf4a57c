//! How to check a port with the tools of each system: lines to copy, and what they print. What the
//! tools of Linux print here is real; for macOS and Windows it is an example from real sockets.

use registry::{Port, Proto};

use super::command::{self, Command, Row};
use super::{Facts, Saying};

/// The systems that a page knows commands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    /// Linux, where the page is served.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Platform {
    /// Every system.
    pub const ALL: [Platform; 3] = [Platform::Linux, Platform::MacOs, Platform::Windows];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Platform::Linux => "Linux",
            Platform::MacOs => "macOS",
            Platform::Windows => "Windows",
        }
    }

    /// A word for anchors: `linux`, `macos` or `windows`.
    #[must_use]
    pub const fn anchor(self) -> &'static str {
        match self {
            Platform::Linux => "linux",
            Platform::MacOs => "macos",
            Platform::Windows => "windows",
        }
    }

    /// What to know before believing its tools.
    #[must_use]
    pub const fn caution(self) -> &'static Saying {
        match self {
            Platform::Linux => const { &Saying::new("check-root") },
            Platform::MacOs => const { &Saying::new("check-sudo") },
            Platform::Windows => const { &Saying::new("check-admin") },
        }
    }
}

/// A way to check.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The system that it works on.
    pub platform: Platform,
    /// What it is good for.
    pub purpose: Saying,
    /// What to type.
    pub commands: Vec<Command>,
    /// What comes of it.
    pub example: Example,
}

/// What a check prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Example {
    /// The machine has to be asked: this one of [`Tool`].
    Real(Tool),
    /// This, in the tool's format, of sockets that are open here.
    Made(String),
}

/// A tool whose output the machine knows, byte for byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tool {
    /// `ss` of iproute2.
    Ss,
    /// `lsof`.
    Lsof,
    /// portolan itself.
    Portolan,
}

/// The checks of the port of `facts`, whose sockets are `rows`.
#[must_use]
pub fn checks(facts: &Facts, rows: &[Row]) -> Vec<Check> {
    let mut all = linux(facts.port, facts.proto).to_vec();
    all.extend(macos(facts.port, facts.proto, rows));
    all.extend(windows(facts.port, facts.proto, rows));
    all
}

fn linux(port: Port, proto: Option<Proto>) -> [Check; 3] {
    let check = |purpose, command: String, tool| Check {
        platform: Platform::Linux,
        purpose: Saying::new(purpose),
        commands: vec![Command(command)],
        example: Example::Real(tool),
    };
    let target = proto.map_or_else(|| port.to_string(), |proto| format!("{port}/{proto}"));
    [
        check("check-portolan", format!("portolan --no-probe {target}"), Tool::Portolan),
        check(
            "check-listening",
            format!("sudo ss {} '( sport = :{port} or dport = :{port} )'", ss_flags(proto)),
            Tool::Ss,
        ),
        check("check-lsof", format!("sudo lsof -nP -i {}", lsof_filter(port, proto)), Tool::Lsof),
    ]
}

/// The flags of `ss` for the protocol.
fn ss_flags(proto: Option<Proto>) -> &'static str {
    match proto {
        Some(Proto::Tcp) => "-tanp",
        Some(Proto::Udp) => "-uanp",
        Some(Proto::Sctp) => "-Sanp",
        Some(Proto::Dccp) => "-danp",
        None => "-tuanp",
    }
}

/// The filter of `lsof`, which knows TCP and UDP.
fn lsof_filter(port: Port, proto: Option<Proto>) -> String {
    match proto {
        Some(proto @ (Proto::Tcp | Proto::Udp)) => {
            format!("{}:{port}", proto.name().to_uppercase())
        }
        _ => format!(":{port}"),
    }
}

fn macos(port: Port, proto: Option<Proto>, rows: &[Row]) -> [Check; 2] {
    let check = |purpose, command: String, example| Check {
        platform: Platform::MacOs,
        purpose: Saying::new(purpose),
        commands: vec![Command(command)],
        example: Example::Made(example),
    };
    let only = proto.map(|proto| format!(" -p {proto}")).unwrap_or_default();
    [
        check(
            "check-macos-lsof",
            format!("sudo lsof -nP -i {}", lsof_filter(port, proto)),
            command::macos_lsof(rows),
        ),
        check(
            "check-macos-netstat",
            format!("netstat -an{only} | grep '[.]{port} '"),
            command::macos_netstat(rows),
        ),
    ]
}

fn windows(port: Port, proto: Option<Proto>, rows: &[Row]) -> Vec<Check> {
    let check = |purpose, commands: Vec<String>, example| Check {
        platform: Platform::Windows,
        purpose: Saying::new(purpose),
        commands: commands.into_iter().map(Command).collect(),
        example: Example::Made(example),
    };
    let only = match proto {
        Some(Proto::Udp) => " -p UDP",
        Some(Proto::Tcp) => " -p TCP",
        _ => "",
    };
    let netstat = vec![format!("netstat -ano{only} | findstr :{port}")];
    let mut all = vec![check("check-windows-netstat", netstat, command::windows_netstat(rows))];
    let named = |cmdlet: &str| {
        vec![
            format!("{cmdlet} -LocalPort {port}"),
            format!("Get-Process -Id ({cmdlet} -LocalPort {port}).OwningProcess"),
        ]
    };
    if proto == Some(Proto::Udp) {
        let example = String::new();
        all.push(check("check-windows-udp", named("Get-NetUDPEndpoint"), example));
    } else {
        let here: Vec<Row> = rows.iter().filter(|row| row.has(port)).cloned().collect();
        let example = command::powershell(&here);
        all.push(check("check-windows-powershell", named("Get-NetTCPConnection"), example));
    }
    all
}
