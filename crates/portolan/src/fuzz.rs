//! The parsers of what people and other programs write, reachable for fuzzing. What is checked is
//! that they do not panic and that what they say is safe to print.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use sockets::Endpoint;

use crate::compat::services::Services;
use crate::compat::{Tool, lsof, netstat};
use crate::filter::{EndFilter, StateName};
use crate::output::Escaped;
use crate::when::When;

/// Arguments of `ss`, one a line.
pub fn ss_arguments(lines: &[u8]) {
    arguments(Tool::Ss, lines);
}

/// Arguments of `netstat`, one a line.
pub fn netstat_arguments(lines: &[u8]) {
    arguments(Tool::Netstat, lines);
}

/// Arguments of `lsof`, one a line.
pub fn lsof_arguments(lines: &[u8]) {
    arguments(Tool::Lsof, lines);
}

/// The text of `/proc/PID/stat`, as `lsof` reads it.
pub fn lsof_stat(text: &[u8]) {
    lsof::fuzz_stat(text);
}

/// A line of `/proc/net/unix`.
pub fn proc_net_unix(line: &[u8]) {
    netstat::fuzz_unix(line);
}

fn arguments(tool: Tool, lines: &[u8]) {
    let args: Vec<OsString> =
        lines.split(|byte| *byte == b'\n').map(|line| OsString::from_vec(line.to_vec())).collect();
    let refusal = tool.refusal(&args).unwrap_or_default();
    assert!(!refusal.contains(char::is_control), "{refusal:?}");
}

/// The text of `/etc/services`.
pub fn services(text: &[u8]) {
    let services = Services::parse(text);
    let name = services.name(registry::Port(80), registry::Proto::Tcp);
    assert!(name.is_none_or(|name| !name.is_empty() && !name.contains(&b'\n')));
    let last = Services::parse_last(text);
    let last = last.name(registry::Port(80), registry::Proto::Tcp);
    assert_eq!(name.is_some(), last.is_some());
}

/// What `ls --local`, `--remote` and `--state` take.
pub fn filters(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    let _state: Result<StateName, String> = text.parse();
    if let Ok(filter) = text.parse::<EndFilter>() {
        for addr in ["0.0.0.0", "127.0.0.1", "::", "::ffff:10.0.0.1", "2001:db8::1"] {
            let addr = addr.parse().expect("an address, as written above");
            let end = Endpoint { addr, port: registry::Port(80) };
            let _matches = filter.matches_end(registry::Proto::Tcp, &end, None);
        }
    }
}

/// A time, as people write it: on days with and without a change of the clock.
pub fn when(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    for now in
        ["2026-11-23T15:00:00+01:00[Europe/Berlin]", "2026-03-29T03:10:00-03:00[America/Sao_Paulo]"]
    {
        let now = now.parse().expect("a moment, as written above");
        match When::parse(text, &now) {
            Ok(when) => assert!(when.first <= when.last && when.first.0 >= 0),
            Err(error) => assert!(!error.contains(char::is_control), "{error:?}"),
        }
    }
}

/// Untrusted text, as it is printed.
pub fn escaped(text: &[u8]) {
    let printed = Escaped(text).to_string();
    assert!(!printed.contains(char::is_control), "{printed:?}");
    assert_eq!(printed, printed.trim_matches(' '));
}

/// Messages between a recorder and those who ask it.
pub fn recorder_messages(bytes: &[u8]) {
    crate::recorder::fuzz(bytes);
}

/// What a client of the portserver sends.
pub fn portserver_request(bytes: &[u8]) {
    crate::portserver::fuzz(bytes);
}

/// What a client of `record --metrics` asks.
pub fn metrics_request(bytes: &[u8]) {
    let answer = crate::metrics::answer_to(bytes, crate::metrics::Reach::Loopback, String::new);
    assert!(answer.starts_with(b"HTTP/1.1 "));
}
