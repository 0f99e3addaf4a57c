//! What a recorder answers, whoever asks: from the store, as much as they may know.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use log::{Answer, Moment, Pending, Question, Remote, Store, Viewer};
use registry::PortRange;
use sockets::{Event, NetnsId, Watching};

use super::audience::Audience;
use super::client::Client;
use super::frame::Frame;
use super::message::{Held, Reply, Request};
use super::outbox::{Outbox, Room};
use super::seats::Seats;
use super::shared_store::SharedStore;
use super::standing::{Failures, Standing};
use crate::when::moment;

/// What clients are served from.
#[derive(Debug)]
pub(crate) struct Service {
    /// The store.
    pub(crate) store: SharedStore,
    /// Those who watch.
    pub(crate) audience: Audience,
    /// The places for clients.
    pub(super) seats: Seats,
    standing: Standing,
    failures: Mutex<Failures>,
    watching: Watching,
    /// The user who records, and sees everything.
    recorder: u32,
    /// Whose turn it is to search: one of those who see everything and one of the others at once.
    searching: [Mutex<()>; 2],
    /// The same of answers on their way.
    outboxes: [Outbox; 2],
}

impl Service {
    /// Serves from `store`.
    pub(crate) fn new(store: SharedStore, watching: Watching, standing: Standing) -> Service {
        Service {
            store,
            audience: Audience::default(),
            seats: Seats::default(),
            standing,
            failures: Mutex::new(Failures::new(watching)),
            watching,
            recorder: rustix::process::geteuid().as_raw(),
            searching: Default::default(),
            outboxes: Default::default(),
        }
    }

    /// What the recorder says of itself.
    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The same, with what changes all the time.
    fn standing_now(&self) -> Standing {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        self.standing.now(self.seats.count(), &failures)
    }

    /// Counts the connects among `events` that came to nothing.
    pub(super) fn count_failures(&self, events: &[Event]) {
        let now = moment(Timestamp::now());
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).add(events, now);
    }

    /// Whom a client of the user `uid` looks as.
    pub(super) fn viewer(&self, uid: u32) -> Viewer {
        if uid == 0 || uid == self.recorder { Viewer::Everything } else { Viewer::User(uid) }
    }

    /// What the recorder answers to one who looks as `viewer`, as it is sent; `None` where it is
    /// ending.
    pub(super) fn reply(&self, request: Request, viewer: Viewer) -> Option<Frame> {
        let reply = match request {
            Request::Ask(question) => {
                let turn = &self.searching[usize::from(viewer == Viewer::Everything)];
                // As many tenures as one answer has are in memory at once, until they are bytes.
                let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
                return self.answer(question, viewer).map(|answer| answer.to_frame());
            }
            Request::Held(netns, ports) => self.held(netns, ports, viewer)?,
            Request::Status => {
                let status = self.store.look(Store::status)?;
                Reply::Status(Box::new((self.standing_now(), status)))
            }
            Request::Watch => return None,
        };
        Some(reply.to_frame())
    }

    /// Room for an answer of so many bytes to one who looks as `viewer`, until it is read.
    pub(super) fn room(&self, bytes: usize, viewer: Viewer) -> Option<Room> {
        self.outboxes[usize::from(viewer == Viewer::Everything)].take(bytes)
    }

    /// The tenures of past and present that meet `question`.
    fn answer(&self, mut question: Question, viewer: Viewer) -> Option<Reply> {
        question.most = question.most.min(Client::MOST_AT_ONCE);
        question.viewer = viewer;
        // One that is behind for longer has the past still, if not the last moment of it.
        let _or_a_moment_ago = self.is_up_to_date(TO_SEARCH);
        let pending = self.store.look(|store| store.ask(&question))?;
        let mut answer = match pending.finish() {
            Ok(answer) => answer,
            Err(error) => return Some(Reply::Refused(error.to_string())),
        };
        let tenures = std::mem::take(&mut answer.tenures).into_iter();
        answer.tenures = tenures.map(|tenure| tenure.as_seen_by(viewer)).collect();
        Some(Reply::Answer(answer))
    }

    /// What `ports` of `netns` are held by now, all of one moment: whoever asks is in a hurry. One that
    /// samples does not know it well enough.
    fn held(&self, netns: NetnsId, ports: Vec<PortRange>, viewer: Viewer) -> Option<Reply> {
        if self.watching == Watching::Sampling {
            return Some(Reply::Refused("it only samples".to_owned()));
        }
        if !self.is_up_to_date(AT_ONCE) {
            return Some(Reply::Refused(
                "it is busy and does not know yet what is so now".to_owned(),
            ));
        }
        let now = moment(Timestamp::now());
        let lately = Question::between(Moment(now.0 - LATELY_NS), now);
        let lately = Question { netns: Some(netns), most: MOST_AT_ONCE, viewer, ..lately };
        let far = |range: &PortRange| Remote { net: None, ports: Some(*range) };
        let remotes = ports.iter().map(far).collect();
        let remote = Question { remotes, ..lately.clone() };
        let local = Question { ports, ..lately };
        let (open, pending) = self.store.look(|store| {
            let pending = [&local, &remote].map(|question| store.ask(question));
            (store.held_in(netns, &local.ports, MOST_AT_ONCE), pending)
        })?;
        let Some(open) = open else {
            return Some(Reply::Refused("the ports have too many sockets".to_owned()));
        };
        let mut recent = Answer::default();
        for answer in pending.map(Pending::finish) {
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => return Some(Reply::Refused(error.to_string())),
            };
            recent.more |= answer.more;
            recent.gaps.extend(answer.gaps);
            let ended = answer.tenures.into_iter().filter(|tenure| tenure.ending.is_some());
            recent.tenures.extend(ended.map(|tenure| tenure.as_seen_by(viewer)));
        }
        let open = open.into_iter().map(|(cookie, tenure)| (cookie, tenure.as_seen_by(viewer)));
        Some(Reply::Held(Held { open: open.collect(), recent }))
    }

    /// Whether what has happened up to now is known, at once or within `patience`. One that samples
    /// never knows.
    fn is_up_to_date(&self, patience: Duration) -> bool {
        self.watching == Watching::Kernel && self.store.bring_up_to_date(patience)
    }
}

/// How long somebody who asks what is so now waits for the recorder to take what has happened: there
/// are other ways to find out.
const AT_ONCE: Duration = Duration::from_millis(100);
/// How long somebody who asks about the past does.
const TO_SEARCH: Duration = Duration::from_secs(2);

/// How far back it matters to one who asks what is so now that events were lost: the sockets are
/// listed anew within a moment. What is in `TIME-WAIT` may have ended a minute before that.
const LATELY_NS: i64 = 2_000_000_000;
/// Of more that are open, or have ended lately, the kernel's table is quicker told.
const MOST_AT_ONCE: usize = 2000;
