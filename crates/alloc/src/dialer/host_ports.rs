//! Which ports the host hands out, as of the last second: `/proc/sys/net/ipv4` of the network
//! namespace of the thread that asks.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sockets::{PortSettings, Source};

/// The host's port settings, read again when they are a second old.
#[derive(Debug)]
pub(super) struct HostPorts {
    read: Mutex<Read>,
}

#[derive(Debug)]
struct Read {
    settings: Arc<PortSettings>,
    until: Instant,
}

impl HostPorts {
    pub(super) fn read() -> Result<HostPorts, sockets::Error> {
        let settings = Arc::new(sockets::host().port_settings()?);
        Ok(HostPorts { read: Mutex::new(Read { settings, until: Instant::now() + LASTS }) })
    }

    /// The settings; the same `Arc` for as long as they do not change.
    pub(super) fn current(&self) -> Result<Arc<PortSettings>, sockets::Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now >= read.until {
            let settings = sockets::host().port_settings()?;
            if *read.settings != settings {
                read.settings = Arc::new(settings);
            }
            read.until = now + LASTS;
        }
        Ok(read.settings.clone())
    }

    /// Has the next one who asks read them.
    pub(super) fn doubt(&self) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).until = Instant::now();
    }
}

const LASTS: Duration = Duration::from_secs(1);
