//! The same change on other systems, as the commands that make it. Sources: `netsh int ipv4 set
//! dynamicport` (Microsoft Learn), `ip(4)` of FreeBSD, `sysctl(8)` of macOS.

use std::io::Write;

use anyhow::bail;
use registry::{Port, PortRange};
use serde::Serialize;
use sockets::PortSettings;

use super::change::{refuse_few, refuse_low};
use crate::args::{OutputArgs, SystemName};
use crate::output::json::SCHEMA;

/// Prints the commands.
pub(super) fn write(
    system: SystemName,
    range: PortRange,
    reserved: &[PortRange],
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    refuse_nonsense(system, range, reserved)?;
    let commands = commands(system, range, reserved);
    if output.json {
        serde_json::to_writer_pretty(&mut *out, &CommandsJson { schema: SCHEMA, commands })?;
        return Ok(writeln!(out)?);
    }
    for command in commands {
        writeln!(out, "{command}")?;
    }
    Ok(())
}

/// As for our own range. Windows takes none that begins below 1025, nor fewer than 255 ports, and is the
/// only one that reserves any.
fn refuse_nonsense(
    system: SystemName,
    range: PortRange,
    reserved: &[PortRange],
) -> anyhow::Result<()> {
    refuse_low(range)?;
    if system != SystemName::Windows {
        return refuse_few(range, range.count() as usize);
    }
    if range.first() < Port(1025) {
        bail!("{range} begins at 1024, and Windows takes none below 1025; begin at 1025 or above");
    }
    let reserved = reserved.to_vec();
    let all = PortSettings { ephemeral: range, reserved, unprivileged_start: Port(1024) };
    refuse_few(range, all.handed_out())
}

#[derive(Serialize)]
struct CommandsJson {
    schema: &'static str,
    commands: Vec<String>,
}

fn commands(system: SystemName, range: PortRange, reserved: &[PortRange]) -> Vec<String> {
    match system {
        SystemName::Windows => windows(range, reserved),
        SystemName::Macos => {
            let mut commands =
                bsd(range, "sudo sysctl -w ", &["first", "last", "hifirst", "hilast"]);
            commands.push("# until the next boot: macOS reads no sysctl.conf; a launchd daemon that runs this makes it last".to_owned());
            commands.extend(unreserved(reserved, "macOS"));
            commands
        }
        SystemName::Freebsd => {
            let names = ["first", "last", "hifirst", "hilast"];
            let mut commands = bsd(range, "sysctl ", &names);
            let lines = bsd(range, "", &names).join("\\n");
            commands.push(format!("printf '{lines}\\n' >> /etc/sysctl.conf"));
            commands.extend(unreserved(reserved, "FreeBSD"));
            commands
        }
    }
}

/// The range is written as its first port and how many there are.
fn windows(range: PortRange, reserved: &[PortRange]) -> Vec<String> {
    let pairs = [("ipv4", "tcp"), ("ipv4", "udp"), ("ipv6", "tcp"), ("ipv6", "udp")];
    let (first, count) = (range.first(), range.count());
    let mut commands: Vec<String> = pairs
        .iter()
        .map(|(ip, proto)| {
            format!("netsh int {ip} set dynamicport {proto} start={first} num={count}")
        })
        .collect();
    for one in reserved {
        commands.extend(pairs.iter().map(|(ip, proto)| {
            format!(
                "netsh int {ip} add excludedportrange protocol={proto} startport={} numberofports={} store=persistent",
                one.first(),
                one.count()
            )
        }));
    }
    commands
}

/// Both pairs: connections draw from the first, those that ask for IP_PORTRANGE_HIGH from the second.
fn bsd(range: PortRange, command: &str, names: &[&str]) -> Vec<String> {
    let value = |name: &str| if name.ends_with("first") { range.first() } else { range.last() };
    names
        .iter()
        .map(|name| format!("{command}net.inet.ip.portrange.{name}={}", value(name)))
        .collect()
}

fn unreserved(reserved: &[PortRange], system: &str) -> Option<String> {
    (!reserved.is_empty())
        .then(|| format!("# {system} cannot reserve single ports: choose a range beside them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_takes_a_start_and_a_number() {
        let range = PortRange::new(Port(49152), Port(65535)).unwrap();
        let commands = commands(SystemName::Windows, range, &[Port(51820).into()]);
        assert_eq!(commands[0], "netsh int ipv4 set dynamicport tcp start=49152 num=16384");
        assert_eq!(
            commands[5],
            "netsh int ipv4 add excludedportrange protocol=udp startport=51820 numberofports=1 store=persistent"
        );
        assert_eq!(commands.len(), 8);
    }

    #[test]
    fn the_bsds_have_both_ranges_changed() {
        let range = PortRange::new(Port(20000), Port(30000)).unwrap();
        let freebsd = commands(SystemName::Freebsd, range, &[]);
        assert_eq!(freebsd[0], "sysctl net.inet.ip.portrange.first=20000");
        assert!(freebsd[4].ends_with("hilast=30000\\n' >> /etc/sysctl.conf"), "{}", freebsd[4]);
        let macos = commands(SystemName::Macos, range, &[Port(20001).into()]);
        assert_eq!(macos[1], "sudo sysctl -w net.inet.ip.portrange.last=30000");
        assert!(macos[5].starts_with("# macOS cannot reserve"), "{macos:?}");
    }
}
