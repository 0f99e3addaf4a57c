//! Ports that come and go: what a release with the acquire after it costs in `Pool`, `Shards` and
//! what others publish, all under the same load. `bench/alloc` runs this, one process a line of its
//! table, so that the memory of one does not stand in the next.
//!
//! `cargo bench -p alloc --bench churn -- SUBJECT --tuples N --fill PERCENT [--threads N]` prints one
//! line of JSON; `-- rest SUBJECT` instead tells how long a port rests before it is given again.

mod load;
mod memory;
mod nothing;
mod ours;
mod peers;
mod rest;

use std::process::ExitCode;

use load::Load;
use nothing::Nothing;
use peers::{Cilium, Gvisor, Haproxy};

fn main() -> ExitCode {
    match Asked::parse(std::env::args().skip(1)) {
        // `cargo test --benches` and a bare `cargo bench` come without a subject.
        None => {
            eprintln!("churn: nothing asked; bench/alloc runs this");
            ExitCode::SUCCESS
        }
        Some(asked) => {
            println!("{}", asked.answer());
            ExitCode::SUCCESS
        }
    }
}

/// The arguments, of which those that cargo adds (`--bench`) are left out.
#[derive(Debug)]
struct Asked {
    subject: String,
    rest: bool,
    load: Load,
    threads: usize,
}

impl Asked {
    fn parse(arguments: impl Iterator<Item = String>) -> Option<Asked> {
        let mut words = Vec::new();
        let mut asked =
            Asked { subject: String::new(), rest: false, load: Load::default(), threads: 1 };
        let mut arguments = arguments.filter(|argument| argument != "--bench");
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let text = arguments.next().unwrap_or_default();
                text.parse::<f64>().unwrap_or_else(|_| panic!("{argument} needs a number"))
            };
            match argument.as_str() {
                "--tuples" => asked.load.tuples = whole(number()),
                "--fill" => asked.load.fill = number() / 100.0,
                "--threads" => asked.threads = whole(number()),
                _ => words.push(argument),
            }
        }
        asked.rest = words.first().is_some_and(|word| word == "rest");
        asked.subject = words.pop()?;
        Some(asked)
    }

    fn answer(&self) -> String {
        let load = &self.load;
        if self.rest {
            return match self.subject.as_str() {
                "keyed" => rest::measure(ours::keyed(1), load),
                "patient" => rest::measure(ours::patient(1024), load),
                "gvisor" => rest::measure(Gvisor::new(1), load),
                "cilium" => rest::measure(Cilium::new(1), load),
                "haproxy" => rest::measure(Haproxy::new(1), load),
                other => panic!("{other} is no subject"),
            };
        }
        match self.subject.as_str() {
            "memory" => memory::measure(load),
            "nothing" => load.run(|_| Nothing),
            "keyed" => load.run(ours::keyed),
            "patient" => load.run(|_| ours::patient(1024)),
            "shards" => load.run_threads(self.threads, |_| ours::shards(self.threads)),
            "gvisor" => load.run(Gvisor::new),
            "cilium" => load.run(Cilium::new),
            "haproxy" => load.run(Haproxy::new),
            other => panic!("{other} is no subject"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count that a person typed"
)]
fn whole(number: f64) -> usize {
    number as usize
}
