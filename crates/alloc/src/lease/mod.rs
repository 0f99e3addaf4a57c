//! A port that stays yours until you bind it.
//!
//! Everybody's "find a free port" is to bind port 0, read the number, close, and hope. A [`Lease`] does not
//! hope. Among all who lease, of every user and in every language, the port is one lease's alone; against
//! everybody else it is held by a bound socket that never listens, beside which a server with `SO_REUSEADDR`
//! binds as if it were not there; and it comes from where the kernel hands out no ports. It ends when it is
//! dropped or its process ends, however that happens: nothing needs to be cleaned up.
//!
//! ```
//! use std::net::TcpListener;
//!
//! use alloc::lease::Lease;
//!
//! let lease = Lease::take()?;
//! // Rust's listeners set SO_REUSEADDR.
//! let server = TcpListener::bind(("127.0.0.1", lease.port().number()))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A lease is of the network namespace of the thread that takes it. Linux only. What it promises, and how:
//! `docs/lease.md`.

mod candidates;
mod census;
mod error;
mod hold;
mod label;
mod memory;
mod name;
mod remark;
mod search;
mod wish;

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::OwnedFd;

use registry::{Port, Proto};
use rustix::net::sockopt;

pub use census::{Tenancy, leased_ports, leases};
pub use error::{Block, LeaseError};
pub use hold::Hold;
pub use label::Label;
pub use memory::MemoryError;
pub use name::{Identity, Name, NameError};
pub use remark::Remark;
pub use wish::Wish;

use candidates::Candidates;
use hold::{Claim, PREFIX, Unavailable};
use memory::Memory;

/// The parsers of foreign bytes, for fuzzing only.
#[doc(hidden)]
pub mod fuzz {
    /// What a lease says of itself.
    pub fn label(bytes: &[u8]) {
        super::label::fuzz(bytes);
    }

    /// What is remembered of a name.
    pub fn memory(bytes: &[u8]) {
        super::memory::fuzz(bytes);
    }
}

/// One port or several, ours until this is dropped.
#[derive(Debug)]
pub struct Lease {
    ports: Vec<Port>,
    claims: Vec<Claim>,
    remarks: Vec<Remark>,
    _label: Option<OwnedFd>,
    _name: Option<OwnedFd>,
}

impl Lease {
    /// Takes a TCP port on every address: [`Wish::default`].
    ///
    /// # Errors
    /// As [`Wish::take`].
    pub fn take() -> Result<Lease, LeaseError> {
        Wish::default().take()
    }

    /// The port, or the first of them.
    #[must_use]
    pub fn port(&self) -> Port {
        self.ports[0]
    }

    /// All of them, in the order in which they were taken; a block ascending.
    #[must_use]
    pub fn ports(&self) -> &[Port] {
        &self.ports
    }

    /// What those who asked may want to know.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Lets go of the sockets: from now on only other leases respect the ports. For a program that binds without
    /// `SO_REUSEADDR`, right before it does.
    pub fn let_go(&mut self) {
        for claim in &mut self.claims {
            claim.sockets.clear();
        }
    }

    /// Listens on `port` with the very socket that held it, so that there is no moment at which another could
    /// bind it. It was bound for IPv4 and IPv6 at once if every address was asked for.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if no socket of the lease holds the TCP port (any more); what the kernel
    /// says.
    pub fn listen(&mut self, port: Port) -> io::Result<TcpListener> {
        let socket = self.give_up(port, Proto::Tcp)?;
        // What a server left behind, in TIME-WAIT, is no obstacle to one that has this.
        sockopt::set_socket_reuseaddr(&socket, true)?;
        rustix::net::listen(&socket, BACKLOG)?;
        Ok(socket.into())
    }

    /// The UDP socket that held `port`.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if no socket of the lease holds the UDP port (any more).
    pub fn udp_socket(&mut self, port: Port) -> io::Result<UdpSocket> {
        let socket = self.give_up(port, Proto::Udp)?;
        sockopt::set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER)?;
        Ok(socket.into())
    }

    fn give_up(&mut self, port: Port, proto: Proto) -> io::Result<OwnedFd> {
        let claim = self.claims.iter_mut().find(|claim| claim.port == port);
        let sockets = claim.map(|claim| &mut claim.sockets);
        sockets
            .and_then(|held| Some(held.remove(held.iter().position(|(of, _)| *of == proto)?).1))
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Wish {
    /// Takes it, all of it or nothing.
    ///
    /// # Errors
    /// [`LeaseError::Taken`] if the name is somebody's, [`LeaseError::Exhausted`] if not enough ports are free;
    /// the others where what is asked for cannot be, or the system refuses.
    pub fn take(&self) -> Result<Lease, LeaseError> {
        self.check()?;
        let candidates = Candidates::of(self.range)?;
        if candidates.len() < self.count {
            let (wanted, range, of) = (self.count, self.range, candidates.len());
            return Err(LeaseError::TooFew { wanted, range, of });
        }
        let mut remarks: Vec<Remark> =
            candidates.ephemeral.map(Remark::Ephemeral).into_iter().collect();
        let (claims, name) = match &self.identity {
            None => (search::find(self, &candidates, search::random())?, None),
            Some(identity) => {
                let (claims, name) = self.find_named(identity, &candidates, &mut remarks)?;
                (claims, Some(name))
            }
        };
        let ports: Vec<Port> = claims.iter().map(|claim| claim.port).collect();
        let label = Label {
            since: label::now(),
            ports: ports.clone(),
            protos: self.protos.clone(),
            tenant: self.tenant,
            identity: self.identity.clone(),
        };
        // Without it the lease is as good; it says less of itself.
        let label = label.publish().ok();
        Ok(Lease { ports, claims, remarks, _label: label, _name: name })
    }

    fn check(&self) -> Result<(), LeaseError> {
        if self.count == 0 || self.protos.is_empty() || self.addresses.is_empty() {
            return Err(LeaseError::Nothing);
        }
        let other = self.protos.iter().find(|proto| !matches!(proto, Proto::Tcp | Proto::Udp));
        other.map_or(Ok(()), |proto| Err(LeaseError::Proto(*proto)))
    }

    /// The ports of a name: those that it had, else those that follow from it.
    fn find_named(
        &self,
        identity: &Identity,
        candidates: &Candidates,
        remarks: &mut Vec<Remark>,
    ) -> Result<(Vec<Claim>, OwnedFd), LeaseError> {
        let hash = identity.hash(rustix::process::geteuid().as_raw());
        let lock_name = name_lock(identity);
        let lock = hold::lock(lock_name.as_bytes());
        let lock = lock
            .map_err(|source| LeaseError::Kernel { what: "lock a name", source: source.into() })?;
        let Some(lock) = lock else {
            let by = census::holder_of(&lock_name[PREFIX.len()..]).map(Box::new);
            return Err(LeaseError::Taken { identity: identity.clone(), by });
        };
        let memory = self.memory(remarks)?;
        let had = memory.as_ref().and_then(|memory| memory.recall(identity, hash));
        let fits = |had: &Vec<Port>| {
            had.len() == self.count
                && had.iter().all(|port| candidates.contains(*port))
                && (self.block == Block::Scattered || is_run(had))
        };
        let had = had.filter(fits);
        let mut claims = Vec::new();
        if let Some(had) = &had {
            match search::claim(self, had) {
                Ok(taken) => claims = taken,
                Err(Unavailable::Never(failure)) => return Err(failure.into()),
                Err(_) => remarks.push(Remark::Moved { had: had.clone() }),
            }
        }
        if claims.is_empty() {
            claims = search::find(self, candidates, hash)?;
            let ports: Vec<Port> = claims.iter().map(|claim| claim.port).collect();
            if let (Some(memory), None) = (&memory, &had)
                && let Err(error) = memory.remember(identity, hash, &ports)
            {
                remarks.push(Remark::NotRemembered(error.to_string()));
            }
        }
        Ok((claims, lock))
    }

    /// The memory of names. That there is none is worth a remark; that it is unsafe, an error.
    fn memory(&self, remarks: &mut Vec<Remark>) -> Result<Option<Memory>, LeaseError> {
        let place = self.memory.clone().or_else(Memory::usual);
        match place.ok_or(MemoryError::NoPlace).and_then(|place| Memory::open(&place)) {
            Ok(memory) => Ok(Some(memory)),
            Err(error @ MemoryError::Unsafe { .. }) => Err(LeaseError::Memory(error)),
            Err(error) => {
                remarks.push(Remark::NotRemembered(error.to_string()));
                Ok(None)
            }
        }
    }
}

/// The name of the lock that a name has, for the user that we are.
fn name_lock(identity: &Identity) -> String {
    let uid = rustix::process::geteuid().as_raw();
    format!("{PREFIX}name/{uid}/{:016x}", identity.hash(uid))
}

fn is_run(ports: &[Port]) -> bool {
    ports.windows(2).all(|pair| pair[1].0.checked_sub(pair[0].0) == Some(1))
}

/// As many as the kernel allows.
const BACKLOG: i32 = 4096;
/// What Linux gives a UDP socket unless the host says otherwise.
const RECEIVE_BUFFER: usize = 212_992;
