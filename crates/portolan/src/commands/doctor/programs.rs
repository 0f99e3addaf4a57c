//! Which program a process runs: what was executed, and where that is an interpreter, the script.

use std::collections::{BTreeMap, BTreeSet};

use sockets::Process;

/// Programs at work in one place, each with a process that runs it, in words.
#[derive(Debug, Default)]
pub(super) struct Programs(BTreeMap<Program, String>);

/// The executable, or the process's name where that is not known; and the script, where one can be told.
type Program = (Vec<u8>, Option<Vec<u8>>);

impl Programs {
    /// Adds what `process` runs.
    pub(super) fn add(&mut self, process: &Process) {
        let run = match &process.exe {
            Some(exe) => exe.as_os_str().as_encoded_bytes().to_vec(),
            None => process.comm.clone(),
        };
        let script = script(process, &run).map(<[u8]>::to_vec);
        self.0.entry((run, script)).or_insert_with(|| crate::label::process(process));
    }

    /// Those that are surely different, in words: an interpreter whose script cannot be told may run any of
    /// the others'.
    pub(super) fn different(self) -> Vec<String> {
        let told: BTreeSet<Vec<u8>> = self
            .0
            .keys()
            .filter(|(_, script)| script.is_some())
            .map(|(run, _)| run.clone())
            .collect();
        let differs = |(run, script): &Program| script.is_some() || !told.contains(run);
        self.0.into_iter().filter(|(program, _)| differs(program)).map(|(_, words)| words).collect()
    }
}

/// The script that an interpreter runs, as it was named: the first argument that is no option. Code among
/// the arguments names none.
fn script<'a>(process: &'a Process, run: &[u8]) -> Option<&'a [u8]> {
    let name = run.rsplit(|byte| *byte == b'/').next()?;
    let is_interpreter = INTERPRETERS.iter().any(|known| name.starts_with(known.as_bytes()));
    let args = process.cmdline.as_ref().filter(|_| is_interpreter)?.get(1..)?;
    let first = args.iter().find(|arg| !arg.starts_with(b"-") || CODE.contains(&&arg[..]))?;
    Some(&first[..]).filter(|first| !first.is_empty() && !first.starts_with(b"-"))
}

/// How their names begin: a version may follow.
const INTERPRETERS: [&str; 8] = ["python", "pypy", "perl", "ruby", "node", "php", "lua", "java"];
/// Options that have code behind them.
const CODE: [&[u8]; 5] = [b"-c", b"-e", b"-E", b"-r", b"--eval"];

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(exe: &str, args: &[&str]) -> Process {
        let cmdline = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        let process = crate::fixture::process(1, b"odd", 0, "odd.service");
        Process { exe: Some(exe.into()), cmdline: Some(cmdline), ..process }
    }

    fn count(processes: &[Process]) -> usize {
        let mut programs = Programs::default();
        processes.iter().for_each(|process| programs.add(process));
        programs.different().len()
    }

    #[test]
    fn scripts_of_one_interpreter_are_programs_of_their_own() {
        let python = |args: &[&str]| runs("/usr/bin/python3.11", args);
        let (one, other) = (python(&["python3", "a.py"]), python(&["python3", "-u", "b.py", "-v"]));
        assert_eq!(count(&[one.clone(), other.clone()]), 2);
        assert_eq!(count(&[one.clone(), one.clone()]), 1, "workers of one server");
        let title = python(&["a: worker", ""]);
        let spawned = python(&["python3", "-c", "spawn_main(7)", "--multiprocessing-fork"]);
        assert_eq!(count(&[one.clone(), title, spawned]), 1, "these may be workers");
        let modules = ["http.server", "smtpd"].map(|name| python(&["python3", "-m", name]));
        assert_eq!(count(&modules), 2);
        let native = ["a.conf", "b.conf"].map(|name| runs("/usr/sbin/odd", &["odd", name]));
        assert_eq!(count(&native), 1, "what is no interpreter is told by its executable");
        assert_eq!(count(&[one, native[0].clone()]), 2);
    }
}
