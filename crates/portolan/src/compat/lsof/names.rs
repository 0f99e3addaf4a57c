//! Names for numbers in the column NAME, and numbers for names in `-i`.
//!
//! Source of truth: what `lsof` 4.95 prints. Hosts are the resolver's business; services are those
//! of `/etc/services`, where `lsof` looks up names for UDP-Lite but no numbers.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, ToSocketAddrs};

use registry::{Port, Proto};
use sockets::Endpoint;

use super::address::Transport;
use super::options::{Form, Options};
use super::port_names::PortNames;
use crate::compat::hosts;
use crate::compat::services::Services;

/// Names numbers, or leaves them as they are.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// `None` with `-P`.
    ports: Option<RefCell<PortNames>>,
    /// `None` with `-n`; the names met so far.
    hosts: Option<RefCell<HashMap<IpAddr, Option<String>>>>,
}

impl Names {
    /// What `options` ask for: none where none is printed, since a name server may take its time.
    pub(super) fn new(options: &Options) -> Names {
        let printed = match options.form {
            Form::Table => true,
            Form::Pids => false,
            Form::Fields(fields) => fields.has('n'),
        };
        let ports = || RefCell::new(PortNames::of(Services::read()));
        Names {
            ports: (printed && !options.numeric_ports).then(ports),
            hosts: (printed && !options.numeric_hosts).then(RefCell::default),
        }
    }

    /// One end of a socket: `127.0.0.1:80`, `*:http`.
    pub(super) fn end(&self, end: &Endpoint, transport: Transport) -> Vec<u8> {
        let mut text = self.host(end.canonical()).into_bytes();
        text.push(b':');
        text.extend(self.port(end.port, transport));
        text
    }

    fn host(&self, addr: IpAddr) -> String {
        if addr.is_unspecified() {
            return "*".to_owned();
        }
        let name = self.hosts.as_ref().and_then(|hosts| {
            hosts.borrow_mut().entry(addr).or_insert_with(|| hosts::name(addr)).clone()
        });
        name.unwrap_or_else(|| match addr {
            IpAddr::V4(_) => hosts::numeric(addr),
            IpAddr::V6(_) => format!("[{}]", hosts::numeric(addr)),
        })
    }

    fn port(&self, port: Port, transport: Transport) -> Vec<u8> {
        if port == Port::NONE {
            return b"*".to_vec();
        }
        let named = || {
            let mut ports = self.ports.as_ref()?.borrow_mut();
            ports.next(port, proto(transport)?).map(<[u8]>::to_vec)
        };
        named().unwrap_or_else(|| port.to_string().into_bytes())
    }
}

/// The ports of services, by name or alias.
#[derive(Debug)]
pub(super) struct Ports(Vec<u8>);

impl Ports {
    /// Reads `/etc/services`.
    pub(super) fn read() -> Ports {
        Ports(fs::read("/etc/services").unwrap_or_default())
    }

    /// The port of the service called `name` over `transport`, or whichever has it.
    ///
    /// # Errors
    /// One line if there is no such service, or if over TCP it is another port than over UDP.
    pub(super) fn find(&self, name: &str, transport: Option<Transport>) -> Result<Port, String> {
        let over = |transport| self.find_over(name, transport);
        let shown = name.escape_debug();
        let found = match transport {
            Some(transport) => over(transport),
            None => match (over(Transport::Tcp), over(Transport::Udp)) {
                (Some(tcp), Some(udp)) if tcp != udp => {
                    return Err(format!("service {shown} is {tcp}/tcp and {udp}/udp: say which"));
                }
                (tcp, udp) => tcp.or(udp),
            },
        };
        let over = transport.map(|t| format!(" for {}", t.name())).unwrap_or_default();
        found.ok_or_else(|| format!("unknown service {shown}{over}"))
    }

    fn find_over(&self, name: &str, transport: Transport) -> Option<Port> {
        let suffix = format!("/{}", transport.name().to_ascii_lowercase());
        self.0.split(|byte| *byte == b'\n').find_map(|line| {
            let line = str::from_utf8(line.split(|byte| *byte == b'#').next()?).ok()?;
            let mut words = line.split_ascii_whitespace();
            let (first, value) = (words.next()?, words.next()?);
            let number = value.strip_suffix(&suffix)?;
            let named = first == name || words.any(|alias| alias == name);
            if named { number.parse().ok().map(Port) } else { None }
        })
    }
}

/// The addresses of the host called `name`; empty where it has none.
pub(super) fn addresses(name: &str) -> Vec<IpAddr> {
    (name, 0).to_socket_addrs().map(|found| found.map(|end| end.ip()).collect()).unwrap_or_default()
}

/// The protocol whose services are those of `transport`.
fn proto(transport: Transport) -> Option<Proto> {
    match transport {
        Transport::Tcp => Some(Proto::Tcp),
        Transport::Udp => Some(Proto::Udp),
        Transport::UdpLite => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_found_as_in_lsof() {
        let ports = Ports(
            b"http 80/tcp www # x\nshell 514/tcp\nab 5000/tcp\nab 5001/udp\nlite 7/udplite\nbad\n"
                .to_vec(),
        );
        assert_eq!(ports.find("www", None), Ok(Port(80)));
        assert_eq!(ports.find("shell", None), Ok(Port(514)));
        assert_eq!(ports.find("ab", Some(Transport::Udp)), Ok(Port(5001)));
        assert!(ports.find("ab", None).unwrap_err().contains("5000/tcp and 5001/udp"));
        assert_eq!(ports.find("lite", Some(Transport::UdpLite)), Ok(Port(7)));
        for (name, transport) in [("HTTP", None), ("http", Some(Transport::Udp)), ("lite", None)] {
            assert!(ports.find(name, transport).unwrap_err().starts_with("unknown service"));
        }
    }

    #[test]
    fn numbers_stay_where_names_are_not_wanted() {
        let names = Names::default();
        let end = |addr: &str, port| {
            let end = Endpoint { addr: addr.parse().unwrap(), port: Port(port) };
            String::from_utf8(names.end(&end, Transport::Tcp)).unwrap()
        };
        assert_eq!(end("::", 80), "*:80");
        assert_eq!(end("0.0.0.0", 0), "*:*");
        assert_eq!(end("::ffff:127.0.0.1", 80), "127.0.0.1:80");
        assert_eq!(end("::ffff:0.0.0.0", 80), "*:80");
        assert_eq!(end("::1.2.3.4", 80), "[::1.2.3.4]:80");
        assert_eq!(end("fe80::7", 80), "[fe80::7]:80");
    }
}
