//! The name that a client thinks it talks to (RFC 9110 §7.2), and where a request comes from
//! (`Origin`, RFC 6454; `Sec-Fetch-Site`, W3C Fetch Metadata).

use std::net::IpAddr;

/// A name without its port: `localhost`, `127.0.0.1`, `::1`; `None` where it is none.
pub(crate) fn name_of(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => {
            let (name, rest) = rest.split_once(']')?;
            (name, rest.strip_prefix(':').or(rest.is_empty().then_some("0"))?)
        }
        None => host.split_once(':').unwrap_or((host, "0")),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    let well = name.parse::<IpAddr>().is_ok() || !name.is_empty() && name.chars().all(is_name);
    (well && port.parse::<u16>().is_ok()).then_some(name)
}

/// Whether a request can be for `name`: the name of a host or an address, without a port.
///
/// ```
/// assert!(web::is_host("chart.example") && web::is_host("::1"));
/// assert!(!web::is_host("chart.example:80") && !web::is_host("evil host"));
/// ```
#[must_use]
pub fn is_host(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok() || name_of(name) == Some(name)
}

/// Whether `name` can only mean the machine itself, whatever anybody's name server says.
pub(crate) fn is_loopback(name: &str) -> bool {
    let addr: Option<IpAddr> = name.parse().ok();
    name.eq_ignore_ascii_case("localhost") || addr.is_some_and(|addr| addr.is_loopback())
}

/// Whether `host`, as a request names it, with its port or without, can only mean the machine itself.
///
/// ```
/// assert!(web::is_loopback_host("localhost:9188") && web::is_loopback_host("[::1]"));
/// assert!(!web::is_loopback_host("localhost.example:9188"));
/// ```
#[must_use]
pub fn is_loopback_host(host: &str) -> bool {
    name_of(host).is_some_and(is_loopback)
}

/// Whether `origin` is that of pages which were got from `host`.
///
/// ```
/// assert!(web::is_origin_of("http://localhost:7678", "localhost:7678"));
/// assert!(!web::is_origin_of("http://localhost:3000", "localhost:7678"));
/// ```
#[must_use]
pub fn is_origin_of(origin: &str, host: &str) -> bool {
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    rest.is_some_and(|rest| rest.eq_ignore_ascii_case(host))
}

/// Reads any text as a host.
pub(crate) fn fuzz_host(text: &str) {
    if let Some(name) = name_of(text) {
        assert!(!name.is_empty() && text.contains(name) && !name.contains(['/', '@', '[', ' ']));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_out_of_hosts() {
        for (host, name) in [
            ("localhost:7678", Some("localhost")),
            ("localhost", Some("localhost")),
            ("127.0.0.1:7678", Some("127.0.0.1")),
            ("[::1]:7678", Some("::1")),
            ("[::1]", Some("::1")),
            ("evil.example:7678", Some("evil.example")),
            ("", None),
            (":7678", None),
            ("localhost:", None),
            ("localhost:99999", None),
            ("localhost:7678@evil", None),
            ("[::1", None),
            ("[::1]x", None),
            ("a b", None),
        ] {
            assert_eq!(name_of(host), name, "{host}");
        }
    }

    #[test]
    fn only_what_cannot_be_rebound_is_loopback() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", ""]
        {
            assert!(!is_loopback(name), "{name}");
        }
    }

    #[test]
    fn an_origin_is_the_same_or_another() {
        assert!(is_origin_of("http://localhost:7678", "localhost:7678"));
        assert!(is_origin_of("https://Chart.example", "chart.example"));
        for other in ["null", "http://localhost:1", "http://evil.example", "localhost:7678", ""] {
            assert!(!is_origin_of(other, "localhost:7678"), "{other}");
        }
    }
}
