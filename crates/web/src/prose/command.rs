//! What the tools of macOS and Windows would print of a socket, in their own formats: `lsof` and
//! `netstat` of Apple's file_cmds and network_cmds (`inet.c`), `netstat -ano` of Windows, and
//! `Get-NetTCPConnection` of PowerShell's module `NetTCPIP`. No such system runs here: they are
//! examples, made from real sockets.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use registry::{Port, Proto};

use crate::{SocketView, Who};

/// A socket, as far as those tools tell of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    proto: Proto,
    /// Its own address; `None` for every address of both families.
    local: Option<IpAddr>,
    local_port: Port,
    remote: Option<(IpAddr, Port)>,
    state: &'static str,
    /// The name and number of the process; `None` where no process has it or it may not be known.
    process: Option<(String, String)>,
    user: String,
}

/// A line to type, for whatever it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(pub String);

impl Row {
    /// The row of `socket`; `None` where an end of it cannot be told to those tools.
    #[must_use]
    pub fn of(socket: &SocketView) -> Option<Row> {
        let remote = match (&socket.remote, socket.remote_port) {
            (Some(text), Some(port)) => Some((address(text)??, port)),
            _ => None,
        };
        let process = match &socket.who {
            Who::Known(names) => names.first().and_then(|name| split_process(name)),
            _ => None,
        };
        Some(Row {
            proto: socket.proto,
            local: address(&socket.local)?,
            local_port: socket.local_port,
            remote,
            state: socket.state,
            process,
            user: socket.user.clone(),
        })
    }

    /// Whether the socket's own port is `port`.
    pub(super) fn has(&self, port: Port) -> bool {
        self.local_port == port
    }

    fn is_v6(&self) -> bool {
        self.local.is_none_or(|addr| addr.is_ipv6())
    }
}

/// `lsof -nP -i :PORT` as macOS prints it. The device's number and the descriptor are made up.
#[must_use]
pub fn macos_lsof(rows: &[Row]) -> String {
    let held: Vec<(&Row, &(String, String))> =
        rows.iter().filter_map(|row| Some((row, row.process.as_ref()?))).collect();
    if held.is_empty() {
        return String::new();
    }
    let widest = |width: fn(&(&Row, &(String, String))) -> usize, least: usize| {
        held.iter().map(width).max().unwrap_or_default().max(least)
    };
    let command = widest(|(_, process)| process.0.chars().count().min(9), 7);
    let pid = widest(|(_, process)| process.1.len(), 5);
    let user = widest(|(row, _)| row.user.chars().count(), 4);
    let mut text = format!(
        "{:command$} {:>pid$} {:>user$}   FD   TYPE             DEVICE SIZE/OFF NODE NAME\n",
        "COMMAND", "PID", "USER"
    );
    for (nth, (row, (name, id))) in held.iter().enumerate() {
        let family = if row.is_v6() { "IPv6" } else { "IPv4" };
        let over = row.proto.name().to_uppercase();
        let name: String = name.replace(' ', "\\x20").chars().take(9).collect();
        let far = row.remote.map(|(addr, port)| format!("->{}", colon(Some(addr), port)));
        let state = if row.proto == Proto::Tcp {
            format!(" ({})", bsd_state(row.state))
        } else {
            String::new()
        };
        let near = colon(row.local.filter(|addr| !addr.is_unspecified()), row.local_port);
        let device = 0x5ea0_0000_0000_0000_u64 + nth as u64;
        writeln!(
            text,
            "{name:command$} {id:>pid$} {:>user$} {:>4}u  {family} {device:#018x}      0t0  {over} {near}{}{state}",
            row.user,
            nth + 3,
            far.unwrap_or_default()
        )
        .expect("a string takes every write");
    }
    text
}

/// `netstat -an` as macOS prints it, without its heading: ports stand behind a point.
#[must_use]
pub fn macos_netstat(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in rows {
        let family = match row.local {
            None if row.proto == Proto::Tcp => "46",
            Some(IpAddr::V4(_)) => "4",
            _ => "6",
        };
        let near = point(row.local.filter(|addr| !addr.is_unspecified()), row.local_port);
        let far = row.remote.map_or("*.*".to_owned(), |(addr, port)| point(Some(addr), port));
        let state = if row.proto == Proto::Tcp { bsd_state(row.state) } else { "" };
        let proto = format!("{}{family}", row.proto);
        let line = format!("{proto:<5} {:>6} {:>6}  {near:<22.22} {far:<22.22} {state:<11}", 0, 0);
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// `netstat -ano | findstr` as Windows prints it. A socket for both families has a row for each.
#[must_use]
pub fn windows_netstat(rows: &[Row]) -> String {
    let mut text = String::new();
    for row in windows_rows(rows) {
        let local = bracketed(row.local, row.local_port);
        let remote = match row.remote {
            Some((addr, port)) => bracketed(addr, port),
            None if row.proto == Proto::Udp => "*:*".to_owned(),
            None => bracketed(unspecified_like(row.local), Port(0)),
        };
        let proto = row.proto.name().to_uppercase();
        let state = if row.proto == Proto::Tcp { windows_state(row.state) } else { "" };
        writeln!(text, "  {proto:<6} {local:<22} {remote:<22} {state:<15} {}", row.pid)
            .expect("a string takes every write");
    }
    text
}

/// `Get-NetTCPConnection -LocalPort PORT` as PowerShell prints it.
#[must_use]
pub fn powershell(rows: &[Row]) -> String {
    let tcp = windows_rows(rows).into_iter().filter(|row| row.proto == Proto::Tcp);
    let mut body = String::new();
    for row in tcp {
        let (addr, port) = row.remote.unwrap_or((unspecified_like(row.local), Port(0)));
        let setting = if row.remote.is_some() { "Internet" } else { "" };
        let state = powershell_state(row.state);
        let line = format!(
            "{:<35} {:<9} {:<35} {:<10} {state:<11} {setting:<14} {}",
            row.local.to_string(),
            row.local_port,
            addr.to_string(),
            port,
            row.pid
        );
        body.push_str(&line);
        body.push('\n');
    }
    if body.is_empty() {
        return body;
    }
    let titles = [
        ("LocalAddress", 35),
        ("LocalPort", 9),
        ("RemoteAddress", 35),
        ("RemotePort", 10),
        ("State", 11),
        ("AppliedSetting", 14),
        ("OwningProcess", 13),
    ];
    let line = |cell: &dyn Fn(&str) -> String| {
        let cells = titles.iter().map(|(title, width)| format!("{:<width$}", cell(title)));
        cells.collect::<Vec<_>>().join(" ").trim_end().to_owned()
    };
    let heading = line(&str::to_owned);
    let rule = line(&|title| "-".repeat(title.len()));
    format!("{heading}\n{rule}\n{body}")
}

/// A row as Windows has it: of one family, with a number of a process in any case.
struct WindowsRow<'a> {
    proto: Proto,
    local: IpAddr,
    local_port: Port,
    remote: Option<(IpAddr, Port)>,
    state: &'static str,
    pid: &'a str,
}

/// TCP before UDP, IPv4 before IPv6. Who closed a connection has given it to process 0.
fn windows_rows(rows: &[Row]) -> Vec<WindowsRow<'_>> {
    const BOTH: [IpAddr; 2] =
        [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let mut all = Vec::new();
    for row in rows {
        let locals = row.local.map_or_else(|| BOTH.to_vec(), |addr| vec![addr]);
        let pid = row.process.as_ref().map_or("0", |(_, pid)| pid);
        all.extend(locals.into_iter().map(|local| WindowsRow {
            proto: row.proto,
            local,
            local_port: row.local_port,
            remote: row.remote,
            state: row.state,
            pid: if row.state == "TIME-WAIT" { "0" } else { pid },
        }));
    }
    all.sort_by_key(|row| (row.proto, row.local, row.local_port, row.remote));
    all
}

fn unspecified_like(addr: IpAddr) -> IpAddr {
    match addr {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

/// The address of `127.0.0.1:80`, `[::1]:80`, `*:80` or `127.0.0.53%lo:53`; the inner `None` is any
/// address of both families.
fn address(end: &str) -> Option<Option<IpAddr>> {
    let (host, _) = end.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    let host = host.split('%').next().unwrap_or(host);
    if host == "*" { Some(None) } else { host.parse().ok().map(Some) }
}

/// `nginx (812)` in its two parts.
fn split_process(text: &str) -> Option<(String, String)> {
    let (name, rest) = text.rsplit_once(" (")?;
    Some((name.to_owned(), rest.strip_suffix(')')?.to_owned()))
}

/// As `lsof` writes an end: `*:80`, `127.0.0.1:80`, `[::1]:80`.
fn colon(addr: Option<IpAddr>, port: Port) -> String {
    addr.map_or_else(|| format!("*:{port}"), |addr| bracketed(addr, port))
}

fn bracketed(addr: IpAddr, port: Port) -> String {
    match addr {
        IpAddr::V4(addr) => format!("{addr}:{port}"),
        IpAddr::V6(addr) => format!("[{addr}]:{port}"),
    }
}

fn point(addr: Option<IpAddr>, port: Port) -> String {
    addr.map_or_else(|| format!("*.{port}"), |addr| format!("{addr}.{port}"))
}

/// The words of BSD, which macOS kept.
fn bsd_state(state: &str) -> &'static str {
    match state {
        "LISTEN" => "LISTEN",
        "ESTAB" => "ESTABLISHED",
        "SYN-SENT" => "SYN_SENT",
        "SYN-RECV" => "SYN_RCVD",
        "FIN-WAIT-1" => "FIN_WAIT_1",
        "FIN-WAIT-2" => "FIN_WAIT_2",
        "TIME-WAIT" => "TIME_WAIT",
        "CLOSE-WAIT" => "CLOSE_WAIT",
        "LAST-ACK" => "LAST_ACK",
        "CLOSING" => "CLOSING",
        _ => "CLOSED",
    }
}

fn windows_state(state: &str) -> &'static str {
    match state {
        "LISTEN" => "LISTENING",
        "SYN-RECV" => "SYN_RECEIVED",
        other => bsd_state(other),
    }
}

fn powershell_state(state: &str) -> &'static str {
    match state {
        "LISTEN" => "Listen",
        "ESTAB" => "Established",
        "SYN-SENT" => "SynSent",
        "SYN-RECV" => "SynReceived",
        "FIN-WAIT-1" => "FinWait1",
        "FIN-WAIT-2" => "FinWait2",
        "TIME-WAIT" => "TimeWait",
        "CLOSE-WAIT" => "CloseWait",
        "LAST-ACK" => "LastAck",
        "CLOSING" => "Closing",
        _ => "Bound",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(proto: Proto, local: &str, remote: Option<&str>, state: &'static str) -> Row {
        let port = |end: &str| Port(end.rsplit_once(':').unwrap().1.parse().unwrap());
        Row {
            proto,
            local: address(local).unwrap(),
            local_port: port(local),
            remote: remote.map(|end| (address(end).unwrap().unwrap(), port(end))),
            state,
            process: Some(("nginx".into(), "812".into())),
            user: "root".into(),
        }
    }

    fn rows() -> Vec<Row> {
        vec![
            row(Proto::Udp, "0.0.0.0:8080", None, "UNCONN"),
            row(Proto::Tcp, "*:8080", None, "LISTEN"),
            row(Proto::Tcp, "127.0.0.1:8080", Some("127.0.0.1:45678"), "ESTAB"),
            row(Proto::Tcp, "[::1]:8080", Some("[::1]:45679"), "TIME-WAIT"),
        ]
    }

    #[test]
    fn netstat_of_windows() {
        assert_eq!(
            windows_netstat(&rows()),
            "  TCP    0.0.0.0:8080           0.0.0.0:0              LISTENING       812\n\
             \x20 TCP    127.0.0.1:8080         127.0.0.1:45678        ESTABLISHED     812\n\
             \x20 TCP    [::]:8080              [::]:0                 LISTENING       812\n\
             \x20 TCP    [::1]:8080             [::1]:45679            TIME_WAIT       0\n\
             \x20 UDP    0.0.0.0:8080           *:*                                    812\n"
        );
    }

    #[test]
    fn powershell_has_no_udp_in_it() {
        let text = powershell(&rows()[1..3]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[..3],
            [
                "LocalAddress                        LocalPort RemoteAddress                       RemotePort State       AppliedSetting OwningProcess",
                "------------                        --------- -------------                       ---------- -----       -------------- -------------",
                "0.0.0.0                             8080      0.0.0.0                             0          Listen                     812",
            ]
        );
        assert!(lines[3].ends_with("45678      Established Internet       812"), "{text}");
        assert_eq!(powershell(&rows()[..1]), "");
    }

    #[test]
    fn netstat_of_macos_has_points_before_ports() {
        assert_eq!(
            macos_netstat(&rows()[..3]),
            "udp4       0      0  *.8080                 *.*                               \n\
             tcp46      0      0  *.8080                 *.*                    LISTEN     \n\
             tcp4       0      0  127.0.0.1.8080         127.0.0.1.45678        ESTABLISHED\n"
        );
    }

    #[test]
    fn lsof_of_macos_shows_what_a_process_has() {
        let mut rows = rows();
        rows[0].process = None;
        assert_eq!(
            macos_lsof(&rows[..3]),
            "COMMAND   PID USER   FD   TYPE             DEVICE SIZE/OFF NODE NAME\n\
             nginx     812 root    3u  IPv6 0x5ea0000000000000      0t0  TCP *:8080 (LISTEN)\n\
             nginx     812 root    4u  IPv4 0x5ea0000000000001      0t0  TCP 127.0.0.1:8080->127.0.0.1:45678 (ESTABLISHED)\n"
        );
        assert_eq!(macos_lsof(&rows[..1]), "");
    }
}
