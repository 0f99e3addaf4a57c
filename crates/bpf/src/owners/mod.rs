//! Owners from the kernel itself: an iterator over the descriptors of all tasks (Linux 5.11), put
//! into the kernel for the moment or read where root has pinned it.

mod pin;
mod record;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use libbpf_rs::{Iter, Link, Object};
use registry::{Port, Proto};
use rustix::thread::{CapabilitySet, capabilities};
use sockets::{
    BindPremises, BindTrial, Census, Counted, Error, Linux, Ownership, PortSettings, Query, Search,
    Snapshot, Socket, Source, Turnstile,
};

use crate::{namespaces, object, turnstile};

pub use pin::{PINNED, Pinned, pin, unpin};
pub(crate) use record::read;

/// This Linux host, as [`Linux`] sees it, with the kernel's own word on who holds what where that
/// may be had: pinned by root for our group, or with `CAP_BPF` and `CAP_PERFMON`. Everywhere else
/// the same as [`Linux`].
#[derive(Debug, Default)]
pub struct Host {
    /// `None` where it could not be loaded, which is not tried again. Clones share it.
    loaded: Arc<OnceLock<Option<Loaded>>>,
    /// A census that is being taken before it is asked for.
    ahead: Mutex<Option<JoinHandle<io::Result<Vec<Counted>>>>>,
}

impl Clone for Host {
    /// The same host, and nothing that was begun ahead.
    fn clone(&self) -> Host {
        Host { loaded: Arc::clone(&self.loaded), ahead: Mutex::default() }
    }
}

impl Source for Host {
    fn sockets(&self, query: &Query) -> Result<Snapshot, Error> {
        Linux.sockets(query)
    }

    fn owners(&self, sockets: &[Socket], search: Search) -> Ownership {
        Linux.owners_with(sockets, search, self)
    }

    fn expect_owners(&self) {
        if !Linux.walks_within(SHORT) && self.delay().is_some() {
            self.look_ahead();
        }
    }

    fn port_settings(&self) -> Result<PortSettings, Error> {
        Linux.port_settings()
    }

    fn try_binds(&self, port: Port, protos: &[Proto]) -> Vec<BindTrial> {
        Linux.try_binds(port, protos)
    }

    fn turnstile(&self) -> Option<Box<dyn Turnstile>> {
        let counter = may_load().then(|| turnstile::Counter::start().ok())??;
        Some(Box::new(counter))
    }

    fn bind_premises(&self) -> BindPremises {
        Linux.bind_premises()
    }
}

impl Census for Host {
    fn delay(&self) -> Option<Duration> {
        if !namespaces::are_first() {
            return None;
        }
        if pin::open().is_some() {
            return Some(Duration::ZERO);
        }
        match self.loaded.get() {
            Some(Some(_)) => Some(Duration::ZERO),
            Some(None) => None,
            None => may_load().then_some(LOADING),
        }
    }

    fn take(&self, each: &mut dyn FnMut(&Counted)) -> io::Result<()> {
        if let Some(pinned) = pin::open() {
            return read(pinned, each);
        }
        match self.loaded.get_or_init(|| Loaded::load().ok()) {
            Some(iterator) => iterator.take(each),
            None => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn taken(&self) -> Option<Vec<Counted>> {
        self.ahead().take()?.join().ok()?.ok()
    }
}

impl Host {
    /// Begins to take the census.
    fn look_ahead(&self) {
        let host = self.clone();
        let taken = move || {
            let mut all = Vec::new();
            host.take(&mut |counted| all.push(*counted)).map(|()| all)
        };
        *self.ahead() = Some(thread::spawn(taken));
    }

    fn ahead(&self) -> MutexGuard<'_, Option<JoinHandle<io::Result<Vec<Counted>>>>> {
        self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The program, in the kernel for as long as this lives.
#[derive(Debug)]
struct Loaded {
    link: Link,
    _object: Object,
}

impl Loaded {
    /// Puts it into the kernel.
    fn load() -> Result<Loaded, crate::Error> {
        let object = object::open("owners' iterator", object::carried!("owners"))?;
        let object = object::load("owners' iterator", object)?;
        let refused = |source| crate::Error::Attach { program: "owners".to_owned(), source };
        let program = object.progs_mut().next().expect("the object has one program");
        let link = program.attach().map_err(refused)?;
        Ok(Loaded { link, _object: object })
    }

    fn take(&self, each: &mut dyn FnMut(&Counted)) -> io::Result<()> {
        let started = Iter::new(&self.link).map_err(io::Error::other)?;
        read(started, each)
    }
}

/// Whether we have what loading takes.
fn may_load() -> bool {
    let effective = capabilities(None).map_or(CapabilitySet::empty(), |sets| sets.effective);
    effective.contains(CapabilitySet::SYS_ADMIN)
        || effective.contains(CapabilitySet::BPF | CapabilitySet::PERFMON)
}

/// How long loading takes, most of it reading the kernel's types: measured 8 to 12 ms.
const LOADING: Duration = Duration::from_millis(10);
/// A walk through all processes that is not worth the while of a census ahead.
const SHORT: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_census_ahead_is_told_once() {
        let host = Host::default();
        if host.delay().is_none() {
            eprintln!("SKIPPED: needs CAP_BPF and the first pid namespace");
            return;
        }
        assert_eq!(host.taken(), None);
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        host.look_ahead();
        let (pid, fd) = (std::process::id(), server.as_raw_fd().cast_unsigned());
        let is_ours = |counted: &Counted| counted.held.pid.0 == pid && counted.held.fd == fd;
        assert!(host.taken().unwrap().iter().any(is_ours));
        assert_eq!(host.taken(), None);
    }
}
