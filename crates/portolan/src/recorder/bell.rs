//! What wakes the recorder: a signal to end, a client that wants to know what is so now, a buffer
//! that fills up, or the time.

use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// The recorder's end.
#[derive(Debug)]
pub(crate) struct Bell {
    heard: UnixStream,
    ringer: Ringer,
    ended: Arc<AtomicBool>,
}

/// The end of those who want the recorder awake.
#[derive(Debug)]
pub(super) struct Ringer(UnixStream);

impl Bell {
    /// A bell that rings on `SIGTERM` and `SIGINT`, which no longer end the process by themselves.
    pub(crate) fn new() -> io::Result<Bell> {
        let (heard, rings) = UnixStream::pair()?;
        heard.set_nonblocking(true)?;
        rings.set_nonblocking(true)?;
        let ended = Arc::new(AtomicBool::new(false));
        for signal in [SIGTERM, SIGINT] {
            signal_hook::flag::register(signal, ended.clone())?;
            pipe::register(signal, rings.try_clone()?)?;
        }
        Ok(Bell { heard, ringer: Ringer(rings), ended })
    }

    /// Another hand on the bell.
    pub(super) fn ringer(&self) -> io::Result<Ringer> {
        Ok(Ringer(self.ringer.0.try_clone()?))
    }

    /// Whether a signal asked us to end.
    pub(crate) fn tolls(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Waits for `pause`, or less if the bell rings or `alarm` becomes readable.
    pub(crate) fn wait(&self, pause: Duration, alarm: Option<BorrowedFd<'_>>) {
        let bell = PollFd::new(&self.heard, PollFlags::IN);
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(2);
        fds.push(bell);
        fds.extend(alarm.as_ref().map(|fd| PollFd::from_borrowed_fd(*fd, PollFlags::IN)));
        let timeout = Timespec::try_from(pause).ok();
        // Whatever becomes of it, the recorder looks around and comes back.
        let _woken: Result<usize, Errno> = poll(&mut fds, timeout.as_ref());
        if !fds[0].revents().is_empty() {
            self.silence();
        }
    }

    /// Ends the ringing.
    fn silence(&self) {
        let mut rings = [0; 64];
        while matches!((&self.heard).read(&mut rings), Ok(count) if count > 0) {}
    }
}

impl Ringer {
    /// Wakes the recorder. A bell that rings already need not be rung.
    pub(super) fn ring(&self) {
        let _rung_or_ringing = (&self.0).write(&[0]);
    }
}
