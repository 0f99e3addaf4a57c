//! The port that is served on unless another is named, and what is refused before anything is served.

use std::process::Command;

use registry::{Port, Proto, System, Territory};

/// As the help and the documents have it.
const DEFAULT: Port = Port(7678);

#[test]
fn the_default_port_is_nobodys() {
    assert_eq!(Territory::of(DEFAULT), Territory::User);
    let named: Vec<_> = registry::all().filter(|row| row.ports.contains(DEFAULT)).collect();
    assert!(named.iter().all(|row| row.name.is_none()), "{named:?}");
    // OpenBSD hands out all User Ports: there is none outside of its range.
    for system in System::ALL.into_iter().filter(|system| *system != System::OpenBsd) {
        assert!(!system.ephemeral().contains(DEFAULT), "{system}");
    }
    for proto in [Proto::Tcp, Proto::Udp] {
        let services = registry::assignments(DEFAULT, Some(proto));
        assert!(services.iter().all(|row| row.name.is_none()), "{services:?}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_portolan")).args(["serve", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    assert!(help.contains(&format!("127.0.0.1:{DEFAULT}")), "{help}");
}

#[test]
fn an_address_that_others_reach_demands_a_token_and_tls() {
    let refused = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_portolan")).arg("serve").args(args).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    };
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("token");
    let file = file.to_str().unwrap();
    assert!(refused(&["--listen", "0.0.0.0:0"]).contains("--token-file"));
    assert!(refused(&["--listen", "[::]:0"]).contains("--token-file"));
    assert!(refused(&["--listen", "0.0.0.0:0", "--token-file", file]).contains("--tls-cert"));
    let lost = refused(&["--token-file", file]);
    assert!(lost.contains("could not be read"), "{lost}");
    std::fs::write(file, "secret").unwrap();
    let plain = refused(&["--token-file", file]);
    assert!(plain.contains("no Argon2 hash") && !plain.contains("secret"), "{plain}");
    let empty = refused(&["--tls-cert", file, "--tls-key", file]);
    assert!(empty.contains(file), "{empty}");
}
