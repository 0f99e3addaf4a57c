//! A program that somebody has us run: where it lies, and what is said where it does not.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rustix::io::Errno;

use crate::exit::Exit;
use crate::report;

/// A program with its arguments.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// Its name first, as it was typed.
    pub(crate) args: Vec<OsString>,
}

/// Why a program cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Absent {
    /// There is none of that name.
    NotFound,
    /// It may not be run.
    NotExecutable,
}

impl Program {
    /// The program that a shell would run.
    pub(crate) fn find(command: &[OsString]) -> Result<Program, Absent> {
        let path = find(&command[0])?;
        Ok(Program { path, args: command.to_vec() })
    }

    /// How to start it.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.arg0(&self.args[0]).args(&self.args[1..]);
        command
    }

    /// Starts it by `command`, which is its own with an environment; as a script of the shell where the kernel
    /// does not know its form, as `execvp(3)` and shells do with one that names no interpreter.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        match command.spawn() {
            Err(error) if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
                let set = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
                Command::new("/bin/sh").arg(&self.path).args(&self.args[1..]).envs(set).spawn()
            }
            spawned => spawned,
        }
    }
}

impl Absent {
    /// Says so of `name`, and how to end: as a shell does.
    pub(crate) fn explain(self, name: &OsStr) -> Exit {
        let name = name.display();
        match self {
            Absent::NotFound => {
                report::error(format_args!("there is no program called '{name}'"));
                Exit::Of(127)
            }
            Absent::NotExecutable => {
                report::error(format_args!("'{name}' may not be run"));
                Exit::Of(126)
            }
        }
    }
}

/// Where the program called `name` lies.
pub(crate) fn find(name: &OsStr) -> Result<PathBuf, Absent> {
    if name.is_empty() {
        return Err(Absent::NotFound);
    }
    if name.as_bytes().contains(&b'/') {
        return executable(Path::new(name));
    }
    let path = env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
    let mut answer = Err(Absent::NotFound);
    for folder in env::split_paths(&path) {
        match executable(&folder.join(name)) {
            Ok(found) => return Ok(found),
            Err(Absent::NotExecutable) => answer = Err(Absent::NotExecutable),
            Err(Absent::NotFound) => {}
        }
    }
    answer
}

fn executable(path: &Path) -> Result<PathBuf, Absent> {
    let metadata = fs::metadata(path).map_err(|_| Absent::NotFound)?;
    let may = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    if metadata.is_file() && may { Ok(path.to_owned()) } else { Err(Absent::NotExecutable) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_names_no_interpreter_is_the_shells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        fs::write(&path, "exit $(($1 + $# + PLUS))\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let args = ["script", "5", "x"].map(OsString::from).to_vec();
        let program = Program { path, args };
        let mut command = program.command();
        let status = program.spawn(command.env("PLUS", "1")).unwrap().wait().unwrap();
        assert_eq!(status.code(), Some(8));
    }

    #[test]
    fn a_program_is_found_as_a_shell_finds_it() {
        let found = |command: &str| find(OsStr::new(command));
        assert!(found("sh").is_ok_and(|path| path.ends_with("sh") && path.is_absolute()));
        assert_eq!(found("/bin/sh").unwrap(), Path::new("/bin/sh"));
        assert_eq!(found("no-such-program-anywhere"), Err(Absent::NotFound));
        assert_eq!(found(""), Err(Absent::NotFound));
        assert_eq!(found("/etc"), Err(Absent::NotExecutable));
        assert_eq!(found("/etc/passwd/x"), Err(Absent::NotFound));
    }
}
