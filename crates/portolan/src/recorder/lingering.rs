//! What ended while nobody recorded and holds its port still: the kernel keeps it in `TIME-WAIT`, or waits
//! for its far end to close, and a timer tells for how long. It is no open socket, and no survey has it.

use log::{HostTime, Moment, Now, TimeSource};
use registry::Proto;
use sockets::{
    BootTime, Closed, Ending, Event, EventKind, Evidence, Listening, NetnsScope, Opened, Query,
    Role, Socket, Source, State, States,
};

/// What lingers now, told as having ended when it was. What ended before `left` was recorded by whoever
/// recorded then; of a socket that was open then, the end alone is told.
pub(super) fn since(left: Option<Moment>) -> anyhow::Result<Vec<Event>> {
    let states: States = [State::Listen, State::TimeWait, State::FinWait2].into_iter().collect();
    let query =
        Query { protos: vec![Proto::Tcp], states, netns: NetnsScope::All, ..Query::default() };
    let listed = sockets::host().sockets(&query)?.sockets;
    Ok(told(&listed, HostTime::new()?.now(), left))
}

/// What is told of the sockets `listed` at `now`.
fn told(listed: &[Socket], now: Now, left: Option<Moment>) -> Vec<Event> {
    let listening = Listening::among(listed);
    let mut events = Vec::new();
    for socket in listed {
        let Some(ago) = ended_ago(socket) else { continue };
        let at = BootTime(now.since_boot.0.saturating_sub(ago.unsigned_abs()));
        if left.is_none_or(|left| now.utc.0.saturating_sub(ago) > left.0) {
            let role = listening.role(socket.netns, socket.local.port);
            events.push(Event { at, kind: EventKind::Opened(opened(socket, role)) });
        }
        let is_closed = socket.state == State::TimeWait;
        let ending = if is_closed { Ending::TimeWait } else { Ending::FinWait };
        let closed = Closed { cookie: socket.cookie, closer: None, ending };
        events.push(Event { at, kind: EventKind::Closed(closed) });
    }
    events
}

/// How many nanoseconds ago what is left of a socket ended; `None` for one that is whole.
fn ended_ago(socket: &Socket) -> Option<i64> {
    let left = i64::try_from(socket.time_wait_left()?.as_nanos()).unwrap_or(i64::MAX);
    Some(Moment(0).after_time_wait().0.saturating_sub(left).max(0))
}

/// The socket as it was just before it ended. Who had it, the kernel has forgotten.
fn opened(socket: &Socket, role: Role) -> Opened {
    Opened { uid: Opened::NO_UID, ..Opened::listed(socket, role, Evidence::OpenAtStart) }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sockets::{Timer, TimerKind};

    use super::*;
    use crate::fixture;

    const SECOND: i64 = 1_000_000_000;

    /// What is told at 100 s of a socket in this state whose timer has 20 s to go, in words.
    fn told_of(state: State, left: Option<i64>) -> Vec<String> {
        let mut listed = fixture::all();
        let lingers = listed.iter_mut().find(|socket| socket.state == State::TimeWait).unwrap();
        let (kind, expires) = (TimerKind::TimeWait, Duration::from_secs(20));
        lingers.timer = Some(Timer { kind, expires, retransmits: 0 });
        lingers.state = state;
        let now = Now {
            since_boot: BootTime(100 * SECOND.unsigned_abs()),
            utc: Moment(1100 * SECOND),
            doubt_ns: 0,
        };
        let left = left.map(|left| Moment(left * SECOND));
        let events = told(&listed, now, left);
        assert!(events.iter().all(|event| event.at == BootTime(60 * SECOND.unsigned_abs())));
        let word = |event: Event| match event.kind {
            EventKind::Opened(opened) => format!("{} {:?}", opened.local, opened.role),
            EventKind::Closed(closed) => format!("{:?}", closed.ending),
            other => panic!("{other:?}"),
        };
        events.into_iter().map(word).collect()
    }

    #[test]
    fn what_lingers_ended_when_its_timer_began() {
        let opened = "10.0.0.5:22 Incoming";
        assert_eq!(told_of(State::TimeWait, None), [opened, "TimeWait"]);
        assert_eq!(told_of(State::FinWait2, None), [opened, "FinWait"]);
    }

    #[test]
    fn what_ended_while_somebody_recorded_is_recorded_already() {
        assert_eq!(told_of(State::TimeWait, Some(1059)).len(), 2);
        assert_eq!(told_of(State::TimeWait, Some(1061)), ["TimeWait"]);
    }
}
