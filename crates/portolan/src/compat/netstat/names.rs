//! Names in place of numbers, for `netstat` without `-n`.
//!
//! Hosts are the resolver's business (`getnameinfo(3)`): it may ask a name server, and wait for it.
//! Of several services on one port the last of `services(5)` counts, unlike in `getservbyport(3)`,
//! and UDP's names stand for UDP-Lite too.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;

use registry::{Port, Proto};
use sockets::{ProcNetTable, Users};

use crate::compat::hosts;
use crate::compat::services::{Numbers, Services};
use crate::output::Escaped;

/// The names of this host, loaded.
#[derive(Debug)]
pub(super) struct Names {
    services: Services,
    protocols: Numbers,
    users: Users,
    hosts: RefCell<HashMap<IpAddr, Option<String>>>,
    terminal: bool,
}

impl Names {
    /// Reads the files. What a name server says of a host is escaped for a `terminal`.
    pub(super) fn load(terminal: bool) -> Names {
        Names {
            services: Services::read_last(),
            protocols: Numbers::of_ip_protocols(),
            users: Users::load(),
            hosts: RefCell::default(),
            terminal,
        }
    }

    /// The name of a host, if it has one; each is looked up once.
    pub(super) fn host(&self, addr: IpAddr) -> Option<String> {
        let mut hosts = self.hosts.borrow_mut();
        let look_up = || {
            let name = hosts::name(addr)?;
            Some(if self.terminal { Escaped(name.as_bytes()).to_string() } else { name })
        };
        hosts.entry(addr).or_insert_with(look_up).clone()
    }

    /// The name of a port in `table`.
    pub(super) fn port(&self, port: Port, table: ProcNetTable) -> Option<&[u8]> {
        match table {
            ProcNetTable::Tcp => self.services.name(port, Proto::Tcp),
            ProcNetTable::Udp | ProcNetTable::UdpLite => self.services.name(port, Proto::Udp),
            ProcNetTable::Raw => self.protocols.name(u8::try_from(port.number()).ok()?),
        }
    }

    /// The name of a user, if it has one.
    pub(super) fn user(&self, uid: u32) -> Option<String> {
        self.users.user(uid).name.map(|name| name.to_string())
    }
}
