//! `portolan room` on real sockets: the fill is what `ss` counts, and the room is what connect(2) finds.

use std::net::{TcpListener, UdpSocket};

use serde_json::Value;

use crate::netns::{Run, in_own_netns, portolan, portolan_as_nobody};
use crate::ports::{Load, counted_by_ss, set};

fn room(args: &[&str]) -> Value {
    let nowhere = ["room", "--json", "--over", "0", "--dir", "/nonexistent/portolan"];
    let run = portolan(&[&nowhere, args].concat());
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.json()["rooms"][0].clone()
}

#[test]
fn room_is_what_connect_finds_and_fill_what_ss_counts() {
    in_own_netns("room_is_what_connect_finds_and_fill_what_ss_counts", || {
        set("ip_local_port_range", "40000 40199");
        set("ip_local_reserved_ports", "40020-40029,50000");
        let _listens = TcpListener::bind("127.0.0.1:40010").unwrap();
        let silent = rustix::net::socket_with(
            rustix::net::AddressFamily::INET,
            rustix::net::SocketType::STREAM,
            rustix::net::SocketFlags::CLOEXEC,
            None,
        )
        .unwrap();
        rustix::net::bind(&silent, &"127.0.0.1:40011".parse::<std::net::SocketAddr>().unwrap())
            .unwrap();
        let before = room(&[]);
        assert_eq!((&before["handed_out"], &before["closed"]), (&190.into(), &2.into()));
        assert_eq!(before["open"], 188);

        let mut load = Load::new();
        load.fill(60);
        let some = room(&[]);
        assert_eq!(some["destinations"][0]["taken"], 60);
        assert_eq!(some["destinations"][0]["taken"], counted_by_ss(7000));
        assert_eq!(some["destinations"][0]["cliff"], "far");
        assert_eq!(load.fill(100), 100);
        assert_eq!(room(&[])["destinations"][0]["cliff"], "past");

        assert_eq!(load.fill(1000), 188, "the kernel gives as many as we say");
        let full = &room(&[])["destinations"][0];
        assert_eq!(
            (&full["taken"], &full["of"], &full["free"]),
            (&188.into(), &188.into(), &0.into())
        );
        assert_eq!(full["taken"], counted_by_ss(7000));
    });
}

#[test]
fn ports_in_time_wait_are_told_apart_and_lent_as_the_kernel_does() {
    in_own_netns("ports_in_time_wait_are_told_apart_and_lent_as_the_kernel_does", || {
        set("ip_local_port_range", "40000 40199");
        set("tcp_tw_reuse", "0");
        let mut load = Load::new();
        load.churn(150);
        let waiting = &room(&[])["destinations"][0];
        assert_eq!((&waiting["taken"], &waiting["free"]), (&150.into(), &50.into()));
        assert_eq!(waiting["states"]["TIME-WAIT"], 150);
        assert_eq!(load.fill(1000), 50);
        set("tcp_tw_reuse", "2");
        std::thread::sleep(std::time::Duration::from_millis(2100));
        let lent = &room(&[])["destinations"][0];
        assert_eq!((&lent["taken"], &lent["reusable"]), (&200.into(), &150.into()));
        assert_eq!(load.fill(1000), 200, "what the kernel lends is what we say it does");
    });
}

#[test]
fn udp_ports_are_counted_for_all_destinations() {
    in_own_netns("udp_ports_are_counted_for_all_destinations", || {
        set("ip_local_port_range", "40000 40019");
        let mut held = Vec::new();
        for to in ["127.0.0.1:53", "127.0.0.2:53"] {
            let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
            socket.connect(to).unwrap();
            held.push(socket);
        }
        let room = room(&[]);
        assert_eq!(room["udp"]["ports"], 2);
        assert_eq!(
            (&room["destinations"][0]["taken"], &room["destinations"][0]["of"]),
            (&1.into(), &19.into())
        );
        while let Ok(socket) = UdpSocket::bind("0.0.0.0:0") {
            held.push(socket);
        }
        assert_eq!(held.len(), 20, "as many as the range has");
    });
}

#[test]
fn a_person_sees_bars_and_who_holds_the_ports() {
    in_own_netns("a_person_sees_bars_and_who_holds_the_ports", || {
        set("ip_local_port_range", "40000 40199");
        let mut load = Load::new();
        load.fill(120);
        let run = portolan(&["room", "--dir", "/nonexistent/portolan"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let pid = std::process::id();
        for text in
            ["██████····", "60.0 %", "past", "127.0.0.1:7000", &format!("({pid}) 120"), "LIMITS"]
        {
            assert!(run.stdout.contains(text), "{text}:\n{}", run.stdout);
        }
        let nobody = portolan_as_nobody(&["room", "--dir", "/nonexistent/portolan"]);
        assert!(nobody.stdout.contains("hidden"), "{}", nobody.stdout);
    });
}

#[test]
fn the_probe_shows_what_the_cliff_costs() {
    in_own_netns("the_probe_shows_what_the_cliff_costs", || {
        set("ip_local_port_range", "40000 47999");
        let mut load = Load::new();
        load.fill(4200);
        let run =
            portolan(&["room", "--probe", "--json", "--over", "0", "--dir", "/nonexistent/x"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let probe = &run.json()["probe"];
        let median = |of: &str| probe[of]["median_us"].as_f64().unwrap();
        assert!(median("full") > 3.0 * median("empty"), "{probe}");
        assert_eq!(probe["full"]["failed"], 0);
    });
}

#[test]
fn wrong_use_is_one_line() {
    for args in [
        &["room", "--over", "1y"][..],
        &["room", "--top", "0"],
        &["room", "--netns", "no-such-namespace"],
        &["room", "--watch", "--probe"],
        &["room", "--probe-inside"],
    ] {
        let Run { stdout, stderr, status } = portolan(args);
        assert_eq!(
            (status, stdout.as_str(), stderr.lines().count()),
            (2, "", 1),
            "{args:?}: {stderr}"
        );
    }
}
