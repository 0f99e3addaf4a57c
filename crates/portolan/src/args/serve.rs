//! What `portolan serve` and `portolan feedback` take.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use clap::Args;

/// Where to serve, and to whom.
#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Where to listen: a port, an address and a port, or unix:PATH; default: 127.0.0.1:7678
    #[arg(long, value_name = "ADDR", value_parser = listen, default_value = "127.0.0.1:7678", hide_default_value = true)]
    pub(crate) listen: Listen,

    /// Open the chart in the browser of this desktop
    #[arg(long)]
    pub(crate) open: bool,

    /// Ask whoever comes for the token whose Argon2 hash is in this file; an address that is not of
    /// loopback demands it
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,

    /// Make a token: write its hash into FILE, print the token once, and end
    #[arg(long, value_name = "FILE", exclusive = true)]
    pub(crate) make_token: Option<PathBuf>,

    /// The certificate for TLS, in PEM, with its chain
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub(crate) tls_cert: Option<PathBuf>,

    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub(crate) tls_key: Option<PathBuf>,

    /// A proxy in front of us does TLS
    #[arg(long, conflicts_with = "tls_cert", requires = "token_file")]
    pub(crate) behind_proxy: bool,

    /// A name that browsers may reach us by, besides those of loopback; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = host)]
    pub(crate) host: Vec<String>,

    /// Where to keep what readers say of pages; default: /var/lib/portolan-serve/feedback.redb for
    /// root, else ~/.local/state/portolan/feedback.redb
    #[arg(long, value_name = "FILE")]
    pub(crate) feedback: Option<PathBuf>,

    /// The directory of the records that tell of the past [default: /var/lib/portolan, else
    /// ~/.local/state/portolan]
    #[arg(long, value_name = "STORE")]
    pub(crate) dir: Option<PathBuf>,
}

/// Whose votes to read.
#[derive(Debug, Args)]
pub(crate) struct FeedbackArgs {
    /// The file that `portolan serve` keeps them in; default: as there
    #[arg(long, value_name = "FILE")]
    pub(crate) feedback: Option<PathBuf>,
}

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Listen {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

/// Reads where to listen.
fn listen(text: &str) -> Result<Listen, String> {
    if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
        return Ok(Listen::Unix(path.into()));
    }
    let named = text.strip_prefix("localhost:").unwrap_or(text);
    if let Ok(port) = named.trim_start_matches(':').parse::<u16>() {
        return Ok(Listen::Tcp((Ipv4Addr::LOCALHOST, port).into()));
    }
    let addr = text.parse().map(Listen::Tcp);
    addr.map_err(|_| {
        "it takes 7678, 127.0.0.1:7678, [::1]:7678 or unix:/run/portolan-web.sock".into()
    })
}

/// Reads a name that a request can be for.
fn host(text: &str) -> Result<String, &'static str> {
    let why = "a name or an address, without a port";
    if web::is_host(text) { Ok(text.to_owned()) } else { Err(why) }
}

const SERVE_EXAMPLES: &str = "\
Runs in the foreground until SIGTERM or Ctrl-C. 7678 spells PORT on a telephone's keys.
Examples: portolan serve --open · portolan serve --listen unix:/run/portolan-serve.sock
          portolan serve --make-token token.hash
          portolan serve --listen 10.0.0.5:7678 --token-file token.hash --tls-cert c.pem --tls-key k.pem";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_one_that_a_request_can_be_for() {
        for well in ["chart.example", "Chart", "10.0.0.5", "::1", "2001:db8::7"] {
            assert_eq!(host(well).as_deref(), Ok(well));
        }
        for odd in ["evil host", "chart.example:80", "http://chart.example", "[::1]", ""] {
            assert!(host(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn places_to_listen_are_read_as_people_write_them() {
        let tcp = |text: &str| Ok(Listen::Tcp(text.parse().unwrap()));
        assert_eq!(listen("8642"), tcp("127.0.0.1:8642"));
        assert_eq!(listen(":8642"), tcp("127.0.0.1:8642"));
        assert_eq!(listen("localhost:8642"), tcp("127.0.0.1:8642"));
        assert_eq!(listen("[::1]:8642"), tcp("[::1]:8642"));
        assert_eq!(listen("0.0.0.0:8642"), tcp("0.0.0.0:8642"));
        assert_eq!(listen("unix:/run/x"), Ok(Listen::Unix("/run/x".into())));
        for wrong in ["", "unix:", "70000", "example.org:80", "127.0.0.1"] {
            assert!(listen(wrong).unwrap_err().contains("it takes"), "{wrong}");
        }
    }
}
