//! The source addresses that we tell, against what `ip route get` says for many destinations.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sockets::{SourceRoute, source_routes};

use crate::namespace::{in_fresh_netns, run};

/// Two devices that are up, with nothing on them yet.
fn with_devices(test: impl FnOnce() + Send) {
    in_fresh_netns(|| {
        for (one, other) in [("one", "one-peer"), ("two", "two-peer")] {
            run(&["ip", "link", "add", one, "type", "veth", "peer", "name", other]);
            run(&["ip", "link", "set", one, "up"]);
            run(&["ip", "link", "set", other, "up"]);
        }
        test();
    });
}

fn ip(arguments: &str) {
    run(&[&["ip"], &arguments.split_whitespace().collect::<Vec<_>>()[..]].concat());
}

/// Adds an IPv6 address. The kernel makes its routes a moment later, on a worker of its own.
fn add_ipv6(address: &str, device: &str) {
    ip(&format!("addr add {address}/64 dev {device} nodad"));
    for _ in 0..200 {
        let shown = std::process::Command::new("ip")
            .args(["-6", "route", "show", "table", "local", "dev", device])
            .output()
            .unwrap();
        if String::from_utf8(shown.stdout).unwrap().contains(&format!("local {address} ")) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!("{address} does not come up on {device}");
}

/// What our routes say of a destination: not known, or the source.
fn told(routes: &[SourceRoute], destination: IpAddr) -> Option<IpAddr> {
    let matches = |route: &&SourceRoute| {
        let (bits, prefix, width) = match (destination, route.prefix) {
            (IpAddr::V4(to), IpAddr::V4(prefix)) => {
                (to.to_bits().into(), prefix.to_bits().into(), 32)
            }
            (IpAddr::V6(to), IpAddr::V6(prefix)) => (to.to_bits(), prefix.to_bits(), 128),
            _ => return false,
        };
        let differ: u128 = bits ^ prefix;
        differ.checked_shr(width - u32::from(route.length)).unwrap_or(0) == 0
    };
    routes.iter().filter(matches).max_by_key(|route| route.length)?.source
}

/// What the kernel says; `None` where it has no way.
fn kernels(destination: IpAddr) -> Option<IpAddr> {
    let output = std::process::Command::new("ip")
        .args(["-o", "route", "get", &destination.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let source = text.split_whitespace().skip_while(|word| *word != "src").nth(1)?;
    Some(source.parse().unwrap())
}

/// Holds what we tell against the kernel; returns how many destinations were known.
fn compare(destinations: impl IntoIterator<Item = IpAddr>) -> usize {
    let routes = source_routes().unwrap();
    let mut known = 0;
    for destination in destinations {
        if let Some(source) = told(&routes, destination) {
            assert_eq!(Some(source), kernels(destination), "{destination}: {routes:#?}");
            known += 1;
        }
    }
    known
}

fn v4(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Addresses of the blocks that the tests route, and of elsewhere.
fn everywhere() -> impl Iterator<Item = IpAddr> {
    let bases = ["192.0.2.0", "198.51.100.0", "203.0.113.0", "10.0.0.0", "127.0.0.0", "8.8.0.0"];
    bases.into_iter().flat_map(|base| {
        let first = base.parse::<Ipv4Addr>().unwrap().to_bits();
        (0..40_u32).map(move |n| Ipv4Addr::from_bits(first + n * n % 251).into())
    })
}

#[test]
fn the_source_is_what_the_kernel_says() {
    with_devices(|| {
        ip("addr add 192.0.2.2/24 dev one");
        ip("addr add 192.0.2.77/24 dev one");
        ip("addr add 198.51.100.9/25 dev two");
        ip("route add default via 192.0.2.1 metric 50");
        ip("route add default via 198.51.100.1 metric 10");
        ip("route add 203.0.113.0/24 via 192.0.2.1 src 192.0.2.77");
        ip("route add 203.0.113.128/25 via 198.51.100.1");
        ip("route add blackhole 10.0.0.0/28");
        let known = compare(everywhere());
        assert!(known > 200, "{known}");
        let ours = v4(&["192.0.2.2", "192.0.2.77", "198.51.100.9", "127.0.0.1", "127.9.9.9"]);
        assert_eq!(compare(ours), 5);
        let routes = source_routes().unwrap();
        assert_eq!(told(&routes, "10.0.0.5".parse().unwrap()), None, "a black hole has no source");
    });
}

#[test]
fn it_follows_what_changes() {
    with_devices(|| {
        let to: IpAddr = "203.0.113.5".parse().unwrap();
        assert_eq!(told(&source_routes().unwrap(), to), None);
        ip("addr add 192.0.2.2/24 dev one");
        ip("route add default via 192.0.2.1");
        assert_eq!(told(&source_routes().unwrap(), to), Some("192.0.2.2".parse().unwrap()));
        ip("addr add 198.51.100.9/24 dev two");
        ip("route add 203.0.113.0/24 via 198.51.100.1");
        assert_eq!(told(&source_routes().unwrap(), to), Some("198.51.100.9".parse().unwrap()));
    });
}

#[test]
fn where_more_than_the_destination_decides_nothing_is_told() {
    with_devices(|| {
        ip("addr add 192.0.2.2/24 dev one");
        ip("addr add 198.51.100.9/24 dev two");
        ip("route add 203.0.113.0/24 nexthop via 192.0.2.1 nexthop via 198.51.100.1");
        ip("route add 10.0.0.0/24 via 192.0.2.1");
        ip("route add 10.0.0.0/24 tos 8 via 198.51.100.1");
        let routes = source_routes().unwrap();
        for unknown in v4(&["203.0.113.5", "10.0.0.5"]) {
            assert_eq!(told(&routes, unknown), None, "{unknown}");
        }
        assert!(compare(everywhere()) > 50);
        ip("rule add from 192.0.2.2 table 100");
        let routes = source_routes().unwrap();
        assert!(routes.iter().all(|route| !route.prefix.is_ipv4()), "{routes:#?}");
    });
}

#[test]
fn ipv6_is_told_where_there_is_no_choice() {
    with_devices(|| {
        add_ipv6("2001:db8:1::2", "one");
        ip("route add default via 2001:db8:1::1");
        let far: IpAddr = "2001:db8:9::9".parse().unwrap();
        let near: IpAddr = "2001:db8:1::7".parse().unwrap();
        assert_eq!(compare([far, near, Ipv6Addr::LOCALHOST.into()]), 3);
        add_ipv6("2001:db8:2::2", "two");
        let routes = source_routes().unwrap();
        assert_eq!(told(&routes, far), None, "two to choose from");
        let own: IpAddr = "2001:db8:2::2".parse().unwrap();
        assert_eq!(told(&routes, own), Some(own));
    });
}

fn pick<'a>(among: &[&'a str], number: u32) -> &'a str {
    among[usize::try_from(number).unwrap()]
}

/// Route tables made up at random, from a fixed seed.
#[test]
fn whatever_the_routes_the_source_is_the_kernels() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        u32::try_from(state % below).unwrap()
    };
    for _ in 0..6 {
        let mut commands = vec!["addr add 192.0.2.2/24 dev one".to_owned()];
        commands.push("addr add 198.51.100.9/24 dev two".to_owned());
        for metric in 1..40 {
            let length = 22 + random(11);
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let prefix = (10 << 24 | random(1 << 12)) & mask;
            let prefix = Ipv4Addr::from_bits(prefix);
            let via = pick(&["192.0.2.1", "198.51.100.1"], random(2));
            let source = pick(&["", " src 192.0.2.2", " src 198.51.100.9"], random(3));
            commands.push(format!("route add {prefix}/{length} via {via}{source} metric {metric}"));
        }
        let probes: Vec<IpAddr> =
            (0..80).map(|_| Ipv4Addr::from_bits(10 << 24 | random(1 << 12)).into()).collect();
        with_devices(|| {
            commands.iter().for_each(|command| ip(command));
            assert!(compare(probes) > 10);
        });
    }
}
