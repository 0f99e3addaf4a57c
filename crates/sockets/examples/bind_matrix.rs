//! Prints which binds fail on which holders of a port, measured on this kernel: the table of
//! `docs/bind.md`. Needs root, to make a network namespace for each holder.

#[cfg(target_os = "linux")]
#[path = "../tests/linux/holders.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod holders;
#[cfg(target_os = "linux")]
#[path = "../tests/linux/matrix.rs"]
mod matrix;
#[cfg(target_os = "linux")]
#[path = "../tests/linux/namespace.rs"]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod namespace;

#[cfg(target_os = "linux")]
fn main() {
    let table = matrix::table(|holder| {
        let mut letters = String::new();
        namespace::in_fresh_netns(|| letters = measure(holder));
        letters
    });
    print!("{table}");
}

/// The kernel's answers with `holder` in place.
#[cfg(target_os = "linux")]
fn measure(holder: &holders::Holder) -> String {
    use sockets::{Ports, Query, Source, explain_binds};

    let held = (holder.hold)().expect("loopback lets every holder be made");
    let host = sockets::host();
    let query = Query { ports: Ports::Local(held.port.into()), ..Query::default() };
    let snapshot = host.sockets(&query).expect("the kernel lists its sockets");
    let settings = host.port_settings().expect("/proc/sys is readable");
    let protos = [holder.proto];
    let trials = host.try_binds(held.port, &protos);
    let verdicts = explain_binds(held.port, &protos, &snapshot.sockets, &settings, &trials);
    matrix::letters(&verdicts, holder.proto)
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("only Linux is measured");
}
