//! Binds: the kernel's verdict, its explanation and the foretelling of it, for every holder.

use std::fs;
use std::net::Ipv6Addr;
use std::time::Duration;

use proptest::prelude::{Strategy, any, prop};
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use registry::{Port, Proto};
use rustix::fd::OwnedFd;
use rustix::fs::fstat;
use rustix::io::ioctl_fionbio;
use rustix::net::{accept, connect, listen, sockopt};
use rustix::process::Uid;
use sockets::{
    BIND_ADDRESSES, BindVerdict, Linux, Outcome, Ports, Query, Reason, Remedy, Socket, Source,
    State, explain_binds, predict_binds,
};

use crate::holders::{HOLDERS, Held, Spec, port_of};
use crate::matrix::{letters, table};
use crate::namespace::{in_fresh_netns, run};

const BOTH: [Proto; 2] = [Proto::Tcp, Proto::Udp];

/// What is known about binding a port, from the kernel and from the table.
pub(crate) struct Views {
    pub(crate) sockets: Vec<Socket>,
    pub(crate) explained: Vec<BindVerdict>,
    pub(crate) foretold: Vec<BindVerdict>,
}

pub(crate) fn look(port: Port) -> Views {
    let query = Query { ports: Ports::Local(port.into()), ..Query::default() };
    let snapshot = Linux.sockets(&query).unwrap();
    let premises = Linux.bind_premises().with_notes(&snapshot.notes);
    let settings = Linux.port_settings().unwrap();
    let trials = Linux.try_binds(port, &BOTH);
    let sockets = snapshot.sockets;
    let explained = explain_binds(port, &BOTH, &sockets, &settings, &trials);
    let foretold = predict_binds(port, &BOTH, &sockets, &settings, &premises);
    Views { sockets, explained, foretold }
}

pub(crate) fn inode(socket: &OwnedFd) -> u64 {
    fstat(socket).unwrap().st_ino
}

#[test]
fn every_holder_is_explained_and_foretold() {
    in_fresh_netns(|| {
        for (index, holder) in HOLDERS.iter().enumerate() {
            // Ports of its own, away from the TIME-WAIT of others.
            let first = 10_000 + 100 * index;
            let range = format!("{first} {}", first + 99);
            fs::write("/proc/sys/net/ipv4/ip_local_port_range", range).unwrap();
            let held = (holder.hold)().unwrap();
            let views = look(held.port);
            let seen = [&views.explained, &views.foretold].map(|of| letters(of, holder.proto));
            let name = holder.name;
            assert_eq!(seen, [holder.kernel, holder.foretold], "{name}: {:#?}", views.sockets);
            check_culprits(name, &held, &views);
            let other = if holder.proto == Proto::Tcp { Proto::Udp } else { Proto::Tcp };
            assert_eq!(letters(&views.explained, other), ".. .. .. ..", "{name}");
            assert_eq!(letters(&views.foretold, other), ".. .. .. ..", "{name}");
        }
    });
}

/// Every refusal is blamed on the socket that was made to stand in the way, by both views.
fn check_culprits(name: &str, held: &Held, views: &Views) {
    let expected = held.culprit.map_or(0, |index| inode(&held.sockets[index]));
    for verdict in views.explained.iter().chain(&views.foretold) {
        if verdict.outcome == Outcome::Yes {
            assert_eq!((verdict.culprit, verdict.remedy), (None, None), "{name}");
            continue;
        }
        let culprit = &views.sockets[verdict.culprit.unwrap()];
        assert_eq!(culprit.inode, expected, "{name}: {verdict:?}");
        let v6only = verdict.remedy == Some(Remedy::V6Only);
        let would = Spec { proto: verdict.proto, ..Spec::tcp("::") }.v6only();
        assert!(!v6only || would.bind(held.port).is_ok(), "{name}: v6only does not help");
        let waits = verdict.remedy == Some(Remedy::Wait);
        assert!(!waits || culprit.inode == 0 && culprit.state != State::Listen, "{name}");
    }
}

#[test]
fn what_helps_is_what_would() {
    in_fresh_netns(|| {
        let remedies = |name: &str| {
            let holder = HOLDERS.iter().find(|holder| holder.name == name).unwrap();
            let held = (holder.hold)().unwrap();
            let remedy = |verdict: &BindVerdict| verdict.remedy.map_or("-", Remedy::code);
            let views = look(held.port);
            let tcp = |verdicts: Vec<BindVerdict>| {
                verdicts.iter().take(6).map(remedy).collect::<Vec<_>>().join(" ")
            };
            (tcp(views.explained), tcp(views.foretold))
        };
        let (kernel, foretold) = remedies("listener on 127.0.0.1");
        assert_eq!(kernel, "release release release release v6only v6only");
        assert_eq!(foretold, kernel);
        let (kernel, foretold) = remedies("TIME-WAIT of a server, SO_REUSEADDR");
        assert_eq!(kernel, "reuseaddr - reuseaddr - reuseaddr -");
        assert_eq!(foretold, "reuseaddr-perhaps - reuseaddr-perhaps - reuseaddr-perhaps -");
        let (kernel, _) = remedies("TIME-WAIT of an IPv6 client");
        assert_eq!(kernel, "wait wait - - wait wait");
        let (kernel, _) = remedies("closed connection nobody holds (FIN-WAIT)");
        assert_eq!(kernel, "wait wait wait wait v6only v6only");
    });
}

#[test]
fn a_long_list_of_reserved_ports_is_read_whole() {
    in_fresh_netns(|| {
        let even: Vec<String> = (40_000..41_000).step_by(2).map(|port| port.to_string()).collect();
        fs::write("/proc/sys/net/ipv4/ip_local_reserved_ports", even.join(",")).unwrap();
        assert_eq!(Linux.port_settings().unwrap().reserved.len(), 500);
    });
}

#[test]
fn a_reserved_port_can_still_be_bound() {
    in_fresh_netns(|| {
        fs::write("/proc/sys/net/ipv4/ip_local_reserved_ports", "40000").unwrap();
        let views = look(Port(40_000));
        assert!(Linux.port_settings().unwrap().is_reserved(Port(40_000)));
        for proto in BOTH {
            assert_eq!(letters(&views.explained, proto), ".. .. .. ..");
            assert_eq!(letters(&views.foretold, proto), ".. .. .. ..");
        }
    });
}

#[test]
fn a_privileged_port_is_refused_to_nobody() {
    in_fresh_netns(|| {
        let listener = Spec::tcp("0.0.0.0").bind(Port(80)).unwrap();
        listen(&listener, 1).unwrap();
        rustix::thread::set_thread_uid(Uid::from_raw(65_534)).unwrap();
        let views = look(Port(80));
        for proto in BOTH {
            assert_eq!(letters(&views.explained, proto), "PP PP PP PP");
            assert_eq!(letters(&views.foretold, proto), "PP PP PP PP");
        }
        let verdict = &views.explained[0];
        assert_eq!(verdict.reason, Some(Reason::Privileged { unprivileged_start: Port(1024) }));
        assert_eq!((verdict.culprit, verdict.remedy), (None, Some(Remedy::Privilege)));
        assert_eq!(letters(&look(Port(1024)).explained, Proto::Tcp), ".. .. .. ..");
    });
}

#[test]
fn an_address_that_the_host_lacks_is_named_so() {
    in_fresh_netns(|| {
        run(&["ip", "addr", "del", "127.0.0.1/8", "dev", "lo"]);
        fs::write("/proc/sys/net/ipv6/conf/all/disable_ipv6", "1").unwrap();
        let views = look(Port(23_456));
        for verdicts in [&views.explained, &views.foretold] {
            assert_eq!(letters(verdicts, Proto::Tcp), ".. AA .. AA");
            assert_eq!(letters(verdicts, Proto::Udp), ".. AA .. AA");
            assert_eq!(verdicts[6].remedy, Some(Remedy::Address));
        }
        // The kernel looks at the privilege first for IPv6, at the address first for IPv4.
        rustix::thread::set_thread_uid(Uid::from_raw(65_534)).unwrap();
        let views = look(Port(80));
        assert_eq!(letters(&views.explained, Proto::Tcp), "PP AA PP PP");
        assert_eq!(letters(&views.foretold, Proto::Tcp), "PP AA PP PP");
    });
}

/// A socket of a random scene, on the one port that the scene is about.
#[derive(Clone, Debug)]
struct Actor {
    spec: Spec,
    act: Act,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Bind,
    Listen,
    Connect,
}

fn scene() -> impl Strategy<Value = Vec<Actor>> {
    let addr = select(vec![
        "0.0.0.0",
        "127.0.0.1",
        "127.0.0.2",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:0.0.0.0",
    ]);
    let act = select(vec![Act::Bind, Act::Listen, Act::Connect]);
    let actor = (addr, select(BOTH.to_vec()), any::<bool>(), any::<bool>(), act).prop_map(
        |(addr, proto, reuseaddr, v6only, act)| {
            let v6only = v6only && !addr.contains("ffff");
            Actor { spec: Spec { proto, addr, reuseaddr, v6only }, act }
        },
    );
    prop::collection::vec(actor, 1..7)
}

impl Actor {
    /// The socket, if the kernel lets it be there beside the others.
    fn enter(&self, port: Port, stage: &[OwnedFd; 2]) -> Option<OwnedFd> {
        let socket = self.spec.bind(port).ok()?;
        match (self.act, self.spec.proto) {
            (Act::Bind, _) => {}
            (Act::Listen, Proto::Tcp) => listen(&socket, 1).ok()?,
            (Act::Listen, _) => {}
            (Act::Connect, proto) => {
                // A reset instead of TIME-WAIT, so that closing it leaves nothing on the port.
                if proto == Proto::Tcp {
                    sockopt::set_socket_linger(&socket, Some(Duration::ZERO)).ok()?;
                }
                let peer = &stage[usize::from(proto == Proto::Udp)];
                let to = Spec { addr: self.peer(), ..self.spec }.at(port_of(peer).ok()?);
                connect(&socket, &to).ok()?;
            }
        }
        Some(socket)
    }

    fn peer(&self) -> &'static str {
        match self.spec.addr {
            "::" | "::1" => "::1",
            mapped if mapped.contains("ffff") => "::ffff:127.0.0.1",
            _ => "127.0.0.1",
        }
    }
}

#[test]
fn any_set_of_sockets_is_explained_and_foretold() {
    in_fresh_netns(|| {
        let server = Spec::tcp("::").bind(Port::NONE).unwrap();
        listen(&server, 64).unwrap();
        ioctl_fionbio(&server, true).unwrap();
        let stage = [server, Spec::udp("::").bind(Port::NONE).unwrap()];
        let port = std::cell::Cell::new(10_000);
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
        let strategy = (scene(), any::<prop::sample::Index>());
        let outcome = runner.run(&strategy, |(actors, pick)| {
            port.set(port.get() + 1);
            play(&actors, &pick, Port(port.get()), &stage)
        });
        outcome.unwrap_or_else(|error| panic!("{error}"));
    });
}

/// Puts the `actors` on `port` and holds both views against the kernel; then closes all but one
/// culprit, which must still be in the way.
fn play(
    actors: &[Actor],
    pick: &prop::sample::Index,
    port: Port,
    stage: &[OwnedFd; 2],
) -> Result<(), TestCaseError> {
    let mut cast: Vec<OwnedFd> =
        actors.iter().filter_map(|actor| actor.enter(port, stage)).collect();
    while accept(&stage[0]).is_ok() {}
    let views = look(port);
    for (kernel, foretold) in views.explained.iter().zip(&views.foretold) {
        let agree = foretold.outcome == kernel.outcome;
        let undecided = foretold.outcome == Outcome::Unknown && foretold.culprit.is_some();
        if !(agree || undecided) || kernel.outcome == Outcome::No && kernel.culprit.is_none() {
            return Err(TestCaseError::fail(format!(
                "{kernel:?}\n{foretold:?}\n{:#?}",
                views.sockets
            )));
        }
    }
    let failures: Vec<&BindVerdict> =
        views.explained.iter().filter(|verdict| verdict.outcome == Outcome::No).collect();
    if failures.is_empty() {
        return Ok(());
    }
    let accused = failures[pick.index(failures.len())];
    let culprit = &views.sockets[accused.culprit.unwrap()];
    cast.retain(|socket| inode(socket) == culprit.inode);
    let again = Linux.try_binds(port, &[accused.proto]);
    let again = again
        .iter()
        .find(|trial| trial.addr == accused.addr && trial.reuseaddr == accused.reuseaddr)
        .unwrap();
    // No trial tells which of two sockets stops the wildcard if both are on other addresses, or
    // are IPv6 connections, whose v6only is not told.
    let unsure = |socket: &Socket| {
        let untried = !BIND_ADDRESSES.contains(&socket.local.canonical());
        let crossing = accused.addr.is_ipv4() && socket.local.canonical().is_ipv6();
        untried && accused.reuseaddr || crossing && socket.v6only.is_none()
    };
    let other = |socket: &Socket| socket.inode != culprit.inode && unsure(socket);
    let undecidable = unsure(culprit) && views.sockets.iter().any(other);
    if cast.len() != 1 || again.result.is_ok() && !undecidable {
        return Err(TestCaseError::fail(format!("not guilty: {accused:?}\n{:#?}", views.sockets)));
    }
    Ok(())
}

#[test]
fn nothing_is_left_of_a_try() {
    in_fresh_netns(|| {
        Linux.try_binds(Port(23_456), &BOTH);
        assert!(look(Port(23_456)).sockets.is_empty());
        let wildcard = Spec::tcp("::").bind(Port(23_456)).unwrap();
        assert_eq!(port_of(&wildcard).unwrap(), Port(23_456));
        assert!(look(Port::NONE).explained.iter().all(|verdict| verdict.outcome == Outcome::Yes));
        assert!(look(Port::NONE).foretold.iter().all(|verdict| verdict.outcome == Outcome::Yes));
        assert_eq!(Linux.try_binds(Port(1), &[Proto::Sctp, Proto::Dccp]).len(), 0);
        assert_eq!(Linux.try_binds(Port(23_457), &BOTH)[4].addr, Ipv6Addr::UNSPECIFIED);
    });
}

#[test]
fn the_manual_has_the_matrix() {
    let manual = include_str!("../../../../docs/bind.md");
    let matrix = table(|holder| holder.kernel.to_owned());
    assert!(manual.contains(&matrix), "run the example bind_matrix and put this in:\n{matrix}");
}
