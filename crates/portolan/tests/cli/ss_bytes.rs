//! `portolan ss` beside the real `ss` 6.1 in one network namespace: the same bytes, for every mix
//! of flags, as root and as nobody.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread, time::Duration};

use crate::world::{self, NOBODY, World};

#[test]
fn tcp_and_udp_in_every_mix() {
    on_stage("tcp_and_udp_in_every_mix", || {
        let mut world = World::open("tcp_and_udp_in_every_mix");
        crate::odd::names(&mut world);
        let pair = Pair::new(&world);
        let all = pair.real(&["-tuanp"], ROOT);
        for seen in
            ["TIME-WAIT", "SYN-RECV", "SYN-SENT", "CLOSE-WAIT", "%lo:68", "[::]:22", "*:443"]
        {
            assert!(String::from_utf8_lossy(&all).contains(seen), "the stage lacks {seen}");
        }
        for mix in mixes().filter(|mix| mix.contains(['t', 'u'])) {
            pair.compare(&[&mix], ROOT);
            if mix.contains('p') && !mix.contains('H') {
                pair.compare(&[&mix], NOBODY);
            }
        }
    });
}

#[test]
fn every_family_in_every_mix() {
    on_stage("every_family_in_every_mix", || {
        let mut world = World::open("every_family_in_every_mix");
        world.add_other_families();
        crate::odd::names(&mut world);
        let pair = Pair::new(&world);
        let all = pair.real(&["-anp"], ROOT);
        for seen in ["nl ", "p_raw", "p_dgr", "u_str", "u_dgr", "u_seq", "raw ", "udp", "mptcp"] {
            assert!(String::from_utf8_lossy(&all).contains(seen), "the stage lacks {seen}");
        }
        pair.compare(&[], ROOT);
        for mix in mixes().filter(|mix| !mix.contains(['t', 'u'])) {
            pair.compare(&[&mix], ROOT);
            if mix.contains('p') && !mix.contains('H') {
                pair.compare(&[&mix], NOBODY);
            }
        }
        for mix in ["-a4", "-lnp6"] {
            pair.compare_on_terminal(mix, 100);
        }
    });
}

#[test]
fn flags_in_any_order_and_length() {
    on_stage("flags_in_any_order_and_length", || {
        let world = World::open("flags_in_any_order_and_length");
        let pair = Pair::new(&world);
        for args in [
            "-tal",
            "-tla",
            "-t -l -a -n",
            "-ut64",
            "-4tu6a",
            "-6 -t -4 -a",
            "-aHu",
            "--tcp --all --numeric",
            "--udp --listening --processes --no-header",
            "--tcp --udp --ipv4",
            "-ta --ipv6 --ipv4",
            "-t -t -a -a",
            "-tan --",
        ] {
            pair.compare(&args.split(' ').collect::<Vec<_>>(), ROOT);
        }
    });
}

#[test]
fn terminals_of_any_width() {
    on_stage("terminals_of_any_width", || {
        let mut world = World::open("terminals_of_any_width");
        let pair = Pair::new(&world);
        for columns in [1, 6, 20, 40, 79, 80, 81, 120, 132, 200, 1000, 0] {
            for mix in ["-tan", "-tuanp", "-tuH", "-uH", "-ul", "-tap", "-tanH"] {
                pair.compare_on_terminal(mix, columns);
            }
        }
        crate::odd::names(&mut world);
        let real = pair.on_terminal(&pair.real, "-tap", 80);
        assert!(real.contains(&0x1b), "ss itself hands the terminal what a process is called");
        let ours = pair.on_terminal(&pair.ours, "-tap", 80);
        assert!(ours.iter().all(|byte| !byte.is_ascii_control() || b"\r\n".contains(byte)));
        assert!(String::from_utf8(ours).unwrap().contains("(\"\\x1b]0;pwned\\x07\","));
    });
}

#[test]
fn a_flag_that_is_not_spoken_is_refused() {
    for flag in ["-tx", "-e", "--extended", "-K", "dport = :80"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_portolan")).args(["ss", flag]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert!(output.stdout.is_empty(), "{flag}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("portolan ss: "), "{stderr}");
        assert!(stderr.contains(flag.trim_start_matches("-t")), "{stderr}");
    }
}

const ROOT: u32 = 0;

/// Runs `test`, one of this file called `name`, in namespaces of its own, where there is an `ss` to
/// compare with.
fn on_stage(name: &str, test: impl FnOnce()) {
    let version = Command::new("ss").arg("-V").output().map(|output| output.stdout);
    if version.is_ok_and(|text| text.ends_with(b"iproute2-6.1.0\n")) {
        world::apart(&format!("ss_bytes::{name}"), test);
    } else {
        println!("SKIPPED: {name} compares with ss of iproute2 6.1, which is not here");
    }
}

/// Every mix of `-[tulnapH46]` but the empty one, flags in that order.
fn mixes() -> impl Iterator<Item = String> {
    (1..1 << FLAGS.len()).map(|set: u32| {
        let flags = FLAGS.iter().enumerate().filter(|(nth, _)| set & (1 << nth) != 0);
        std::iter::once('-').chain(flags.map(|(_, flag)| *flag)).collect()
    })
}

const FLAGS: [char; 9] = ['t', 'u', 'l', 'n', 'a', 'p', 'H', '4', '6'];

/// The two programs to compare, both called `ss`.
struct Pair {
    real: PathBuf,
    ours: PathBuf,
}

impl Pair {
    fn new(world: &World) -> Pair {
        let ours = world.dir().join("ss");
        fs::copy(env!("CARGO_BIN_EXE_portolan"), &ours).unwrap();
        Pair { real: PathBuf::from("ss"), ours }
    }

    fn real(&self, args: &[&str], uid: u32) -> Vec<u8> {
        output(&self.real, args, uid)
    }

    /// Both must print the same bytes; the real one runs before and after ours, since sockets may
    /// change meanwhile.
    fn compare(&self, args: &[&str], uid: u32) {
        compare(
            &format!("ss {args:?} as {uid}"),
            || output(&self.real, args, uid),
            || output(&self.ours, args, uid),
        );
    }

    fn compare_on_terminal(&self, mix: &str, columns: u16) {
        compare(
            &format!("ss {mix} on {columns} columns"),
            || self.on_terminal(&self.real, mix, columns),
            || self.on_terminal(&self.ours, mix, columns),
        );
    }

    /// What `program` writes to a terminal of `columns` columns.
    fn on_terminal(&self, program: &Path, mix: &str, columns: u16) -> Vec<u8> {
        let line = format!("stty cols {columns}; exec {} {mix} 2>/dev/null", program.display());
        let args = ["-qec", &line, "/dev/null"];
        output(Path::new("script"), &args, ROOT)
    }
}

fn compare(what: &str, real: impl Fn() -> Vec<u8>, ours: impl Fn() -> Vec<u8>) {
    let mut before = real();
    for _ in 0..5 {
        let ours = ours();
        if ours == before {
            return;
        }
        let after = real();
        if ours == after {
            return;
        }
        before = after;
        thread::sleep(Duration::from_millis(50));
    }
    let (real, ours) = (real(), ours());
    let differ = real.iter().zip(&ours).take_while(|(a, b)| a == b).count();
    panic!(
        "{what}: other bytes from byte {differ} on\n--- ss\n{}\n--- portolan ss\n{}",
        real.escape_ascii().to_string().replace("\\n", "$\n"),
        ours.escape_ascii().to_string().replace("\\n", "$\n"),
    );
}

/// What a program prints, without the row of the netlink socket that it asks with: where that
/// stands among the others depends on the program's process id.
fn output(program: &Path, args: &[&str], uid: u32) -> Vec<u8> {
    let child = Command::new(program)
        .args(args)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .uid(uid)
        .gid(uid)
        .spawn()
        .unwrap();
    let pid = child.id();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program:?} {args:?}: {output:?}");
    let own = [format!("/{pid} ").into_bytes(), format!("4:{pid} ").into_bytes()];
    let is_own = |line: &[u8]| {
        line.starts_with(b"nl ")
            && own.iter().any(|text| line.windows(text.len()).any(|w| w == text))
    };
    output
        .stdout
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| !is_own(line))
        .flatten()
        .copied()
        .collect()
}
