//! The port settings of a network namespace, from `/proc/sys/net/ipv4` (`ip-sysctl.rst`).
//!
//! The files show the namespace of the thread that opens them.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use registry::{Port, PortRange};

use crate::{Error, PortSettings};

/// Reads the port settings of our own network namespace.
pub(super) fn port_settings() -> Result<PortSettings, Error> {
    Ok(PortSettings {
        ephemeral: read("ip_local_port_range", parse_range)?,
        reserved: read("ip_local_reserved_ports", parse_list)?,
        unprivileged_start: read("ip_unprivileged_port_start", parse_port)?,
    })
}

fn read<T>(name: &str, parse: fn(&[u8]) -> Option<T>) -> Result<T, Error> {
    let path = Path::new("/proc/sys/net/ipv4").join(name);
    let text = at_once(&path).map_err(|source| proc_error(&path, source))?;
    parse(&text).ok_or_else(|| proc_error(&path, io::ErrorKind::InvalidData.into()))
}

/// Reads a file by one call: of a list of ports the kernel gives what fits, and nothing to the next call
/// (`proc_do_large_bitmap` of `kernel/sysctl.c`).
fn at_once(path: &Path) -> io::Result<Vec<u8>> {
    let mut text = vec![0; LONGEST];
    let length = File::open(path)?.read(&mut text)?;
    text.truncate(length);
    Ok(text)
}

fn proc_error(path: &Path, source: io::Error) -> Error {
    Error::Proc { path: PathBuf::from(path), source }
}

/// Two ports with a tab between: `32768 60999`.
pub(super) fn parse_range(text: &[u8]) -> Option<PortRange> {
    let mut ports = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let range = PortRange::new(parse_port(ports.next()?)?, parse_port(ports.next()?)?);
    range.filter(|_| ports.next().is_none())
}

/// Ports and ranges with commas between, or nothing: `8080,9000-9100`.
pub(super) fn parse_list(text: &[u8]) -> Option<Vec<PortRange>> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Some(Vec::new());
    }
    text.split(|byte| *byte == b',').map(parse_item).collect()
}

fn parse_item(item: &[u8]) -> Option<PortRange> {
    match item.iter().position(|byte| *byte == b'-') {
        None => parse_port(item).map(PortRange::from),
        Some(dash) => PortRange::new(parse_port(&item[..dash])?, parse_port(&item[dash + 1..])?),
    }
}

fn parse_port(text: &[u8]) -> Option<Port> {
    let digits = text.trim_ascii();
    if digits.first() == Some(&b'+') {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok().map(Port)
}

/// Every other port, with commas between.
const LONGEST: usize = 32_768 * 6;

#[cfg(test)]
mod tests {
    use super::*;

    fn range(first: u16, last: u16) -> PortRange {
        PortRange::new(Port(first), Port(last)).unwrap()
    }

    #[test]
    fn the_local_range_as_the_kernel_prints_it() {
        assert_eq!(parse_range(b"32768\t60999\n"), Some(range(32768, 60999)));
        for bad in ["", "\n", "32768\n", "60999\t32768\n", "1 2 3\n", "1 65536\n", "-1 5\n", "a b"]
        {
            assert_eq!(parse_range(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn reserved_ports_are_a_list_that_may_be_empty() {
        assert_eq!(parse_list(b"\n"), Some(Vec::new()));
        let expected = vec![range(22, 22), range(8080, 8082), range(65535, 65535)];
        assert_eq!(parse_list(b"22,8080-8082,65535\n"), Some(expected));
        for bad in [",", "1,", "1-", "-1", "9-8", "1-2-3", "65536", "+5", "\u{661}"] {
            assert_eq!(parse_list(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn this_host_has_settings() {
        let settings = port_settings().unwrap();
        assert!(settings.ephemeral.count() > 1);
    }
}
