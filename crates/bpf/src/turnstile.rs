//! Connections counted as they come and go. In C: `src/bpf/turnstile.bpf.c`.

use std::io;
use std::net::{IpAddr, Ipv6Addr};

use libbpf_rs::{Link, MapCore, MapFlags, Object};
use registry::Port;
use sockets::{Endpoint, NetnsId, Turnover, Turnstile};

use crate::{Error, object};

/// The program, attached for as long as this lives.
#[derive(Debug)]
pub(crate) struct Counter {
    _link: Link,
    object: Object,
}

impl Counter {
    /// Puts it into the kernel, and begins.
    pub(crate) fn start() -> Result<Counter, Error> {
        let object = object::open(NAME, object::carried!("turnstile"))?;
        let object = object::load(NAME, object)?;
        let refused = |source| Error::Attach { program: NAME.to_owned(), source };
        let program = object.progs_mut().next().expect("the object has one program");
        let link = program.attach().map_err(refused)?;
        Ok(Counter { _link: link, object })
    }

    fn map(&self, name: &str) -> impl MapCore {
        self.object.maps().find(|map| map.name() == name).expect("the object has this map")
    }
}

impl Turnstile for Counter {
    fn turnovers(&self) -> io::Result<Vec<Turnover>> {
        let map = self.map("turnovers");
        let mut found = Vec::new();
        for key in map.keys() {
            let value = map.lookup(&key, MapFlags::ANY).map_err(io::Error::other)?;
            found.extend(value.and_then(|value| turnover(&key, &value)));
        }
        let uncounted = self.map("uncounted").lookup(&[0; 4], MapFlags::ANY);
        match uncounted.map_err(io::Error::other)? {
            Some(count) if count.iter().all(|byte| *byte == 0) => Ok(found),
            _ => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

/// What an entry of the map says; `None` where it is of another size.
fn turnover(way: &[u8], counts: &[u8]) -> Option<Turnover> {
    let addr = |at: usize| -> Option<IpAddr> {
        let bytes: [u8; 16] = *way.get(at..)?.first_chunk()?;
        Some(IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical())
    };
    let netns = u32::from_ne_bytes(*way.get(32..)?.first_chunk()?);
    let port = Port(u16::from_ne_bytes(*way.get(36..)?.first_chunk()?));
    let count = |at: usize| Some(u32::from_ne_bytes(*counts.get(at..)?.first_chunk()?));
    Some(Turnover {
        netns: NetnsId(netns.into()),
        source: addr(0)?,
        remote: Endpoint { addr: addr(16)?, port },
        // One that was under way when the count began may have been taken back.
        begun: u32::try_from(count(0)?.cast_signed()).unwrap_or(0),
        ended: count(4)?,
        lingers: count(8)?,
    })
}

const NAME: &str = "turnstile";

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(begun: i32) -> (Vec<u8>, Vec<u8>) {
        let mapped = |last: u8| [&[0; 10][..], &[0xff, 0xff, 192, 0, 2, last]].concat();
        let numbers = [&7_u32.to_ne_bytes()[..], &443_u16.to_ne_bytes(), &[0; 2]].concat();
        let counts = [begun, 3, 2].map(i32::to_ne_bytes).concat();
        ([mapped(1), mapped(2), numbers].concat(), counts)
    }

    #[test]
    fn an_entry_is_read_field_by_field() {
        let (way, counts) = entry(5);
        let expected = Turnover {
            netns: NetnsId(7),
            source: "192.0.2.1".parse().unwrap(),
            remote: Endpoint { addr: "192.0.2.2".parse().unwrap(), port: Port(443) },
            begun: 5,
            ended: 3,
            lingers: 2,
        };
        assert_eq!(turnover(&way, &counts), Some(expected));
        assert_eq!(turnover(&way[..37], &counts), None);
    }

    #[test]
    fn what_was_taken_back_before_it_was_counted_is_nothing() {
        let (way, counts) = entry(-1);
        assert_eq!(turnover(&way, &counts).unwrap().begun, 0);
    }
}
