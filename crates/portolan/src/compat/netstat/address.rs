//! Addresses as `netstat` spells them: `0.0.0.0:22`, `:::22`, `localhost:ssh`.
//!
//! Source of truth: what `netstat` 2.10 prints for made-up tables. Mapped addresses are spelled as
//! IPv4, and long ones are cut so that address and port fit the column.

use std::net::{IpAddr, Ipv6Addr};

use registry::Port;
use sockets::{Endpoint, ProcNetTable};

use super::names::Names;
use crate::compat::hosts;

/// One end of a socket, padded to its column; cut to fit it unless `wide`.
pub(super) fn cell(
    end: Endpoint,
    table: ProcNetTable,
    names: Option<&Names>,
    wide: bool,
) -> Vec<u8> {
    let mut cell = host(end.addr, names);
    let mut port = port(end.port, table, names);
    if !wide && cell.len() + port.len() >= WIDTH {
        port.truncate(LONGEST_PORT);
        cell.truncate(WIDTH - 1 - port.len());
    }
    cell.push(b':');
    cell.extend_from_slice(&port);
    cell.resize(cell.len().max(WIDTH), b' ');
    cell
}

fn host(addr: IpAddr, names: Option<&Names>) -> Vec<u8> {
    let numeric = || hosts::numeric(addr).into_bytes();
    match names {
        None => numeric(),
        Some(_) if addr == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => b"[::]".to_vec(),
        Some(_) if addr.is_unspecified() => numeric(),
        Some(names) => names.host(addr).map_or_else(numeric, String::into_bytes),
    }
}

fn port(port: Port, table: ProcNetTable, names: Option<&Names>) -> Vec<u8> {
    if port == Port::NONE {
        return b"*".to_vec();
    }
    let name = names.and_then(|names| names.port(port, table));
    name.map_or_else(|| port.to_string().into_bytes(), <[u8]>::to_vec)
}

/// The width of a column of addresses.
const WIDTH: usize = 23;
/// How much of a port's name stands where the column is too narrow for address and port.
const LONGEST_PORT: usize = 18;

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(addr: &str, port: u16, wide: bool) -> String {
        let end = Endpoint { addr: addr.parse().unwrap(), port: Port(port) };
        String::from_utf8(cell(end, ProcNetTable::Tcp, None, wide)).unwrap()
    }

    #[test]
    fn numbers_are_spelled_as_netstat_does() {
        for (addr, port, shown) in [
            ("0.0.0.0", 0, "0.0.0.0:*              "),
            ("::", 22, ":::22                  "),
            ("::ffff:127.0.0.1", 80, "127.0.0.1:80           "),
            ("::127.0.0.1", 80, "::127.0.0.1:80         "),
            ("::1", 65535, "::1:65535              "),
            ("2001:db8:aaaa:bbbb:cccc:dddd:c0a8:64c8", 65535, "2001:db8:aaaa:bbb:65535"),
            ("2001:db8:4433:2211:8877:6655:1111:2222", 0, "2001:db8:4433:2211:88:*"),
        ] {
            assert_eq!(numbers(addr, port, false), shown);
        }
        let whole = "2001:db8:aaaa:bbbb:cccc:dddd:c0a8:64c8:65535";
        assert_eq!(numbers(&whole[..38], 65535, true), whole);
    }
}
