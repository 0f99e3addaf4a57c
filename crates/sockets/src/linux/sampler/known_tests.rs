//! What looks and the kernel's word come to, look by look, with sockets made up for it.

use std::time::Duration;

use crate::linux::sampler::broadcast::Ended;
use crate::linux::sampler::known::Known;
use crate::linux::sampler::scene::{Memory, Search, View};
use crate::{
    BootTime, Endpoint, Event, EventKind, Family, NetnsId, Opened, Pid, ProgramKey, Role, Socket,
    State, Timer, TimerKind,
};
use registry::{Port, Proto};

/// Looks at one namespace, a second each.
struct Looks {
    known: Known,
    memory: Memory,
    heralded: bool,
    at: u64,
    events: Vec<Event>,
}

impl Looks {
    fn new(heralded: bool) -> Looks {
        let (known, memory) = (Known::default(), Memory::default());
        Looks { known, memory, heralded, at: 0, events: Vec::new() }
    }

    /// Takes a look that sees `sockets` after `ended` was told; what it tells, in order of time.
    fn look(&mut self, sockets: &[Socket], ended: &[Ended]) -> Vec<String> {
        self.at += 1_000;
        let view = View {
            sockets,
            ended,
            at: BootTime(self.at),
            since: (self.at > 1_000).then(|| BootTime(self.at - 1_000)),
            heralded: self.heralded,
            search: Search::Near,
        };
        self.known.begin();
        self.known.view(&view, &mut self.memory, &mut self.events);
        self.known.sweep(view.at, &[], &mut self.events);
        self.known.tell(view.at, &mut self.events);
        self.events.sort_by_key(|event| event.at);
        self.events.drain(..).map(|event| text(&event)).collect()
    }
}

fn text(event: &Event) -> String {
    let at = event.at.0;
    match &event.kind {
        EventKind::Opened(Opened { cookie, role, local, remote, opener, .. }) => {
            let opener = opener.map_or(String::new(), |key| format!(" by {}", key.pid));
            let connected = matches!(role, Role::Outgoing | Role::Incoming);
            let to = if connected && remote.is_none() { " to nobody knows whom" } else { "" };
            format!("{at} {cookie} {role:?} {}{to}{opener}", local.port)
        }
        EventKind::Closed(closed) => format!("{at} {} {:?}", closed.cookie, closed.ending),
        EventKind::Taken { cookie, by } => format!("{at} {cookie} taken by {}", by.pid),
        other => format!("{at} {other:?}"),
    }
}

fn end(port: u16) -> Endpoint {
    Endpoint { addr: [127, 0, 0, 1].into(), port: Port(port) }
}

fn socket(cookie: u64, state: State, local: u16, remote: u16) -> Socket {
    let nobody = Endpoint { addr: [0, 0, 0, 0].into(), port: Port::NONE };
    Socket {
        proto: Proto::Tcp,
        family: Family::V4,
        v6only: None,
        local: end(local),
        remote: if remote == 0 { nobody } else { end(remote) },
        state,
        recv_q: 0,
        send_q: 0,
        uid: 1000,
        inode: cookie + 100,
        cookie,
        netns: NetnsId(1),
        cgroup: None,
        device: None,
        timer: None,
    }
}

/// The same connection with nothing left of it but its port.
fn tail(socket: &Socket, cookie: u64) -> Socket {
    let (kind, expires) = (TimerKind::TimeWait, Duration::from_secs(60));
    let timer = Some(Timer { kind, expires, retransmits: 0 });
    Socket { cookie, state: State::TimeWait, inode: 0, uid: 0, timer, ..socket.clone() }
}

fn ended(socket: &Socket, at: u64) -> Ended {
    Ended {
        cookie: socket.cookie,
        netns: socket.netns,
        proto: socket.proto,
        family: socket.family,
        local: socket.local,
        remote: socket.remote,
        at: BootTime(at),
        since: BootTime(at / 1_000 * 1_000),
    }
}

fn key(pid: u32) -> ProgramKey {
    ProgramKey { pid: Pid(pid), start_ticks: 1, exec: 0 }
}

#[test]
fn a_socket_is_told_of_from_the_look_before_and_until_its_end() {
    let mut looks = Looks::new(true);
    let (early, late) = (socket(1, State::Listen, 80, 0), socket(2, State::Bound, 81, 0));
    assert_eq!(looks.look(std::slice::from_ref(&early), &[]), ["1000 1 Listening 80"]);
    let both = [early.clone(), late.clone()];
    assert_eq!(looks.look(&both, &[]), ["1000 2 Bound 81"]);
    assert_eq!(looks.look(&both, &[]), [""; 0]);
    assert_eq!(looks.look(&[late], &[ended(&early, 3_500)]), ["3500 1 Closed"]);
}

#[test]
fn one_look_may_miss_a_socket_and_two_end_it_once() {
    let mut looks = Looks::new(true);
    let reset = socket(1, State::Established, 5_000, 80);
    let seen = std::slice::from_ref(&reset);
    looks.look(seen, &[]);
    assert_eq!(looks.look(&[], &[]), [""; 0]);
    assert_eq!(looks.look(seen, &[]), [""; 0]);
    assert_eq!(looks.look(&[], &[]), [""; 0]);
    assert_eq!(looks.look(&[], &[]), ["4000 1 Unseen"]);
    assert_eq!(looks.look(&[], &[ended(&reset, 5_500)]), [""; 0], "its descriptor was closed");
    assert_eq!(looks.look(&[], &[ended(&reset, 6_500)]).len(), 2, "that was another");
}

#[test]
fn a_port_in_time_wait_is_known_by_its_ends() {
    let mut looks = Looks::new(true);
    let known = socket(1, State::Established, 5_000, 80);
    let passed = socket(2, State::Bound, 5_001, 80);
    looks.look(std::slice::from_ref(&known), &[]);
    let tails = [tail(&known, 1), tail(&passed, 77)];
    let told = looks.look(&tails, &[ended(&known, 1_500), ended(&passed, 1_600)]);
    assert_eq!(told, ["1000 2 Outgoing 5001", "1500 1 TimeWait", "1600 2 TimeWait"]);
    assert_eq!(looks.look(&tails, &[]), [""; 0], "nobody else has the cookie 77");
}

#[test]
fn without_the_kernels_word_a_tail_is_told_once() {
    let mut looks = Looks::new(false);
    let (before, passed) = (socket(1, State::Bound, 4_999, 80), socket(2, State::Bound, 5_000, 80));
    let long = socket(3, State::Established, 5_001, 80);
    assert_eq!(looks.look(&[tail(&before, 1), long.clone()], &[]), ["1000 3 Outgoing 5001"]);
    let tails = [tail(&before, 1), tail(&passed, 2), tail(&long, 3)];
    assert_eq!(looks.look(&tails, &[]), ["1000 2 Outgoing 5000", "2000 2 TimeWait"]);
    assert_eq!(looks.look(&tails, &[]), ["2000 3 TimeWait"]);
    assert_eq!(looks.look(&tails, &[]), [""; 0]);
}

#[test]
fn a_socket_that_has_another_port_is_another_tenure() {
    let mut looks = Looks::new(true);
    looks.look(&[socket(1, State::Established, 5_000, 80)], &[]);
    let moved = socket(1, State::Established, 5_001, 80);
    assert_eq!(looks.look(&[moved], &[]), ["2000 1 Unseen", "2001 1 Outgoing 5001"]);
}

#[test]
fn what_came_in_is_the_listeners_until_somebody_takes_it() {
    let mut looks = Looks::new(true);
    let listener = socket(1, State::Listen, 80, 0);
    looks.look(std::slice::from_ref(&listener), &[]);
    let (near, _) = looks.known.take_sought();
    assert_eq!(near.iter().map(|socket| socket.cookie).collect::<Vec<_>>(), [1]);
    looks.known.held(1, key(7));
    let waiting = Socket { inode: 0, ..socket(2, State::Established, 80, 5_000) };
    let told = looks.look(&[listener.clone(), waiting], &[]);
    assert_eq!(told, ["1000 2 Incoming 80 by 7", "2000 1 Listening 80 by 7"]);
    assert_eq!(looks.known.take_sought(), (vec![], vec![]), "nobody has a descriptor for it");
    let accepted = socket(2, State::Established, 80, 5_000);
    looks.look(&[listener.clone(), accepted.clone()], &[]);
    assert_eq!(looks.known.take_sought().0.len(), 1);
    assert_eq!(looks.look(&[listener.clone(), accepted.clone()], &[]), [""; 0]);
    assert_eq!(looks.known.take_sought().1, [(2, 102)], "then among all");
    looks.known.held(2, key(8));
    let told = looks.look(&[listener.clone(), accepted], &[]);
    assert_eq!(told, ["5000 2 Incoming 80 by 7", "5000 2 taken by 8"]);
    let passed = socket(3, State::Bound, 80, 5_001);
    let told = looks.look(&[listener], &[ended(&passed, 5_500)]);
    assert_eq!(told, ["5000 3 Incoming 80 by 7", "5500 3 Closed"]);
}

#[test]
fn a_disconnected_socket_was_reset_or_never_connected() {
    let mut looks = Looks::new(true);
    let (up, waiting) = (socket(1, State::Established, 1, 80), socket(2, State::SynSent, 2, 80));
    let (passed, listener) = (socket(3, State::Bound, 3, 80), socket(4, State::Listen, 9, 0));
    let accepted = socket(5, State::Bound, 9, 80);
    looks.look(&[up.clone(), waiting.clone(), listener.clone()], &[]);
    let disconnected = |socket: &Socket| {
        let end = ended(socket, 1_500);
        Ended { remote: Endpoint { port: Port::NONE, ..end.remote }, ..end }
    };
    let ends = [&up, &waiting, &passed, &accepted].map(disconnected);
    let told = looks.look(&[listener], &ends);
    let endings = ["1500 1 Aborted", "1500 2 Failed", "1500 3 Unseen", "1500 5 Aborted"];
    let unseen =
        ["1000 3 Outgoing 3 to nobody knows whom", "1000 5 Incoming 9 to nobody knows whom"];
    assert_eq!(told[..2], unseen);
    assert_eq!(told[2..], endings);
}
