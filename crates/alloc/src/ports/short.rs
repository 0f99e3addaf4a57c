//! Few ports: a sorted list, two bytes each.

use alloc::vec::Vec;

use registry::Port;

use crate::allowed::Allowed;

/// Ports, ascending.
#[derive(Debug)]
pub(crate) struct Short(Vec<u16>);

impl Short {
    pub(crate) const fn new() -> Short {
        Short(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn first(&self) -> Option<Port> {
        self.0.first().copied().map(Port)
    }

    pub(crate) fn last(&self) -> Option<Port> {
        self.0.last().copied().map(Port)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Port> {
        self.0.iter().copied().map(Port)
    }

    pub(crate) fn contains(&self, port: Port) -> bool {
        self.0.binary_search(&port.number()).is_ok()
    }

    pub(crate) fn insert(&mut self, port: Port) {
        let place = self.0.partition_point(|&other| other < port.number());
        self.0.insert(place, port.number());
    }

    pub(crate) fn remove(&mut self, port: Port) {
        if let Ok(place) = self.0.binary_search(&port.number()) {
            self.0.remove(place);
        }
    }

    pub(crate) fn next_free(&self, from: Port, allowed: &Allowed) -> Option<Port> {
        let mut free = allowed.next(from)?;
        let place = self.0.partition_point(|&port| port < free.number());
        for &port in &self.0[place..] {
            if port > free.number() {
                break;
            }
            if port == free.number() {
                free = allowed.next(Port(port.checked_add(1)?))?;
            }
        }
        Some(free)
    }

    pub(crate) fn count_allowed(&self, allowed: &Allowed) -> u32 {
        self.iter().map(|port| u32::from(allowed.contains(port))).sum()
    }
}

impl FromIterator<Port> for Short {
    /// Takes ascending ports.
    fn from_iter<I: IntoIterator<Item = Port>>(ports: I) -> Short {
        Short(ports.into_iter().map(Port::number).collect())
    }
}
