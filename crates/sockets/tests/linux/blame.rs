//! Where several sockets are on a port: which of them is blamed for a bind that fails.

use std::net::IpAddr;

use registry::{Port, Proto};
use rustix::fd::OwnedFd;
use rustix::net::{accept, connect, listen};
use sockets::{BindVerdict, Reason, Remedy, State, States};

use crate::bindable::{Views, inode, look};
use crate::holders::{Spec, port_of};
use crate::namespace::in_fresh_netns;

const PORT: Port = Port(8080);

fn verdict(views: &Views, proto: Proto, addr: &str, reuseaddr: bool) -> BindVerdict {
    let addr: IpAddr = addr.parse().unwrap();
    let is = |of: &&BindVerdict| (of.proto, of.addr, of.reuseaddr) == (proto, addr, reuseaddr);
    views.explained.iter().find(is).unwrap().clone()
}

fn blamed(views: &Views, addr: &str, reuseaddr: bool) -> u64 {
    let culprit = verdict(views, Proto::Tcp, addr, reuseaddr).culprit.unwrap();
    views.sockets[culprit].inode
}

fn listener(spec: Spec) -> OwnedFd {
    let socket = spec.bind(PORT).unwrap();
    listen(&socket, 4).unwrap();
    socket
}

/// The server's end of a connection to `server`, and the client's.
fn connection(server: &OwnedFd) -> (OwnedFd, OwnedFd) {
    let spec = Spec::tcp("127.0.0.1");
    let client = spec.open().unwrap();
    connect(&client, &spec.at(port_of(server).unwrap())).unwrap();
    (accept(server).unwrap(), client)
}

#[test]
fn a_living_connection_is_blamed_before_what_is_left_of_others() {
    in_fresh_netns(|| {
        let server = listener(Spec::tcp("127.0.0.1"));
        let (orphan, _peer) = connection(&server);
        let (first, second) = connection(&server);
        let (alive, _other) = connection(&server);
        drop(first);
        drop(second);
        drop(orphan);
        drop(server);
        let views = look(PORT);
        let states = States::from_iter(views.sockets.iter().map(|socket| socket.state));
        // The peer may take 40 ms to acknowledge the orphan's FIN.
        assert!(states.contains(State::FinWait1) || states.contains(State::FinWait2));
        assert!(states.contains(State::TimeWait) && views.sockets.len() == 3);
        assert_eq!(blamed(&views, "0.0.0.0", false), inode(&alive));
        drop(alive);
        let views = look(PORT);
        let remedy = verdict(&views, Proto::Tcp, "0.0.0.0", false).remedy;
        assert_eq!(remedy, Some(Remedy::Wait));
    });
}

#[test]
fn a_socket_on_the_same_address_is_blamed_before_one_that_covers_it() {
    in_fresh_netns(|| {
        let all = Spec::tcp("0.0.0.0").reuse().bind(PORT).unwrap();
        let one = Spec::tcp("127.0.0.1").reuse().bind(PORT).unwrap();
        let views = look(PORT);
        assert_eq!(blamed(&views, "0.0.0.0", false), inode(&all));
        assert_eq!(blamed(&views, "127.0.0.1", false), inode(&one));
    });
}

#[test]
fn v6only_helps_only_where_no_ipv6_socket_is() {
    in_fresh_netns(|| {
        let _four = listener(Spec::tcp("127.0.0.1"));
        let remedy = || verdict(&look(PORT), Proto::Tcp, "::", true).remedy;
        assert_eq!(remedy(), Some(Remedy::V6Only));
        let _six = listener(Spec::tcp("::1"));
        assert_eq!(remedy(), Some(Remedy::Release));
    });
}

#[test]
fn a_socket_surely_in_the_way_is_blamed_before_an_ipv6_connection() {
    in_fresh_netns(|| {
        let peer = Spec::udp("::").bind(Port::NONE).unwrap();
        let spec = Spec::udp("::").v6only();
        let connected = spec.bind(PORT).unwrap();
        connect(&connected, &Spec::udp("::1").at(port_of(&peer).unwrap())).unwrap();
        let bound = Spec::udp("127.0.0.2").bind(PORT).unwrap();
        let views = look(PORT);
        for reuseaddr in [false, true] {
            let culprit = verdict(&views, Proto::Udp, "0.0.0.0", reuseaddr).culprit.unwrap();
            assert_eq!(views.sockets[culprit].inode, inode(&bound));
        }
    });
}

#[test]
fn even_a_time_wait_surely_in_the_way_is_blamed_before_an_ipv6_connection() {
    in_fresh_netns(|| {
        let server = listener(Spec::tcp("127.0.0.2"));
        let client = Spec::tcp("127.0.0.2").open().unwrap();
        connect(&client, &Spec::tcp("127.0.0.2").at(PORT)).unwrap();
        drop(accept(&server).unwrap());
        drop((client, server));
        let peer = Spec::tcp("::1").bind(Port::NONE).unwrap();
        listen(&peer, 1).unwrap();
        let six = Spec::tcp("::1").bind(PORT).unwrap();
        connect(&six, &Spec::tcp("::1").at(port_of(&peer).unwrap())).unwrap();
        let views = look(PORT);
        for reuseaddr in [false, true] {
            let verdict = verdict(&views, Proto::Tcp, "0.0.0.0", reuseaddr);
            assert_eq!(verdict.reason, Some(Reason::TimeWait));
            assert_eq!(verdict.remedy, Some(Remedy::Wait));
        }
    });
}
