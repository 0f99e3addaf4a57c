//! Compiles a condition on ports to the byte code that `inet_diag` runs over each socket
//! (`INET_DIAG_REQ_BYTECODE` of `linux/inet_diag.h`), so that the kernel leaves out the others.
//!
//! An operation is four bytes: code, how far to go on when it holds, how far when it does not. A
//! port comparison is two such cells; the port is the second one's last field. A walk that ends
//! exactly behind the program accepts the socket; one that overshoots, by a cell, rejects it.

use registry::{Port, PortRange};

use crate::Ports;

/// The program for `ports`; `None` where every socket passes.
pub(super) fn compile(ports: Ports) -> Option<Vec<u8>> {
    let program = match ports {
        Ports::Any => return None,
        Ports::Local(range) => within(LOCAL, range),
        Ports::Remote(range) => within(REMOTE, range),
        Ports::Either(range) => either(range),
    };
    (!program.is_empty()).then_some(program)
}

/// Goes on behind itself where the port lies in `range`, and a cell further where it does not.
fn within(end: End, range: PortRange) -> Vec<u8> {
    let mut comparisons = Vec::with_capacity(2);
    if range.first() > Port(0) {
        comparisons.push((end.at_least, range.first()));
    }
    if range.last() < Port::MAX {
        comparisons.push((end.at_most, range.last()));
    }
    let mut program = Vec::with_capacity(comparisons.len() * COMPARISON);
    for (at, (code, port)) in comparisons.iter().enumerate() {
        let rest = (comparisons.len() - at) * COMPARISON;
        cell(&mut program, *code, COMPARISON, rest + CELL);
        cell(&mut program, NOP, 0, usize::from(port.number()));
    }
    program
}

/// Tries the local port; where it fails, it lands behind the jump and tries the remote one.
fn either(range: PortRange) -> Vec<u8> {
    let mut program = within(LOCAL, range);
    if program.is_empty() {
        return program;
    }
    let remote = within(REMOTE, range);
    cell(&mut program, JUMP, CELL, CELL + remote.len());
    program.extend(remote);
    program
}

fn cell(program: &mut Vec<u8>, code: u8, yes: usize, no: usize) {
    program.push(code);
    program.push(u8::try_from(yes).expect("at most one comparison"));
    let no = u16::try_from(no).expect("a port, or a distance within some forty bytes");
    program.extend_from_slice(&no.to_ne_bytes());
}

/// The codes that compare one end's port.
#[derive(Clone, Copy)]
struct End {
    at_least: u8,
    at_most: u8,
}

const LOCAL: End = End { at_least: 2, at_most: 3 };
const REMOTE: End = End { at_least: 4, at_most: 5 };
const NOP: u8 = 0;
const JUMP: u8 = 1;

const CELL: usize = 4;
const COMPARISON: usize = 2 * CELL;

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a program the way `inet_diag_bc_run` does.
    fn accepts(mut program: &[u8], local: u16, remote: u16) -> bool {
        while !program.is_empty() {
            let port = || u16::from_ne_bytes([program[6], program[7]]);
            let holds = match program[0] {
                1 => false,
                2 => local >= port(),
                3 => local <= port(),
                4 => remote >= port(),
                5 => remote <= port(),
                code => panic!("operation {code}"),
            };
            let no = usize::from(u16::from_ne_bytes([program[2], program[3]]));
            let step = if holds { usize::from(program[1]) } else { no };
            match program.get(step..) {
                Some(rest) => program = rest,
                None => return false,
            }
        }
        true
    }

    fn range(first: u16, last: u16) -> PortRange {
        PortRange::new(Port(first), Port(last)).unwrap()
    }

    #[test]
    fn one_local_port_byte_by_byte() {
        let program = compile(Ports::Local(Port(8080).into())).unwrap();
        let port = 8080_u16.to_ne_bytes();
        let (far, near) = (20_u16.to_ne_bytes(), 12_u16.to_ne_bytes());
        let cells = [[2, 8, far[0], far[1]], [0, 0, port[0], port[1]]].concat();
        let rest = [[3, 8, near[0], near[1]], [0, 0, port[0], port[1]]].concat();
        assert_eq!(program, [cells, rest].concat());
    }

    #[test]
    fn nothing_to_compare_is_no_program() {
        for ports in [
            Ports::Any,
            Ports::Local(PortRange::ALL),
            Ports::Remote(PortRange::ALL),
            Ports::Either(PortRange::ALL),
        ] {
            assert_eq!(compile(ports), None, "{ports:?}");
        }
    }

    #[test]
    fn programs_agree_with_the_ranges_at_every_edge() {
        let edges = [0, 1, 79, 80, 81, 442, 443, 444, u16::MAX - 1, u16::MAX];
        for wanted in [range(80, 443), range(80, 80), range(0, 80), range(443, u16::MAX)] {
            for local in edges {
                for remote in edges {
                    let (at, to) = (wanted.contains(Port(local)), wanted.contains(Port(remote)));
                    let run = |ports| accepts(&compile(ports).unwrap(), local, remote);
                    assert_eq!(run(Ports::Local(wanted)), at, "{wanted} {local} {remote}");
                    assert_eq!(run(Ports::Remote(wanted)), to, "{wanted} {local} {remote}");
                    assert_eq!(run(Ports::Either(wanted)), at || to, "{wanted} {local} {remote}");
                }
            }
        }
    }
}
