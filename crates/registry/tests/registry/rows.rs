//! Known rows, and what holds for every row.

use std::collections::{BTreeMap, BTreeSet};

use registry::{
    Assignment, Port, PortRange, Proto, Standing, all, assignments, service, table_source,
};

/// The names that `port` has over `proto`, official ones first.
fn names(port: u16, proto: Proto) -> Vec<&'static str> {
    assignments(Port(port), Some(proto)).into_iter().filter_map(|line| line.name).collect()
}

#[test]
fn known_rows() {
    for (port, proto, wanted) in [
        (22, Proto::Tcp, "ssh"),
        (22, Proto::Sctp, "ssh"),
        (53, Proto::Tcp, "domain"),
        (53, Proto::Udp, "domain"),
        (80, Proto::Tcp, "http"),
        (443, Proto::Tcp, "https"),
        (2049, Proto::Tcp, "nfs"),
        (5432, Proto::Tcp, "postgresql"),
        (6010, Proto::Tcp, "x11"),
        (5353, Proto::Udp, "mdns"),
        (6379, Proto::Tcp, "redis"),
        (9, Proto::Dccp, "discard"),
        (1021, Proto::Dccp, "exp1"),
        (36412, Proto::Sctp, "s1-control"),
        (11434, Proto::Tcp, "ollama"),
    ] {
        assert_eq!(names(port, proto).first(), Some(&wanted), "{port}/{proto}");
    }
}

#[test]
fn ports_with_several_names_have_the_primary_one_first() {
    assert_eq!(names(80, Proto::Tcp), ["http", "www", "www-http"]);
    assert_eq!(names(465, Proto::Tcp), ["submissions", "urd", "smtps"]);
    assert_eq!(names(631, Proto::Tcp), ["ipp", "ipps"]);
    assert_eq!(names(3478, Proto::Udp), ["stun", "turn", "stun-behavior"]);
    assert_eq!(names(66, Proto::Tcp), ["sql-net", "sql*net"]);
}

#[test]
fn a_range_is_one_line_for_each_protocol() {
    let x11 = service("x11", None);
    let ports = PortRange::new(Port(6000), Port(6063)).unwrap();
    let wanted = [(ports, Proto::Tcp), (ports, Proto::Udp)];
    assert_eq!(x11.iter().map(|line| (line.ports, line.proto)).collect::<Vec<_>>(), wanted);
    for port in 6000..=6063 {
        assert_eq!(names(port, Proto::Udp), ["x11"], "{port}");
    }
    assert_eq!(names(5999, Proto::Udp), ["cvsup"]);
    assert_eq!(names(6064, Proto::Udp), ["ndl-ahp-svc"]);
}

#[test]
fn unofficial_uses_come_last_and_are_marked() {
    for port in [3000, 5173, 8000, 8080, 9229] {
        let lines = assignments(Port(port), Some(Proto::Tcp));
        let unofficial = lines.iter().position(|line| line.standing == Standing::Unofficial);
        let unofficial = unofficial.unwrap_or_else(|| panic!("{port} has no unofficial use"));
        assert!(lines[unofficial..].iter().all(|line| !line.standing.is_official()), "{port}");
    }
    assert_eq!(names(3000, Proto::Tcp)[..3], ["hbci", "remoteware-cl", "node-dev"]);
    assert_eq!(names(6010, Proto::Tcp), ["x11", "ssh-x11"]);
}

#[test]
fn unassigned_ports_have_no_lines_and_reserved_ones_say_so() {
    assert_eq!(assignments(Port(60440), None), []);
    assert_eq!(assignments(Port(4), None), []);
    let reserved = assignments(Port(0), None);
    assert!(reserved.iter().all(|line| line.standing == Standing::Reserved && line.name.is_none()));
    assert_eq!(reserved.len(), 2);
    let private = assignments(Port(24), Some(Proto::Tcp));
    assert_eq!(
        (private[0].standing, private[0].name, private[0].description),
        (Standing::Assigned, None, "any private mail system")
    );
}

#[test]
fn references_are_of_the_line_they_stand_in() {
    let reference = |port, proto| assignments(Port(port), Some(proto))[0].reference;
    assert_eq!(reference(80, Proto::Tcp), Some("RFC 9110"));
    assert_eq!(reference(80, Proto::Sctp), Some("RFC 9260"));
    assert_eq!(reference(853, Proto::Tcp), Some("RFC 7858"));
    assert_eq!(reference(5432, Proto::Tcp), None);
}

#[test]
fn the_whole_registry_is_here() {
    let official = all().filter(|line| line.standing.is_official()).count();
    let unofficial = all().count() - official;
    assert!(official > 12_341, "the package alone has 12,341 entries, here are {official}");
    assert!(unofficial > 200, "{unofficial}");
    let source = table_source();
    assert_eq!(source.lines, official + unofficial);
    assert_eq!((source.package, source.version), ("port-numbers", "8.0.35"));
    assert!(source.date.len() == 10 && source.date.starts_with("20"), "{}", source.date);
    assert!(source.licence.starts_with("CC0-1.0"), "{}", source.licence);
}

#[test]
fn every_line_is_in_its_place() {
    let lines: Vec<Assignment> = all().collect();
    let place = |line: &Assignment| (line.ports.count() > 1, line.ports);
    assert!(lines.is_sorted_by_key(place));
    let mut seen = BTreeSet::new();
    for line in &lines {
        assert!(line.ports.first() <= line.ports.last(), "{line:?}");
        assert!(seen.insert((line.ports, line.proto, line.name)), "twice: {line:?}");
        assert!(assignments_or_none(line).contains(line), "not found by its port: {line:?}");
    }
}

fn assignments_or_none(line: &Assignment) -> Vec<Assignment> {
    match line.standing {
        Standing::Unassigned => vec![*line],
        _ => assignments(line.ports.last(), Some(line.proto)),
    }
}

#[test]
fn every_line_is_fit_to_print() {
    for line in all() {
        let name = line.name.unwrap_or("-");
        for text in [name, line.description, line.reference.unwrap_or("-")] {
            assert!(!text.contains(char::is_control), "{line:?}");
            assert_eq!(text.trim(), text, "{line:?}");
        }
        assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{line:?}");
        assert!(line.name.is_some() || !line.description.is_empty(), "{line:?}");
        assert!(line.description.len() <= 255, "{line:?}");
        assert!(line.reference.is_none_or(is_rfc), "{line:?}");
    }
}

fn is_rfc(reference: &str) -> bool {
    reference.strip_prefix("RFC ").is_some_and(|number| number.parse::<u16>().is_ok())
}

#[test]
fn names_keep_to_rfc_6335_save_those_that_iana_grandfathered() {
    let broken = |name: &&str| !is_service_name(name);
    let names: BTreeSet<&str> = all().filter_map(|line| line.name).collect();
    assert_eq!(names.iter().copied().filter(broken).count(), 97);
    for line in all().filter(|line| line.name.as_ref().is_some_and(broken)) {
        assert!(line.standing.is_official(), "{line:?}");
        let respelt = assignments(line.ports.first(), Some(line.proto));
        let respelt = respelt.iter().filter_map(|other| other.name).any(is_service_name);
        assert!(respelt, "IANA respelt every such name, this has no better one: {line:?}");
    }
}

/// RFC 6335 §5.1: 1 to 15 letters, digits and hyphens, a letter among them, no hyphen at either
/// end or beside another.
fn is_service_name(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && name.split('-').all(|part| !part.is_empty())
}

#[test]
fn every_name_is_found_in_any_case() {
    let mut by_name: BTreeMap<String, BTreeSet<(PortRange, Proto)>> = BTreeMap::new();
    for line in all() {
        let Some(name) = line.name else { continue };
        by_name.entry(name.to_ascii_uppercase()).or_default().insert((line.ports, line.proto));
    }
    for (name, wanted) in by_name {
        let found: BTreeSet<_> =
            service(&name, None).into_iter().map(|line| (line.ports, line.proto)).collect();
        assert_eq!(found, wanted, "{name}");
    }
    assert_eq!(service("", None), []);
    assert_eq!(service("no-such-service", None), []);
}

#[test]
fn an_unofficial_name_is_never_an_official_one() {
    let (official, unofficial): (Vec<_>, Vec<_>) = all()
        .filter_map(|line| Some((line.name?.to_ascii_lowercase(), line.standing)))
        .partition(|(_, standing)| standing.is_official());
    let official: BTreeSet<String> = official.into_iter().map(|(name, _)| name).collect();
    for (name, _) in unofficial {
        assert!(!official.contains(&name), "{name} would never be found");
    }
}
