//! `portolan lease -- CMD`: runs a program that knows its port, and ends the lease with it.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::process::Command;

use alloc::lease::{Hold, Lease};
use registry::Port;

use super::{pass, take, wish};
use crate::args::LeaseRunArgs;
use crate::child::{self, Forwarding};
use crate::exit::Exit;
use crate::program::Program;
use crate::report;

/// Runs it; its exit status is ours.
pub(super) fn run(args: &LeaseRunArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let program = match Program::find(&args.command) {
        Ok(program) => program,
        Err(absent) => return Ok(absent.explain(&args.command[0])),
    };
    let hold = if args.pass { Hold::Exclusive } else { Hold::Shared };
    let mut lease = match take(&wish(args)?.with_hold(hold))? {
        Ok(lease) => lease,
        Err(exit) => return Ok(exit),
    };
    out.flush()?;
    tell(args, lease.ports());
    let words = program.args.iter().map(|word| filled_in(word, lease.ports()));
    let program = Program { args: words.collect(), ..program };
    let mut command = if args.pass {
        pass::command(&program, &mut lease, &args.wish.proto)?
    } else {
        program.command()
    };
    name_ports(&mut command, &args.env, lease.ports());
    supervise(args, &program, command, lease)
}

/// Starts it, and waits until it has ended.
fn supervise(
    args: &LeaseRunArgs,
    program: &Program,
    mut command: Command,
    mut lease: Lease,
) -> anyhow::Result<Exit> {
    let mut signals = Forwarding::prepare()?;
    if args.drop {
        lease.let_go();
    }
    if let Some(exit) = signals.ended_early() {
        return Ok(exit);
    }
    let child = program.spawn(&mut command).inspect(|child| signals.to(child, |_| ()));
    // With it go the sockets that were passed: they are the program's alone.
    drop(command);
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            report::error(format_args!("could not run {}: {error}", program.path.display()));
            return Ok(Exit::Of(126));
        }
    };
    let status = child::wait(&mut child, || ())?;
    Ok(child::as_a_shell_says(status))
}

/// Tells the program its ports.
fn name_ports(command: &mut Command, variable: &str, ports: &[Port]) {
    command.env(variable, ports[0].to_string());
    if ports.len() > 1 {
        for (nth, port) in (1..).zip(ports) {
            command.env(format!("{variable}_{nth}"), port.to_string());
        }
    }
}

/// Tells a person who looks on the ports.
fn tell(args: &LeaseRunArgs, ports: &[Port]) {
    if io::stderr().is_terminal() {
        let ports: Vec<String> = ports.iter().map(Port::to_string).collect();
        report::line(format_args!("portolan: {}={}", args.env, ports.join(" ")));
    }
}

/// `word` with the ports in it.
fn filled_in(word: &OsStr, ports: &[Port]) -> OsString {
    let mut bytes = word.as_bytes();
    let mut filled = Vec::with_capacity(bytes.len());
    while let Some(first) = bytes.first() {
        match placeholder(bytes, ports) {
            Some((length, port)) => {
                filled.extend(port.to_string().into_bytes());
                bytes = &bytes[length..];
            }
            None => {
                filled.push(*first);
                bytes = &bytes[1..];
            }
        }
    }
    OsString::from_vec(filled)
}

/// The placeholder that `bytes` begin with: how long it is, and the port it stands for.
fn placeholder(bytes: &[u8], ports: &[Port]) -> Option<(usize, Port)> {
    let end = bytes.iter().take(LONGEST).position(|byte| *byte == b'}')?;
    let rest = str::from_utf8(&bytes[..end]).ok()?.strip_prefix("{port")?;
    let nth = match rest {
        "" => 1,
        rest => rest.strip_prefix('_')?.parse::<usize>().ok()?,
    };
    Some((end + 1, *ports.get(nth.checked_sub(1)?)?))
}

/// The length of `{port_65535}`.
const LONGEST: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_ports_and_nothing_else_changes() {
        let ports = [Port(20_001), Port(20_002)];
        for (word, filled) in [
            ("--port={port}", "--port=20001"),
            ("{port}:{port_2}{port_1}", "20001:2000220001"),
            ("{port_3} {port_0} {port_} {ports} {port", "{port_3} {port_0} {port_} {ports} {port"),
            ("{{port}}", "{20001}"),
            ("", ""),
        ] {
            assert_eq!(filled_in(OsStr::new(word), &ports), filled, "{word}");
        }
        let odd = OsString::from_vec(b"\xff{port}\xfe".to_vec());
        assert_eq!(filled_in(&odd, &ports), OsString::from_vec(b"\xff20001\xfe".to_vec()));
    }
}
