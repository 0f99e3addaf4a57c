//! What people paste, and what they are told where it is no port.

use proptest::prelude::*;
use registry::{Port, PortRange, Proto, Target};

/// Reads `text` and writes it back as `host ports proto service`, `-` for what is absent.
fn read(text: &str) -> String {
    let target: Target = match text.parse() {
        Ok(target) => target,
        Err(error) => panic!("{error}"),
    };
    let ports: Vec<String> = target.ports.iter().map(ToString::to_string).collect();
    let host = target.host.as_deref().unwrap_or("-");
    let proto = target.proto.map_or("-", Proto::name);
    format!("{host} {} {proto} {}", ports.join(","), target.service.unwrap_or("-"))
}

#[test]
fn what_people_paste_is_read() {
    for (text, wanted) in [
        ("60440", "- 60440 - -"),
        ("  60440\n", "- 60440 - -"),
        ("60440/udp", "- 60440 udp -"),
        ("60440/UDP", "- 60440 udp -"),
        ("udp/53", "- 53 udp -"),
        ("tcp:443", "- 443 tcp -"),
        (":8080", "- 8080 - -"),
        ("*:80", "- 80 - -"),
        (":::80", ":: 80 - -"),
        ("[::]:80", ":: 80 - -"),
        ("0.0.0.0:80", "0.0.0.0 80 - -"),
        ("127.0.0.1:80", "127.0.0.1 80 - -"),
        ("::ffff:127.0.0.1:80", "::ffff:127.0.0.1 80 - -"),
        ("localhost:3000", "localhost 3000 - -"),
        ("localhost:3000/index.html", "localhost 3000 - -"),
        ("localhost:53/udp", "localhost 53 udp -"),
        ("udp/localhost:53", "localhost 53 udp -"),
        ("my_host-1.example.org:65535", "my_host-1.example.org 65535 - -"),
        ("[::1]:8443", "::1 8443 - -"),
        ("[fe80::1%eth0]:8443", "fe80::1%eth0 8443 - -"),
        ("127.0.0.53%lo:53", "127.0.0.53%lo 53 - -"),
        ("8000-8100", "- 8000-8100 - -"),
        ("8000–8100", "- 8000-8100 - -"),
        ("8000 - 8100 / tcp", "- 8000-8100 tcp -"),
        ("1-1023", "- 1-1023 - -"),
        ("80,80", "- 80 - -"),
        ("85-95,80-90,443,80", "- 80-95,443 - -"),
        ("81,80", "- 80,81 - -"),
        ("80,443,8000-8100/tcp", "- 80,443,8000-8100 tcp -"),
        ("localhost:8000-8100", "localhost 8000-8100 - -"),
        ("http://127.0.0.1:5173/x", "127.0.0.1 5173 - -"),
        ("http://127.0.0.1:5173?q=a:b@c", "127.0.0.1 5173 - -"),
        ("https://user:secret@[::1]:8443/a:b/c@d", "::1 8443 - -"),
        ("tcp://0.0.0.0:2375", "0.0.0.0 2375 tcp -"),
    ] {
        assert_eq!(read(text), wanted, "{text:?}");
    }
}

#[test]
fn services_stand_for_their_ports() {
    for (text, wanted) in [
        ("ssh", "- 22 - ssh"),
        (" SSH ", "- 22 - ssh"),
        ("ssh/tcp", "- 22 tcp ssh"),
        ("udp/domain", "- 53 udp domain"),
        ("localhost:http", "localhost 80 - http"),
        ("[::1]:https", "::1 443 - https"),
        ("http-alt", "- 591,8008,8080 - http-alt"),
        ("x11", "- 6000-6063 - x11"),
        ("ssh,http", "- 22,80 - -"),
        ("8443, https,ssh-x11/tcp", "- 443,6010-6019,8443 tcp -"),
        ("http,http-alt", "- 80,591,8008,8080 - -"),
        ("EtherNet/IP-1", "- 2222 - EtherNet/IP-1"),
        ("http://localhost/", "localhost 80 - http"),
        ("https://example.org", "example.org 443 - https"),
        ("https://example.org:/", "example.org 443 - https"),
        ("wss://example.org/feed", "example.org 443 - https"),
        ("postgresql://db/app", "db 5432 - postgresql"),
        ("vite", "- 5173 - vite"),
    ] {
        assert_eq!(read(text), wanted, "{text:?}");
    }
}

#[test]
fn nonsense_gets_one_line_that_says_why() {
    let why = |text: &str| {
        let error = text.parse::<Target>().expect_err(text).to_string();
        let rest = error.strip_prefix("cannot read \"").expect("the text is quoted first");
        let (read, rest) = rest.split_once("\" as a port: ").expect("then the reason");
        let (reason, accepted) = rest.split_once("; accepted are 60440,").expect("then the forms");
        assert!(accepted.contains("localhost:3000"), "{error}");
        (read.to_owned(), reason.to_owned())
    };
    for (text, reason) in [
        ("", "nothing was given"),
        ("   ", "nothing was given"),
        ("70000", "ports end at 65535"),
        ("localhost:70000", "ports end at 65535"),
        ("1-70000", "ports end at 65535"),
        ("-1", "a port is a whole number from 1 to 65535"),
        ("80.5", "a port is a whole number from 1 to 65535"),
        ("80,", "a port is a whole number from 1 to 65535"),
        ("localhost:", "a port is a whole number from 1 to 65535"),
        ("0-10", "port 0 is reserved and no socket has it, the lowest port is 1"),
        ("22,0-65535", "port 0 is reserved and no socket has it, the lowest port is 1"),
        ("ssh,", "a port is a whole number from 1 to 65535"),
        ("ssh,htttp", "no service has this name, the nearest is http"),
        ("8100-8000", "a range runs from its lower to its higher port"),
        ("80/foo", "the protocols with ports are tcp, udp, sctp and dccp"),
        ("80/icmp", "the protocols with ports are tcp, udp, sctp and dccp"),
        ("/var/run/docker.sock", "the protocols with ports are tcp, udp, sctp and dccp"),
        ("127.0.0.1", "this is an address without a port"),
        ("fe80::1", "this is an address without a port"),
        ("[::1]", "this is an address without a port"),
        ("[::1:80", "what stands before the port is not a host"),
        ("8000:8100", "what stands before the port is not a host"),
        ("http://tcp:80", "what stands before the port is not a host"),
        ("a b:80", "what stands before the port is not a host"),
        ("tcp://localhost", "this is an address without a port"),
        ("postgersql", "no service has this name, the nearest is postgresql"),
        ("localhost:htttp", "no service has this name, the nearest is http"),
        ("x11/sctp", "x11 has no port over sctp"),
        ("no such thing", "no service has this name"),
    ] {
        let (read, said) = why(text);
        assert_eq!((read.as_str(), said.as_str()), (text, reason));
    }
    assert!(why("0").1.starts_with("port 0 is reserved"));
}

#[test]
fn an_error_has_the_name_that_may_be_meant() {
    let nearest = |text: &str| text.parse::<Target>().unwrap_err().nearest();
    assert_eq!(
        (nearest("postgersql"), nearest("no such thing"), nearest("70000")),
        (Some("postgresql"), None, None)
    );
}

#[test]
fn an_error_shows_hostile_text_escaped_and_shortened() {
    let error = "\x1b]0;pwned\x07\n\u{202e}".parse::<Target>().unwrap_err().to_string();
    assert!(
        error.starts_with(r#"cannot read "\u{1b}]0;pwned\u{7}\n\u{202e}" as a port"#),
        "{error}"
    );
    let error = "é".repeat(100_000).parse::<Target>().unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read \"{}…\"", "é".repeat(40))), "{error}");
}

proptest! {
    #[test]
    fn a_target_reads_back_as_itself(
        ends in prop::collection::vec((1..=u16::MAX, 0..=u16::MAX), 1..4),
        proto in prop::option::of(prop::sample::select(&Proto::ALL[..])),
        host in prop::option::of("[a-z][a-z0-9-]{0,9}(\\.[a-z0-9]{1,5}){0,2}|::1|fe80::1%eth0|192\\.0\\.2\\.1"),
    ) {
        let range = |(first, more): (u16, u16)| {
            PortRange::new(Port(first), Port(first.saturating_add(more))).expect("in order")
        };
        let mut ports: Vec<PortRange> = ends.into_iter().map(range).collect();
        ports.sort();
        prop_assume!(ports.windows(2).all(|pair| pair[0].last() < pair[1].first()));
        prop_assume!(host.as_deref().is_none_or(|host: &str| host.parse::<Proto>().is_err()));
        let target = Target { ports, proto, host, service: None };
        prop_assert_eq!(target.to_string().parse::<Target>(), Ok(target));
    }

    #[test]
    fn ranges_and_ports_read_back_as_themselves(first: u16, last: u16) {
        prop_assert_eq!(Port(first).to_string().parse(), Ok(Port(first)));
        let range = PortRange::new(Port(first.min(last)), Port(first.max(last))).expect("in order");
        prop_assert_eq!(range.to_string().parse(), Ok(range));
    }
}

proptest! {
    // An unknown name is compared with every known one: slow without optimisation.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_is_too_odd(text: String, seed in "[0-9a-z:/\\[\\]@,.%*–-]{0,24}") {
        for text in [text, seed] {
            match text.parse::<Target>() {
                Ok(target) => {
                    let again = target.to_string().parse::<Target>();
                    prop_assert_eq!(again, Ok(Target { service: None, ..target }));
                }
                Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
            }
        }
    }
}
