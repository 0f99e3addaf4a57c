//! `portolan room` on real sockets: the fill is what `ss` counts, and the room is what connect(2) finds.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

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
        assert_eq!(full["full_in_s"], 0.0, "that none is left takes no rate to tell");
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

/// Two looks and the kernel's count both see what is begun, and what waits where nobody listens in the
/// range.
#[test]
fn the_rate_is_that_of_the_connects_however_it_is_told() {
    in_own_netns("the_rate_is_that_of_the_connects_however_it_is_told", || {
        set("ip_local_port_range", "40000 47999");
        let mut load = Load::new();
        load.fill(1);
        let _queue = TcpListener::bind("127.0.0.1:7001").unwrap();
        let _waiting = TcpStream::connect("127.0.0.1:7001").unwrap();
        let (done, made) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(5));
                    load.fill(load.held.len() / 2 + 1);
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
            let asked = ["room", "--json", "--over", "2s", "--dir", "/nonexistent/portolan"];
            // A busy machine makes them at another rate from one second to the next.
            let timed = |ask: fn(&[&str]) -> Run| {
                let (begun, before) = (Instant::now(), made.load(Ordering::Relaxed));
                let told = ask(&asked);
                let connects = f64::from(made.load(Ordering::Relaxed) - before);
                (told, connects / begun.elapsed().as_secs_f64())
            };
            let told = [timed(portolan), timed(portolan_as_nobody)];
            done.store(true, Ordering::Relaxed);
            for ((told, rate), source) in told.iter().zip(["counted", "looks"]) {
                let seen = told.json();
                let room = &seen["rooms"][0];
                let to = |port: u16| {
                    let mut destinations = room["destinations"].as_array().unwrap().iter();
                    destinations.find(|it| it["destination"]["port"] == port).unwrap()
                };
                if source == "counted" && seen["rates"]["source"] == "looks" {
                    println!("SKIPPED: the kernel's count needs programs in the kernel");
                    continue;
                }
                assert_eq!(seen["rates"]["source"], source);
                let said = to(7000)["new_per_s"].as_f64().unwrap();
                assert!((said / rate - 1.0).abs() < 0.2, "{source}: {said}, not {rate}");
                assert_eq!(to(7001)["new_per_s"], 0.0);
                let limits = seen["limits"].as_array().unwrap();
                assert!(limits.iter().any(|it| it["kind"] == "listen-queue"), "{limits:?}");
            }
        });
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

/// Connects from each address until none has a port left, and holds them; how many each has got.
/// `IP_BIND_ADDRESS_NO_PORT` is 24.
const SPREADS: &str = r#"use Socket; $| = 1; my (@held, @counts);
    for my $source (@ARGV) {
        my $count = 0;
        while (1) {
            my $s; socket($s, AF_INET, SOCK_STREAM, 0) && setsockopt($s, 0, 24, 1)
                && bind($s, sockaddr_in(0, inet_aton($source))) or die;
            connect($s, sockaddr_in(7000, INADDR_LOOPBACK)) or last;
            push @held, $s; $count++;
        }
        push @counts, $count;
    }
    print "@counts\n"; <STDIN>;"#;

#[test]
fn several_source_addresses_have_room_of_their_own_and_together() {
    in_own_netns("several_source_addresses_have_room_of_their_own_and_together", || {
        set("ip_local_port_range", "40000 40049");
        set("ip_local_reserved_ports", "40040-40049");
        let mut load = Load::new();
        load.fill(30);
        assert_eq!(room(&[])["pools"], Value::Array(Vec::new()), "one address is no pool");
        let mut others = Command::new("perl")
            .args(["-e", SPREADS, "127.0.0.2", "127.0.0.3"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut counts = String::new();
        BufReader::new(others.stdout.take().unwrap()).read_line(&mut counts).unwrap();
        assert_eq!(counts, "40 40\n", "the kernel gives each address as many");
        let seen = room(&[]);
        let text = portolan(&["room", "--dir", "/nonexistent/portolan"]).stdout;
        let counted = counted_by_ss(7000);
        drop(others.stdin.take());
        others.wait().unwrap();
        let each: Vec<(&Value, &Value)> = seen["destinations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (&it["source"], &it["free"]))
            .collect();
        let free = |source: &str| each.iter().find(|(it, _)| *it == source).unwrap().1.clone();
        assert_eq!(
            (free("127.0.0.1"), free("127.0.0.2"), free("127.0.0.3")),
            (10.into(), 0.into(), 0.into())
        );
        let pool = &seen["pools"][0];
        assert_eq!(pool["sources"], serde_json::json!(["127.0.0.1", "127.0.0.2", "127.0.0.3"]));
        assert_eq!(
            (&pool["taken"], &pool["of"], &pool["free"]),
            (&110.into(), &120.into(), &10.into())
        );
        assert_eq!(pool["taken"], counted);
        assert!(text.contains("from 3 source addresses together: 110 of 120"), "{text}");
        assert_eq!(load.fill(1000), 40, "what is left is what we say");
    });
}
