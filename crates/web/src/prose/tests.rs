//! Pages of particular ports: each reads as written for that very port.

use std::collections::{BTreeMap, BTreeSet};

use registry::{Port, PortRange, Proto};

use super::*;
use crate::{Language, PortSettings};

/// A host with the defaults of Linux.
fn settings(port: u16) -> PortSettings {
    let ephemeral = PortRange::new(Port(32768), Port(60999)).unwrap();
    PortSettings {
        ephemeral,
        handed_out: ephemeral.contains(Port(port)),
        reserved: false,
        unprivileged_start: Port(1024),
    }
}

fn facts(port: u16, proto: Option<Proto>) -> Facts {
    Facts::of(Port(port), proto, Some(settings(port)))
}

/// All sections of a port, in the order of the page.
fn sections(facts: &Facts) -> Vec<Section> {
    [Some(facts.what()), Some(facts.bind()), Some(facts.how()), facts.why()]
        .into_iter()
        .flatten()
        .collect()
}

fn ids(facts: &Facts) -> Vec<&'static str> {
    sections(facts).iter().flat_map(|it| it.paragraphs.iter().map(Saying::id)).collect()
}

/// What the page of a port says.
fn text(facts: &Facts, language: Language) -> String {
    let locale = Locale::of(language);
    let mut lines = vec![facts.summary().told(locale).text.into_owned()];
    for section in sections(facts) {
        lines.push(format!("\n{}", section.heading.told(locale).text));
        lines.extend(section.paragraphs.iter().map(|it| it.told(locale).text.into_owned()));
    }
    lines.join("\n")
}

/// The ports that a reader is likely to come for, and those at every border.
const MET: [(u16, Option<Proto>); 20] = [
    (0, None),
    (4, None),
    (22, None),
    (53, None),
    (1023, None),
    (1024, None),
    (5353, Some(Proto::Udp)),
    (5432, None),
    (6000, None),
    (6010, None),
    (8080, None),
    (10003, None),
    (28232, None),
    (32768, None),
    (49151, None),
    (49152, None),
    (60440, None),
    (60999, None),
    (61000, None),
    (65535, None),
];

#[test]
fn no_two_ports_are_told_of_in_the_same_words() {
    let mut seen: BTreeMap<Vec<&str>, u16> = BTreeMap::new();
    for (port, proto) in MET {
        let before = seen.insert(ids(&facts(port, proto)), port);
        // Displays of X differ in their number alone.
        assert!(before.is_none_or(|it| it == 6000 && port == 6010), "{port} reads as {before:?}");
    }
}

#[test]
fn every_port_has_its_say_in_every_language() {
    for port in (0..=u16::MAX).step_by(7) {
        let facts = facts(port, None);
        assert!(ids(&facts).len() >= 3, "{port}");
        assert_eq!(
            facts.why().is_some(),
            port != 0 && (facts.is_unassigned() || facts.is_handed_out())
        );
    }
    for (port, proto) in MET {
        for language in Language::ALL {
            let text = text(&facts(port, proto), language);
            assert!(text.len() > 400 && !text.contains("{$"), "{port} {language}: {text}");
        }
    }
}

#[test]
fn ssh_is_told_of_as_ssh() {
    let facts = facts(22, None);
    let text = text(&facts, Language::English);
    for part in [
        "IANA gave port 22 to `ssh`: The Secure Shell (SSH) Protocol.",
        "for `ssh` over TCP, UDP and SCTP",
        "RFC 4251",
        "Ports below 1024 take privilege on this host",
        "a thousand clients take no port here but this one",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(facts.why().is_none() && !text.contains("RFC 6056"));
}

#[test]
fn a_dynamic_port_is_told_of_as_lent() {
    let text = text(&facts(60440, None), Language::English);
    for part in [
        "belongs to nobody",
        "lends out 32768–60999, its ephemeral range, and 60440 is inside",
        "60440 is among those that it tries first",
        "FreeBSD, macOS and Windows lend it out, but not OpenBSD",
        "28,232 ports",
        "about 470 new ones a second",
        "As the source of a connection",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
}

#[test]
fn borders_are_known() {
    let has = |port, id| ids(&facts(port, None)).contains(&id);
    assert!(has(0, "what-zero") && has(0, "bind-zero") && has(0, "how-getsockname"));
    assert!(has(1023, "edge-last-system") && has(1023, "what-reserved"));
    assert!(has(32768, "host-first") && has(60999, "host-last"));
    assert!(has(61000, "host-outside-dynamic") && has(65535, "edge-last"));
    assert!(has(49152, "edge-first-dynamic") && has(6010, "what-display"));
    assert!(
        has(32769, "how-parity") && !ids(&facts(40001, Some(Proto::Udp))).contains(&"how-parity")
    );
}

#[test]
fn what_is_reserved_here_is_no_longer_lent() {
    let mut settings = settings(50051);
    (settings.handed_out, settings.reserved) = (false, true);
    let facts = Facts::of(Port(50051), None, Some(settings));
    assert!(ids(&facts).contains(&"host-reserved") && ids(&facts).contains(&"bind-reserved"));
    assert!(!ids(&facts).contains(&"bind-race"));
}

#[test]
fn a_protocol_without_the_service_says_so() {
    let facts = facts(22, Some(Proto::Dccp));
    assert!(ids(&facts).contains(&"what-other-protos"));
    assert!(ids(&facts).iter().all(|id| *id != "note-ssh"));
    let mdns = text(&self::facts(5353, Some(Proto::Udp)), Language::English);
    assert!(mdns.contains(".local") && mdns.contains("A UDP server binds 5353"), "{mdns}");
}

#[test]
fn nothing_of_tcp_alone_is_told_of_sctp_and_dccp() {
    for proto in [Proto::Sctp, Proto::Dccp] {
        for port in [22, 8080, 40_001, 60_440] {
            let told = text(&facts(port, Some(proto)), Language::English);
            for word in ["TIME-WAIT", "SO_REUSEADDR"] {
                assert!(!told.contains(word), "{port}/{proto}: {told}");
            }
        }
        assert!(ids(&facts(22, Some(proto))).contains(&"how-listener"));
    }
    assert!(ids(&facts(22, Some(Proto::Tcp))).contains(&"how-restart"));
}

#[test]
fn a_host_whose_settings_are_unknown_is_not_guessed_at() {
    let facts = Facts::of(Port(60440), None, None);
    assert!(ids(&facts).contains(&"host-unknown") && ids(&facts).contains(&"how-elsewhere"));
    assert!(!text(&facts, Language::English).contains("60999"));
}

#[test]
fn every_note_is_of_a_port_that_is_met() {
    let told: BTreeSet<&str> = (0..=60_000)
        .filter(|port| *port < 12_000 || *port > 27_000)
        .flat_map(|port| ids(&facts(port, None)))
        .filter(|id| id.starts_with("note-"))
        .collect();
    assert!(told.len() > 30, "{told:?}");
}

#[test]
fn checks_name_the_port_and_the_protocol() {
    let all = checks(&facts(60440, None), &[]);
    assert_eq!(all.len(), 7);
    assert!(all.iter().flat_map(|it| &it.commands).all(|it| it.0.contains("60440")));
    let udp: Vec<String> = checks(&facts(5353, Some(Proto::Udp)), &[])
        .into_iter()
        .flat_map(|it| it.commands.into_iter().map(|command| command.0))
        .collect();
    assert!(udp.contains(&"portolan --no-probe 5353/udp".to_owned()));
    assert!(udp.contains(&"sudo lsof -nP -i UDP:5353".to_owned()));
    assert!(udp.contains(&"Get-NetUDPEndpoint -LocalPort 5353".to_owned()));
    assert!(!udp.iter().any(|command| command.contains("Get-NetTCPConnection")));
}
