//! What a card asks of a recorder: what is so now and what was before, both over one connection and
//! both at once, so that the second answer is made while the first one is looked at.

use std::cell::Cell;
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use log::{Answer, Question};
use registry::PortRange;
use sockets::NetnsId;

use super::client::{self, AT_ONCE, Client};
use super::frame::FrameError;
use super::message::{Held, Reply, Request};

/// Two questions on their way, answered in their order.
#[derive(Debug)]
pub(crate) struct Briefing {
    client: Client,
    netns: NetnsId,
    range: PortRange,
    /// Whether the answer to the first is still to be taken.
    first: Cell<bool>,
}

impl Briefing {
    /// Asks the recorder of the store in `dir`, if that is not the default one, what `range` of
    /// `netns` is held by now, and then `past`. `None` where no recorder takes that.
    pub(crate) fn ask(
        dir: Option<&Path>,
        netns: NetnsId,
        range: PortRange,
        past: &Question,
    ) -> Option<Briefing> {
        let client = Client::connect(dir)?;
        client.send(&Request::Held(netns, vec![range])).ok()?;
        // One that turns us away has closed by now, and its answer says why.
        let _asked_or_turned_away = client.send(&Request::Ask(past.clone()));
        Some(Briefing { client, netns, range, first: Cell::new(true) })
    }

    /// What `range` of `netns` is held by now; `None` where that was not asked, or is told already.
    pub(crate) fn held(&self, netns: NetnsId, range: PortRange) -> Option<anyhow::Result<Held>> {
        let asked = (netns, range) == (self.netns, self.range);
        (asked && self.first.replace(false)).then(|| self.first_answer())
    }

    /// What was before; `None` if that is not told within `patience`.
    pub(crate) fn past(&self, patience: Duration) -> anyhow::Result<Option<Answer>> {
        if self.first.replace(false) {
            // Nobody wanted to know.
            let _held = self.first_answer();
        }
        let frame = match self.client.receive(patience) {
            Err(FrameError::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                return Ok(None);
            }
            frame => frame.context(SILENT)?,
        };
        match client::read(&frame)? {
            Reply::Answer(answer) => Ok(Some(answer)),
            // The first one took so long that nobody waited for it.
            Reply::Held(_) => Ok(None),
            other => client::refused(other),
        }
    }

    fn first_answer(&self) -> anyhow::Result<Held> {
        client::held(client::read(&self.client.receive(AT_ONCE).context(SILENT)?)?)
    }
}

const SILENT: &str = "the recorder did not answer";

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::thread::JoinHandle;

    use log::Moment;
    use registry::Port;

    use super::super::frame::LARGEST_REQUEST;
    use super::super::wire::Wire;
    use super::*;

    const NETNS: NetnsId = NetnsId(7);

    /// A recorder that takes two questions and tells `replies`, and its store.
    fn recorder(replies: Vec<Reply>) -> (tempfile::TempDir, JoinHandle<Vec<Request>>) {
        let dir = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(dir.path().join("recorder.sock")).unwrap();
        let work = move || {
            let wire = Wire::new(listener.accept().unwrap().0);
            let hear = |_| wire.receive(LARGEST_REQUEST, AT_ONCE).unwrap();
            let asked = [(); 2].map(hear).iter().filter_map(Request::from_frame).collect();
            for reply in &replies {
                wire.send(&reply.to_frame(), AT_ONCE).unwrap();
            }
            // Until the other end goes.
            let _gone = wire.receive(0, AT_ONCE);
            asked
        };
        (dir, std::thread::spawn(work))
    }

    fn range() -> PortRange {
        Port(22).into()
    }

    fn ask(dir: &tempfile::TempDir) -> (Briefing, Question) {
        let past = Question::between(Moment(1), Moment(2));
        (Briefing::ask(Some(dir.path()), NETNS, range(), &past).unwrap(), past)
    }

    fn answer() -> Answer {
        Answer { since: Some(Moment(1)), ..Answer::default() }
    }

    #[test]
    fn both_are_asked_at_once_and_told_one_after_the_other() {
        let (dir, recorder) = recorder(vec![Reply::Held(Held::default()), Reply::Answer(answer())]);
        let (briefing, past) = ask(&dir);
        assert!(briefing.held(NetnsId(8), range()).is_none(), "that was not asked");
        assert_eq!(briefing.held(NETNS, range()).unwrap().unwrap(), Held::default());
        assert!(briefing.held(NETNS, range()).is_none(), "it is told already");
        assert_eq!(briefing.past(AT_ONCE).unwrap(), Some(answer()));
        drop(briefing);
        let asked = recorder.join().unwrap();
        assert_eq!(asked, [Request::Held(NETNS, vec![range()]), Request::Ask(past)]);
    }

    #[test]
    fn the_past_can_be_had_without_the_present() {
        let no = Reply::Refused("it only samples".to_owned());
        let (dir, recorder) = recorder(vec![no, Reply::Answer(answer())]);
        let (briefing, _) = ask(&dir);
        assert_eq!(briefing.past(AT_ONCE).unwrap(), Some(answer()));
        drop(briefing);
        recorder.join().unwrap();
    }

    #[test]
    fn a_past_that_does_not_come_is_waited_for_no_longer() {
        let (dir, recorder) = recorder(vec![Reply::Held(Held::default())]);
        let (briefing, _) = ask(&dir);
        assert!(briefing.held(NETNS, range()).unwrap().is_ok());
        assert_eq!(briefing.past(Duration::from_millis(20)).unwrap(), None);
        drop(briefing);
        recorder.join().unwrap();
    }
}
