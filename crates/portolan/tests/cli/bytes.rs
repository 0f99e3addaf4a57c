//! Our `netstat` and `lsof` beside the real ones: the same output, errors and exit status.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{fs, thread, time::Duration};

use crate::world::{NOBODY, World};

pub(crate) const ROOT: u32 = 0;

/// Whether `program`, asked with `flag`, says that it is the `version` that ours is compared with.
pub(crate) fn is_here(program: &str, flag: &str, version: &str) -> bool {
    let said = Command::new(program).arg(flag).output();
    said.is_ok_and(|said| {
        String::from_utf8_lossy(&[said.stdout, said.stderr].concat()).contains(version)
    })
}

/// The two programs to compare, of one name.
pub(crate) struct Pair {
    real: PathBuf,
    ours: PathBuf,
}

impl Pair {
    /// `tool` and portolan called so, which everybody may run while `world` lasts. Puts names of our
    /// own in place of the host's, in this mount namespace: no name server is asked.
    pub(crate) fn new(tool: &str, world: &World) -> Pair {
        let ours = world.dir().join(tool);
        fs::copy(env!("CARGO_BIN_EXE_portolan"), &ours).unwrap();
        let own = |path| fs::read_to_string(path).unwrap_or_default();
        let switch = own("/etc/nsswitch.conf").replace("hosts:", "hosts: files #");
        let services = own("/etc/services") + SERVICES;
        for (name, text) in [("nsswitch.conf", &*switch), ("hosts", HOSTS), ("services", &services)]
        {
            let file = world.dir().join(name);
            fs::write(&file, text).unwrap();
            let mut mount = Command::new("mount");
            mount.arg("--bind").arg(file).arg(Path::new("/etc").join(name));
            assert!(mount.status().unwrap().success(), "{mount:?}");
        }
        Pair { real: PathBuf::from(tool), ours }
    }

    /// What the real tool prints.
    pub(crate) fn real(&self, args: &[&str], uid: u32) -> Output {
        run(&self.real, args, uid)
    }

    /// What ours prints.
    pub(crate) fn ours(&self, args: &[&str], uid: u32) -> Output {
        run(&self.ours, args, uid)
    }

    /// Both must print the same, as root and as nobody.
    pub(crate) fn compare(&self, args: &[&str]) {
        self.compare_as(args, ROOT);
        self.compare_as(args, NOBODY);
    }

    /// Both must print the same; the real one runs before and after ours, since sockets may change
    /// meanwhile.
    pub(crate) fn compare_as(&self, args: &[&str], uid: u32) {
        let mut before = self.real(args, uid);
        for _ in 0..5 {
            let ours = self.ours(args, uid);
            if ours == before {
                return;
            }
            let after = self.real(args, uid);
            if ours == after {
                return;
            }
            before = after;
            thread::sleep(Duration::from_millis(50));
        }
        let (real, ours) = (shown(&before), shown(&self.ours(args, uid)));
        panic!("{:?} {args:?} as {uid} prints\n{real}\nand portolan\n{ours}", self.real);
    }

    /// What ours writes to a terminal.
    pub(crate) fn on_terminal(&self, args: &str) -> Vec<u8> {
        let line = format!("exec {} {args}", self.ours.display());
        let output = Command::new("script").args(["-qec", &line, "/dev/null"]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }
}

fn run(program: &Path, args: &[&str], uid: u32) -> Output {
    let mut command = Command::new(program);
    command.args(args).current_dir("/").stdin(Stdio::null()).uid(uid).gid(uid).output().unwrap()
}

fn shown(output: &Output) -> String {
    let text = |bytes: &[u8]| bytes.escape_ascii().to_string().replace("\\n", "$\n");
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    format!("{stdout}--- standard error\n{stderr}--- {}", output.status)
}

const HOSTS: &str = "127.0.0.1 localhost
::1 localhost ip6-localhost
fe80::7 link-local
fd00::1:0:0:1 a-rather-long-host-name-indeed.example.org short
";

/// Services named twice, or for one protocol, or at length.
const SERVICES: &str = "
first 5432/tcp other
second 5432/tcp
third 5432/udp
longer-than-the-column 8000/tcp
";
