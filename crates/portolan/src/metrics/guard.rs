//! Whom the metrics are told: where this machine alone is to have them, no page of a site that gave its
//! own name the address of loopback (DNS rebinding), and none of another origin (RFC 6454).

use super::Reach;

/// Why a request is refused: the status, and a line about it.
pub(super) type Refusal = (&'static str, &'static str);

/// Whether a whole request may be answered to those within `reach`.
pub(super) fn check(request: &[u8], reach: Reach) -> Result<(), Refusal> {
    if reach == Reach::Anybody {
        return Ok(());
    }
    let (version, fields) =
        read(request).ok_or(("400 Bad Request", "a line of it is no header"))?;
    let values = |name: &'static str| {
        fields.iter().filter(move |field| field.0.eq_ignore_ascii_case(name)).map(|field| field.1)
    };
    let mut hosts = values("Host");
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host,
        // Nothing that browsers speak: a request of HTTP/1.0 may say nothing (RFC 9112 §3.2).
        (None, _) if version == "HTTP/1.0" => return Ok(()),
        _ => return Err(("400 Bad Request", "a request names one Host")),
    };
    if !web::is_loopback_host(host) {
        return Err(("421 Misdirected Request", MISDIRECTED));
    }
    if values("Origin").all(|origin| web::is_origin_of(origin, host)) {
        Ok(())
    } else {
        Err(("403 Forbidden", "pages of other sites may not ask this"))
    }
}

/// The version of a request, and the names and values of its header; `None` where a line is none.
fn read(request: &[u8]) -> Option<(&str, Vec<(&str, &str)>)> {
    let end = request.windows(4).position(|window| window == b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(&request[..end]).ok()?.split("\r\n");
    let version = lines.next()?.rsplit(' ').next()?;
    let fields = lines.map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_name = |c: char| c.is_ascii_graphic();
        (!name.is_empty() && name.chars().all(is_name)).then_some((name, value.trim()))
    });
    Some((version, fields.collect::<Option<_>>()?))
}

const MISDIRECTED: &str = "this is not the host you asked for: come by localhost or 127.0.0.1, or \
                           start portolan record with --metrics-public";

#[cfg(test)]
mod tests {
    use super::*;

    fn status(version: &str, header: &str, reach: Reach) -> &'static str {
        let request = format!("GET /metrics {version}\r\n{header}\r\n");
        check(request.as_bytes(), reach).map_or_else(|(status, _)| &status[..3], |()| "200")
    }

    #[test]
    fn no_page_of_another_site_is_told_whom_this_machine_talks_to() {
        for (header, told) in [
            ("Host: localhost:9188\r\n", "200"),
            ("host:127.0.0.1:9188\r\n", "200"),
            ("Host: [::1]:9188\r\nAccept: */*\r\n", "200"),
            ("Host: evil.example:9188\r\n", "421"),
            ("Host: localhost.evil.example\r\n", "421"),
            ("Host: 10.0.0.1:9188\r\n", "421"),
            ("Host: \r\n", "421"),
            ("", "400"),
            ("Host: localhost\r\nHost: evil.example\r\n", "400"),
            ("Host : localhost\r\n", "400"),
            ("Host: localhost\r\n evil.example\r\n", "400"),
            ("Host: localhost:9188\r\nOrigin: http://localhost:9188\r\n", "200"),
            ("Host: localhost:9188\r\nOrigin: http://localhost:3000\r\n", "403"),
            ("Host: localhost\r\nOrigin: null\r\n", "403"),
            ("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil\r\n", "403"),
        ] {
            assert_eq!(status("HTTP/1.1", header, Reach::Loopback), told, "{header:?}");
            assert_eq!(status("HTTP/1.1", header, Reach::Anybody), "200", "{header:?}");
        }
        assert_eq!(status("HTTP/1.0", "", Reach::Loopback), "200");
        assert_eq!(status("HTTP/1.0", "Host: evil.example\r\n", Reach::Loopback), "421");
    }
}
