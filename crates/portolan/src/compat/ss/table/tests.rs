//! Tests of columns as wide as ss makes them.

use super::*;
use crate::compat::ss::row::Address;

fn listener() -> Row {
    Row {
        netid: "tcp",
        state: "LISTEN",
        send_q: 128,
        local: Address::new("0.0.0.0", ":", "2024"),
        peer: Address::new("0.0.0.0", ":", "*"),
        ..Row::default()
    }
}

fn printed(shape: Shape, rows: &[Row]) -> String {
    let mut table = Table::new(shape);
    rows.iter().for_each(|row| table.add(row));
    let mut out = Vec::new();
    table.print(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

const PLAIN: Shape = Shape {
    netid: false,
    state: true,
    process: true,
    header: true,
    screen: None,
    last_uncounted: false,
    ragged: false,
    escape: false,
};

/// As `ss -tl`, `ss -tuln` and `ss -tlH` print it into a pipe.
#[test]
fn columns_are_as_wide_as_their_longest_cell() {
    assert_eq!(
        printed(PLAIN, &[listener()]),
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
         LISTEN 0      128          0.0.0.0:2024      0.0.0.0:*          \n"
    );
    assert_eq!(
        printed(Shape { netid: true, ..PLAIN }, &[listener()]),
        "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
         tcp   LISTEN 0      128          0.0.0.0:2024      0.0.0.0:*          \n"
    );
    assert_eq!(
        printed(Shape { header: false, ..PLAIN }, &[listener()]),
        "LISTEN 0      128    0.0.0.0:2024 0.0.0.0:*\n"
    );
    assert_eq!(printed(Shape { header: false, ..PLAIN }, &[]), "");
}

/// As `ss -tan` prints onto terminals of 20, 40, 80 and 81 columns.
#[test]
fn a_terminal_is_filled() {
    let mut connection = listener();
    connection.state = "ESTAB";
    connection.send_q = 0;
    connection.local = Address::new("192.0.2.2", ":", "43210");
    connection.peer = Address::new("203.0.113.80", ":", "443");
    for (screen, header) in [
        (20, "State  Recv-Q Send-Q Local Address:Port   Peer Address:Port Process             "),
        (40, "State  Recv-Q Send-Q Local Address:Port       Peer Address:Port     Process     "),
        (80, "State   Recv-Q   Send-Q     Local Address:Port      Peer Address:Port  Process  "),
        (81, "State    Recv-Q   Send-Q     Local Address:Port      Peer Address:Port  Process  "),
    ] {
        let shape = Shape { screen: Some(screen), ..PLAIN };
        let lines = printed(shape, &[listener(), connection.clone()]);
        assert_eq!(lines.lines().next(), Some(header), "{screen}");
    }
}

/// As `ss -tlp` of 7.3 prints it into a pipe, and `ss -tl`.
#[test]
fn a_ragged_table_pads_all_but_the_last_column() {
    assert_eq!(
        printed(Shape { ragged: true, ..PLAIN }, &[listener()]),
        "State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n\
         LISTEN 0      128          0.0.0.0:2024      0.0.0.0:*   \n"
    );
    assert_eq!(
        printed(Shape { ragged: true, process: false, ..PLAIN }, &[listener()]),
        "State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n\
         LISTEN 0      128          0.0.0.0:2024      0.0.0.0:*\n"
    );
}

#[test]
fn a_terminal_gets_no_control_characters() {
    let process = b" users:((\"\x1b]0;caf\xc3\xa9\xff\\\xc2\x9b\",pid=1,fd=2))".to_vec();
    let row = Row { process, ..listener() };
    let shape = Shape { header: false, ..PLAIN };
    let line = printed(Shape { escape: true, ..shape }, &[row]);
    let cell = r#" users:(("\x1b]0;café\xff\\u{9b}",pid=1,fd=2))"#;
    assert_eq!(line, format!("LISTEN 0      128    0.0.0.0:2024 0.0.0.0:*{cell}\n"));
}

/// As `ss -tlp` of 6.1 prints one process, and two.
#[test]
fn the_last_process_does_not_count() {
    let shape = Shape { last_uncounted: true, ..PLAIN };
    let held = Row { process: b" users:((\"longer\",pid=7,fd=1))".to_vec(), ..listener() };
    let lines = printed(shape, std::slice::from_ref(&held));
    assert!(
        lines.starts_with("State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess\n")
    );
    let lines = printed(shape, &[held, listener()]);
    let lens: Vec<_> = lines.lines().map(str::len).collect();
    assert_eq!(lens, [57 + 30; 3]);
}
