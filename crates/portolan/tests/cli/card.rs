//! The card on each kind of socket, and what `--held` says.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};

use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with, sockopt};
use serde_json::Value;

use crate::netns::{in_own_netns, portolan, portolan_as_nobody};

fn bound_silently(port: u16) -> rustix::fd::OwnedFd {
    let (family, kind) = (AddressFamily::INET, SocketType::STREAM);
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
    bind(&socket, &std::net::SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)).unwrap();
    socket
}

fn dual_stack_listener(port: u16, v6only: bool) -> rustix::fd::OwnedFd {
    let (family, kind) = (AddressFamily::INET6, SocketType::STREAM);
    let socket = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
    sockopt::set_ipv6_v6only(&socket, v6only).unwrap();
    bind(&socket, &std::net::SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, port, 0, 0)).unwrap();
    rustix::net::listen(&socket, 8).unwrap();
    socket
}

/// The one verdict on binding `proto` at `addr`.
fn verdict<'a>(card: &'a Value, proto: &str, addr: &str, reuseaddr: bool) -> &'a Value {
    let binds = card["bind"].as_array().unwrap();
    let is_it =
        |b: &&Value| b["proto"] == proto && b["addr"] == addr && b["reuseaddr"] == reuseaddr;
    binds.iter().find(is_it).unwrap()
}

#[test]
fn a_free_port_is_free_and_nobody_holds_it() {
    in_own_netns("free port", || {
        let card = portolan(&["60440"]);
        assert_eq!(card.status, 0);
        assert!(card.stdout.starts_with("60440 · dynamic port"), "{}", card.stdout);
        assert!(card.stdout.contains("NOW  no socket\nBIND yes for tcp\n     yes for udp\n"));
        let held = portolan(&["60440", "--held", "-q"]);
        assert_eq!((held.status, held.stdout.as_str(), held.stderr.as_str()), (1, "", ""));
    });
}

#[test]
fn a_listener_is_named_with_its_process() {
    in_own_netns("listener", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let me = std::process::id();
        let text = portolan(&["localhost:8080"]).stdout;
        assert!(text.contains(&format!("({me}) listens on it")), "{text}");
        let card = portolan(&["8080", "--json"]).json();
        let socket = &card["sockets"][0];
        assert_eq!(socket["state"], "LISTEN");
        assert_eq!(socket["local"]["port"], 8080);
        assert_eq!(socket["owners"]["status"], "known");
        assert_eq!(socket["owners"]["processes"][0]["pid"], me);
        let blocked = verdict(&card, "tcp", "0.0.0.0", true);
        assert_eq!((&blocked["ok"], &blocked["reason"]), (&false.into(), &"listening".into()));
        assert_eq!(blocked["holder"]["owners"]["processes"][0]["pid"], me);
        assert_eq!(verdict(&card, "tcp", "::1", false)["ok"], true);
        assert_eq!(verdict(&card, "udp", "0.0.0.0", false)["ok"], true);
        assert_eq!(portolan(&["8080", "--held", "-q"]).status, 0);
    });
}

#[test]
fn both_ends_of_a_connection_are_told_apart() {
    in_own_netns("connection", || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let accepted = listener.accept().unwrap();
        let _waiting = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let text = portolan(&["8080"]).stdout;
        assert!(text.contains("2 connections came in on it"), "{text}");
        assert!(text.contains("is connected to it from here"), "{text}");
        assert!(text.contains("not accepted yet"), "{text}");
        let port = client.local_addr().unwrap().port().to_string();
        let text = portolan(&[&port]).stdout;
        assert!(text.contains("an outgoing connection of"), "{text}");
        assert!(text.contains("is connected from it"), "{text}");
        drop(accepted);
    });
}

#[test]
fn a_bound_and_silent_socket_is_found_and_blamed() {
    in_own_netns("bound silent", || {
        let _socket = bound_silently(8080);
        let text = portolan(&["8080"]).stdout;
        assert!(text.contains("has it bound and does not listen"), "{text}");
        let card = portolan(&["8080", "--json"]).json();
        assert_eq!(card["sockets"][0]["state"], "BOUND");
        assert_eq!(verdict(&card, "tcp", "127.0.0.1", true)["reason"], "bound-silent");
        assert_eq!(portolan(&["8080", "--held", "-q"]).status, 0);
    });
}

#[test]
fn a_dual_stack_listener_is_blamed_for_ipv4() {
    in_own_netns("dual stack", || {
        let _dual = dual_stack_listener(8080, false);
        let _six = dual_stack_listener(8081, true);
        let card = portolan(&["8080", "--json"]).json();
        assert_eq!(card["sockets"][0]["v6only"], false);
        assert_eq!(verdict(&card, "tcp", "0.0.0.0", true)["reason"], "dual-stack");
        assert!(portolan(&["8080"]).stdout.contains("*:8080"));
        let card = portolan(&["8081", "--json"]).json();
        assert_eq!(verdict(&card, "tcp", "0.0.0.0", false)["ok"], true);
        assert!(portolan(&["8081"]).stdout.contains("[::]:8081"));
    });
}

#[test]
fn time_wait_is_recognised_and_held_by_the_kernel() {
    in_own_netns("time wait", || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        drop(listener.accept().unwrap());
        drop(client);
        drop(listener);
        let card = portolan(&["8080", "--json"]).json();
        assert_eq!(card["sockets"][0]["state"], "TIME-WAIT");
        assert_eq!(card["sockets"][0]["owners"]["status"], "kernel");
        let plain = verdict(&card, "tcp", "127.0.0.1", false);
        assert_eq!((&plain["ok"], &plain["reason"]), (&false.into(), &"time-wait".into()));
        let text = portolan(&["8080"]).stdout;
        assert!(text.contains("1 connection closed and still in TIME-WAIT on it"), "{text}");
        assert!(text.contains("SO_REUSEADDR gets past it"), "{text}");
        assert!(text.contains("a closed connection keeps it in TIME-WAIT"), "{text}");
        assert!(card["sockets"][0]["uid"].is_null(), "the kernel does not tell");
    });
}

#[test]
fn without_root_the_owner_is_hidden_and_the_rest_is_told() {
    in_own_netns("as nobody", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let _udp = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 53)).unwrap();
        let run = portolan_as_nobody(&["8080", "--json"]);
        let card = run.json();
        assert_eq!(card["sockets"][0]["owners"]["status"], "hidden");
        assert_eq!(card["sockets"][0]["uid"], 0);
        let codes: Vec<_> = card["notes"].as_array().unwrap().iter().map(|n| &n["code"]).collect();
        assert!(codes.contains(&&Value::from("processes-unreadable")), "{codes:?}");
        assert_eq!(portolan_as_nobody(&["8080", "--held", "-q"]).status, 0);
        let privileged = portolan_as_nobody(&["80", "--json"]).json();
        assert_eq!(verdict(&privileged, "tcp", "0.0.0.0", false)["reason"], "privileged");
        let told = portolan_as_nobody(&["80", "--json", "--no-probe"]).json();
        assert_eq!(verdict(&told, "tcp", "0.0.0.0", false)["ok"], false);
    });
}

#[test]
fn telling_from_the_table_agrees_with_trying() {
    in_own_netns("no probe", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let _silent = bound_silently(8081);
        let _dual = dual_stack_listener(8082, false);
        for port in ["8080", "8081", "8082", "8083"] {
            let tried = portolan(&[port, "--json"]).json();
            let told = portolan(&[port, "--json", "--no-probe"]).json();
            let pairs =
                tried["bind"].as_array().unwrap().iter().zip(told["bind"].as_array().unwrap());
            for (tried, told) in pairs {
                assert_eq!((&tried["probed"], &told["probed"]), (&true.into(), &false.into()));
                assert!(told["ok"].is_null() || told["ok"] == tried["ok"], "{tried} {told}");
            }
        }
    });
}

#[test]
fn a_range_shows_who_is_in_it_and_what_is_free() {
    in_own_netns("range", || {
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8000)).unwrap();
        let run = portolan(&["8000-8009"]);
        assert!(
            run.stdout.contains("FREE 9 of 10 have no socket; the first is 8001"),
            "{}",
            run.stdout
        );
        assert_eq!(portolan(&["8001-8009", "--held", "-q"]).status, 1);
    });
}

#[test]
fn a_listener_in_another_namespace_is_shown_and_is_in_nobodys_way() {
    in_own_netns("the listener's namespace", || {
        let _listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 17_112)).unwrap();
        // A namespace is found by the processes in it, not by their threads: it takes one.
        let mut inhabitant = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        in_own_netns("our namespace", || {
            assert_eq!(portolan(&["17112/tcp", "--held", "-q"]).status, 1);
            let card = portolan(&["17112/tcp", "--all-netns", "--json"]).json();
            assert_eq!(card["sockets"][0]["state"], "LISTEN");
            assert_eq!(verdict(&card, "tcp", "0.0.0.0", false)["ok"], true);
            let told = portolan(&["17112/tcp", "--all-netns", "--no-probe", "--json"]).json();
            assert_eq!(verdict(&told, "tcp", "0.0.0.0", false)["ok"], true);
        });
        drop(inhabitant.stdin.take());
        inhabitant.wait().unwrap();
    });
}

#[test]
fn an_accepted_connection_is_not_called_outgoing_once_its_listener_is_gone() {
    in_own_netns("listener gone", || {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 8080)).unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let _accepted = listener.accept().unwrap();
        drop(listener);
        let text = portolan(&["8080"]).stdout;
        assert!(text.contains("1 connection of"), "{text}");
        assert!(!text.contains("outgoing"), "{text}");
    });
}

#[test]
fn a_peer_on_this_host_is_not_somebody() {
    in_own_netns("peer here", || {
        for addr in ["10.9.0.1/32", "10.9.0.2/32"] {
            let added = Command::new("ip").args(["addr", "add", addr, "dev", "lo"]).status();
            assert!(added.unwrap().success());
        }
        let listener = TcpListener::bind("10.9.0.1:8080").unwrap();
        let (family, kind) = (AddressFamily::INET, SocketType::STREAM);
        let client = socket_with(family, kind, SocketFlags::CLOEXEC, None).unwrap();
        bind(&client, &"10.9.0.2:0".parse::<std::net::SocketAddrV4>().unwrap()).unwrap();
        let there: std::net::SocketAddrV4 = "10.9.0.1:8080".parse().unwrap();
        rustix::net::connect(&client, &there).unwrap();
        let _accepted = listener.accept().unwrap();
        let text = portolan(&["8080"]).stdout;
        assert!(text.contains("is connected to it from here"), "{text}");
        assert!(!text.contains("somebody"), "{text}");
    });
}

#[test]
fn what_lies_in_other_namespaces_is_not_said_to_be_nobodys() {
    in_own_netns("unseen namespaces", || {
        let here = portolan_as_nobody(&["8080/tcp", "--held", "-q"]);
        let everywhere = portolan_as_nobody(&["8080/tcp", "--held", "-q", "--all-netns"]);
        assert_eq!((here.status, everywhere.status), (1, 3));
    });
}

#[test]
fn a_host_is_not_looked_at_and_the_card_says_so() {
    in_own_netns("host", || {
        let text = portolan(&["example.org:443"]).stdout;
        assert!(text.contains("example.org was not looked at"), "{text}");
        assert!(!portolan(&["localhost:443"]).stdout.contains("not looked at"));
    });
}

#[test]
fn a_range_that_covers_the_ephemeral_one_says_how_much() {
    in_own_netns("cover", || {
        let text = portolan(&["1-65535"]).stdout;
        assert!(text.contains("28,232 of 65,535 inside the ephemeral range 32768–60999"), "{text}");
        std::fs::write("/proc/sys/net/ipv4/ip_local_reserved_ports", "50000-50010").unwrap();
        let text = portolan(&["50000-50010"]).stdout;
        assert!(text.contains("reserved: never handed out"), "{text}");
        assert!(portolan(&[]).stdout.contains("of 28,221 ports in use"));
    });
}
