//! Asking a recorder that runs.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use log::{Answer, Change, Question, Status};
use registry::PortRange;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::geteuid;
use sockets::NetnsId;

use super::frame::{Frame, FrameError, LARGEST_REPLY};
use super::message::{Held, Reply, Request};
use super::place::Place;
use super::standing::Standing;
use super::wire::Wire;

/// A connection to the recorder of a store.
///
/// What it tells is what the one who asks may know: root, the recorder's own user and the members
/// of the group `portolan` see every process, others their own.
#[derive(Debug)]
pub(crate) struct Client {
    wire: Wire,
    sees_all: bool,
}

/// What a recorder tells those who watch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum News {
    /// This happened, in this order.
    Changes(Vec<Change>),
    /// So many changes were not told of: they came faster than they were taken.
    Missed(u64),
}

impl Client {
    /// How many tenures an answer has at most.
    pub(crate) const MOST_AT_ONCE: usize = 100_000;

    /// Connects to the recorder of the store in `dir`; without one, to that of the whole machine,
    /// else to our own. `None` where none runs, or none that lets us in.
    pub(crate) fn connect(dir: Option<&Path>) -> Option<Client> {
        let places = Place::to_ask(dir);
        let root = geteuid().is_root();
        let mut sockets = places
            .iter()
            .flat_map(|place| [(place.members_socket(), true), (place.socket.clone(), root)]);
        sockets.find_map(|(path, sees_all)| {
            Some(Client { wire: Wire::connect(&path).ok()?, sees_all })
        })
    }

    /// Whether no process is hidden from us, as far as is known here.
    pub(crate) fn sees_all(&self) -> bool {
        self.sees_all
    }

    /// Which tenures of past and present meet `question`; see [`Answer`]. A recorder gives at most
    /// [`Client::MOST_AT_ONCE`].
    pub(crate) fn ask(&mut self, question: &Question) -> anyhow::Result<Answer> {
        match self.request(&Request::Ask(question.clone()), TO_SEARCH)? {
            Reply::Answer(answer) => Ok(answer),
            other => refused(other),
        }
    }

    /// What `ports` of the network namespace `netns` are held by now, from the recorder's memory.
    pub(crate) fn held(&mut self, netns: NetnsId, ports: &[PortRange]) -> anyhow::Result<Held> {
        held(self.request(&Request::Held(netns, ports.to_vec()), AT_ONCE)?)
    }

    /// How the recorder does, and its store.
    pub(crate) fn status(&mut self) -> anyhow::Result<Box<(Standing, Status)>> {
        match self.request(&Request::Status, AT_ONCE)? {
            Reply::Status(both) => Ok(both),
            other => refused(other),
        }
    }

    /// Everything that happens from now on.
    pub(crate) fn watch(self) -> anyhow::Result<Following> {
        match self.request(&Request::Watch, AT_ONCE)? {
            Reply::Changes(_) => Ok(Following { wire: self.wire }),
            other => refused(other),
        }
    }

    fn request(&self, request: &Request, within: Duration) -> anyhow::Result<Reply> {
        let asked = self.send(request);
        // One that turns us away says why, and may have closed before it read what we ask.
        let frame = self.receive(within);
        let frame = match (asked, frame) {
            (_, Ok(frame)) => frame,
            (Err(error), _) => return Err(error).context("the recorder could not be asked"),
            (Ok(()), Err(error)) => return Err(error).context("the recorder did not answer"),
        };
        read(&frame)
    }

    /// Asks for what is to be received.
    pub(super) fn send(&self, request: &Request) -> io::Result<()> {
        self.wire.send(&request.to_frame(), AT_ONCE)
    }

    /// The answer to the first request that has none yet.
    pub(super) fn receive(&self, within: Duration) -> Result<Frame, FrameError> {
        self.wire.receive(LARGEST_REPLY, within)
    }
}

/// What a recorder tells, as it happens. Can be polled for whether there is more.
#[derive(Debug)]
pub(crate) struct Following {
    wire: Wire,
}

impl Following {
    /// What happened next; `None` once the recorder has ended.
    pub(crate) fn next(&mut self) -> anyhow::Result<Option<News>> {
        let frame = match self.wire.receive(LARGEST_REPLY, FOR_EVER) {
            Err(FrameError::Gone) => return Ok(None),
            frame => frame.context("the recorder broke off")?,
        };
        match read(&frame)? {
            Reply::Changes(changes) => Ok(Some(News::Changes(changes))),
            Reply::Missed(count) => Ok(Some(News::Missed(count))),
            other => refused(other),
        }
    }
}

impl Following {
    /// Whether something comes within `patience`, or the recorder ends.
    pub(crate) fn has_more_within(&self, patience: Duration) -> bool {
        let mut end = [PollFd::new(self, PollFlags::IN)];
        let patience = Timespec { tv_sec: patience.as_secs().try_into().unwrap_or(1), tv_nsec: 0 };
        let _woken = poll(&mut end, Some(&patience));
        !end[0].revents().is_empty()
    }
}

impl AsFd for Following {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wire.stream().as_fd()
    }
}

/// What a recorder says.
pub(super) fn read(frame: &Frame) -> anyhow::Result<Reply> {
    Reply::from_frame(frame).context(STRANGE)
}

/// What ports are held by, if that is what a recorder says.
pub(super) fn held(reply: Reply) -> anyhow::Result<Held> {
    match reply {
        Reply::Held(held) => Ok(held),
        other => refused(other),
    }
}

/// Why there is no answer.
pub(super) fn refused<T>(reply: Reply) -> anyhow::Result<T> {
    match reply {
        Reply::Refused(why) => bail!("the recorder refused: {why}"),
        _ => bail!(STRANGE),
    }
}

/// What is said of an answer that is none.
const STRANGE: &str = "the recorder's answer is not understood: is it of another version?";

/// How long a recorder may take for what it has in memory.
pub(super) const AT_ONCE: Duration = Duration::from_secs(2);

/// How long it may search its store.
const TO_SEARCH: Duration = Duration::from_secs(120);

/// How long it may have nothing to tell.
const FOR_EVER: Duration = Duration::from_secs(86_400 * 365);
