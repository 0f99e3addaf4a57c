//! What a search finds, and in which order.

use proptest::prelude::*;
use registry::{
    Assignment, ParsePortError, ParseRangeError, Port, PortRange, Proto, Standing, Term, all,
    assignments, search,
};

fn find(term: &str) -> Vec<Assignment> {
    search(&term.parse().unwrap_or_else(|error| panic!("{term:?}: {error}")))
}

/// The names found, each once, in order.
fn names(term: &str) -> Vec<&'static str> {
    let mut names: Vec<_> = find(term).into_iter().filter_map(|line| line.name).collect();
    names.dedup();
    names
}

#[test]
fn the_very_name_comes_first_then_beginnings_then_insides_then_descriptions() {
    let found = names("ssh");
    assert_eq!(found[0], "ssh");
    let place =
        |name| found.iter().position(|&other| other == name).unwrap_or_else(|| panic!("{name}"));
    assert!(place("sshell") < place("netconf-ssh"), "{found:?}");
    assert!(place("netconf-ssh") < place("directadmin"), "{found:?}");
    assert_eq!(names("SSH"), found);
    assert_eq!(names("http alt")[0], "http-alt");
}

#[test]
fn a_service_has_a_line_for_each_protocol() {
    let protos: Vec<Proto> =
        find("ssh").iter().take_while(|l| l.name == Some("ssh")).map(|l| l.proto).collect();
    assert_eq!(protos, [Proto::Tcp, Proto::Udp, Proto::Sctp]);
    assert!(find("ssh/sctp").iter().all(|line| line.proto == Proto::Sctp));
    assert_eq!(find("udp/53")[0].name, Some("domain"));
}

#[test]
fn all_words_must_occur_wherever() {
    assert_eq!(names("framebuffer remote"), ["rfb"]);
    assert_eq!(names("rfc 4251"), ["ssh"]);
    assert!(names("postgres exporter").contains(&"postgres-export"));
    assert_eq!(names("no such words anywhere"), [""; 0]);
}

#[test]
fn numbers_and_ranges_find_what_overlaps_them() {
    assert_eq!(names("6010"), ["x11", "ssh-x11"]);
    assert_eq!(names(":5432")[0], "postgresql");
    assert_eq!(names("443,80,80/tcp"), names("80,443/tcp"));
    assert!(["http", "https"].iter().all(|name| names("443,80").contains(name)));
    assert_eq!(
        names("8080-8081/tcp"),
        ["http-alt", "tomcat", "jenkins", "sunproxyadmin", "metro", "nexus"]
    );
    assert_eq!(find("60440"), []);
    let everything = find("0-65535").len();
    let unassigned = all().filter(|line| line.standing == Standing::Unassigned).count();
    assert_eq!(everything + unassigned, all().count());
}

#[test]
fn a_term_must_be_something() {
    let error = |term: &str| term.parse::<Term>().unwrap_err();
    assert_eq!(error(" "), ParseRangeError::Port(ParsePortError::Empty));
    assert_eq!(error("70000"), ParseRangeError::Port(ParsePortError::TooLarge));
    assert_eq!(error("-1"), ParseRangeError::Port(ParsePortError::NotANumber));
    assert_eq!(error("8100-8000"), ParseRangeError::Backwards);
    assert_eq!(error("*"), ParseRangeError::Port(ParsePortError::NotANumber));
    let range = PortRange::new(Port(8000), Port(8100)).unwrap();
    assert_eq!("8000–8100".parse::<Term>().unwrap(), Term::from(range));
    assert_eq!("8000–8100".parse::<Term>().unwrap().ports(), Some(&[range][..]));
    assert_eq!("8100, 8000-8100".parse::<Term>().unwrap().ports(), Some(&[range][..]));
    assert_eq!(error("80,"), ParseRangeError::Port(ParsePortError::Empty));
    assert_eq!(error("80,70000"), ParseRangeError::Port(ParsePortError::TooLarge));
    assert_eq!("ssh".parse::<Term>().unwrap().ports(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn searching_a_port_finds_its_assignments(port: u16) {
        let mut found = find(&port.to_string());
        let mut wanted = assignments(Port(port), None);
        let order = |line: &Assignment| (line.ports, line.name, line.proto, line.description);
        found.sort_by_key(order);
        wanted.sort_by_key(order);
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn a_name_and_any_part_of_it_find_it(index in any::<prop::sample::Index>(), start in 0..8usize) {
        let lines: Vec<_> = all().filter(|line| line.name.is_some()).collect();
        let wanted = lines[index.index(lines.len())];
        let name = wanted.name.expect("filtered");
        prop_assert!(search(&name.parse().expect("a name")).contains(&wanted));
        let part = &name[start.min(name.len() - 1)..];
        prop_assume!(part.contains(|c: char| c.is_ascii_alphabetic()) && part.parse::<Term>().is_ok());
        prop_assert!(find(part).contains(&wanted), "{part}");
    }

    #[test]
    fn no_term_is_too_odd(text: String) {
        if let Ok(term) = text.parse::<Term>() {
            prop_assert!(search(&term).len() <= all().count());
        }
    }
}
