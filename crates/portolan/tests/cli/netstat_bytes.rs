//! `portolan netstat` beside the real `netstat` of net-tools 2.10 in one network namespace: the same
//! bytes, errors and status, as root and as nobody.

use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use crate::bytes::{self, Pair, ROOT};
use crate::odd;
use crate::world::{self, NOBODY, World};

#[test]
fn flags_in_every_mix() {
    on_stage("flags_in_every_mix", || {
        let mut world = World::open("flags_in_every_mix");
        odd::names(&mut world);
        odd::arguments(&mut world);
        world.add_other_families();
        world.by_perl(UDPLITE);
        let pair = Pair::new("netstat", &world);
        let seen = pair.real(&["-aneW"], ROOT).stdout;
        for part in
            ["TIME_WAIT", "SYN_RECV", "SYN_SENT", "CLOSE_WAIT", "udpl6 ", "raw6 ", "SEQPACKET"]
        {
            assert!(String::from_utf8_lossy(&seen).contains(part), "the stage lacks {part}");
        }
        for (nth, mix) in mixes().enumerate() {
            let uid = if nth % 4 == 3 { NOBODY } else { ROOT };
            pair.compare_as(&[&mix], uid);
        }
    });
}

#[test]
fn flags_in_any_order_and_length() {
    on_stage("flags_in_any_order_and_length", || {
        let world = World::open("netstat_in_any_order");
        let pair = Pair::new("netstat", &world);
        for args in [
            "-la",
            "-al",
            "-t -u -p -n",
            "-64ent",
            "-een",
            "--tcp --listening --numeric --programs",
            "--udp --all --extend --wide -n",
            "--inet -n",
            "--inet6 -an --",
        ] {
            pair.compare(&args.split(' ').collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_holder_of_ones_own_is_seen_as_nobody() {
    on_stage("a_holder_of_ones_own_is_seen_as_nobody", || {
        let mut world = World::open("netstat_as_nobody");
        let pair = Pair::new("netstat", &world);
        let listener = TcpListener::bind("127.0.0.1:7000").unwrap();
        world.holder(b"theirs", listener.into(), NOBODY);
        let output = pair.ours(&["-tlnp"], NOBODY);
        assert!(output.stderr.starts_with(b"(Not all processes could be identified"));
        assert!(String::from_utf8(output.stdout).unwrap().contains("/theirs "));
        pair.compare_as(&["-tlnp"], NOBODY);
    });
}

#[test]
fn a_process_whose_first_thread_has_ended_is_left_out_and_named() {
    let perl = Command::new("perl").args(["-Mthreads", "-e", "1"]).output().unwrap();
    if !perl.status.success() || std::env::consts::ARCH != "x86_64" {
        println!("SKIPPED: a first thread that ends needs perl with threads on x86-64");
        return;
    }
    on_stage("a_process_whose_first_thread_has_ended_is_left_out_and_named", || {
        let mut world = World::open("netstat_first_thread_ended");
        world.by_perl(FIRST_THREAD_ENDS);
        let pair = Pair::new("netstat", &world);
        let (real, ours) = (pair.real(&["-tlnp"], ROOT), pair.ours(&["-tlnp"], ROOT));
        assert_eq!(String::from_utf8(real.stdout), String::from_utf8(ours.stdout));
        let stderr = String::from_utf8(ours.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.contains("\"perl\" is left out as by netstat"), "{stderr}");
    });
}

/// Tables no kernel of ours has: every state, long queues, addresses of every shape.
#[test]
fn tables_made_up() {
    on_stage("tables_made_up", || {
        let world = World::open("netstat_tables_made_up");
        let _pair = Pair::new("netstat", &world);
        let proc = world.dir().join("proc");
        make_up_tables(&proc);
        let both = |args: &str| {
            let [real, ours] = ["netstat", &format!("{}/netstat", world.dir().display())]
                .map(|program| on_made_up_proc(&proc, program, args));
            assert!(real.len() > 1000, "netstat {args} printed the tables");
            assert_eq!(real, ours, "netstat {args}");
        };
        for args in ["-an", "-n", "-ln", "-anW", "-ane", "-lneW", "-n4", "-l6n", "-aneW6", "-anu"] {
            both(args);
        }
    });
}

#[test]
fn a_terminal_is_not_told_what_to_do() {
    on_stage("a_terminal_is_not_told_what_to_do", || {
        let mut world = World::open("netstat_on_a_terminal");
        odd::names(&mut world);
        odd::arguments(&mut world);
        let path = world.dir().join("\x1b[2J");
        world.hold(UnixListener::bind(&path).unwrap());
        let pair = Pair::new("netstat", &world);
        let real = pair.real(&["-anp"], ROOT).stdout;
        assert!(real.contains(&0x1b), "netstat itself hands on what a process is called");
        let ours = pair.on_terminal("-anp");
        assert!(ours.iter().all(|byte| !byte.is_ascii_control() || b"\r\n".contains(byte)));
        assert!(String::from_utf8(ours).unwrap().contains("/\\x1b]0;pwned\\x07"));
    });
}

#[test]
fn a_flag_that_is_not_spoken_is_refused() {
    for flag in ["-tx", "-r", "--statistics", "-c", "eth0"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_portolan")).args(["netstat", flag]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{flag}");
        assert!(output.stdout.is_empty(), "{flag}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("portolan netstat: "), "{stderr}");
        assert!(stderr.contains(flag.trim_start_matches("-t")), "{stderr}");
    }
}

/// Runs `test`, one of this file called `name`, in namespaces of its own, where there is a `netstat`
/// to compare with.
fn on_stage(name: &str, test: impl FnOnce()) {
    if bytes::is_here("netstat", "--version", "net-tools 2.10") {
        world::apart(&format!("netstat_bytes::{name}"), test);
    } else {
        println!("SKIPPED: {name} compares with netstat of net-tools 2.10, which is not here");
    }
}

/// Every mix of `-[tulnapeW46]` of up to three flags, or without up to two, flags in that order: all
/// 1,023 take over a minute.
fn mixes() -> impl Iterator<Item = String> {
    let few_or_many = |set: &u32| !(4..8).contains(&set.count_ones());
    (1..1 << FLAGS.len()).filter(few_or_many).map(|set: u32| {
        let flags = FLAGS.iter().enumerate().filter(|(nth, _)| set & (1 << nth) != 0);
        std::iter::once('-').chain(flags.map(|(_, flag)| *flag)).collect()
    })
}

const FLAGS: [char; 10] = ['t', 'u', 'l', 'n', 'a', 'p', 'e', 'W', '4', '6'];

/// UDP-Lite sockets, which `ss` does not print. `IPPROTO_UDPLITE` is 136.
const UDPLITE: &str = r#"
    my ($four, $six);
    socket($four, AF_INET, SOCK_DGRAM, 136) && bind($four, sockaddr_in(53, INADDR_ANY)) or die;
    socket($six, AF_INET6, SOCK_DGRAM, 136)
        && bind($six, pack_sockaddr_in6(7777, Socket::inet_pton(AF_INET6, "::1"))) or die;
    syswrite STDOUT, "ready\n";
    <STDIN>;
"#;

/// `SYS_exit` of x86-64 is 60: it ends the thread alone.
const FIRST_THREAD_ENDS: &str = r#"
    use threads;
    my $listener;
    socket($listener, AF_INET, SOCK_STREAM, 0) && bind($listener, sockaddr_in(7100, INADDR_LOOPBACK))
        && listen($listener, 3) or die;
    threads->create(sub { select undef, undef, undef, 0.2; syswrite STDOUT, "ready\n"; sleep 1000 });
    syscall(60, 0);
"#;

/// Runs `program` where `/proc` is the directory `proc`.
fn on_made_up_proc(proc: &Path, program: &str, args: &str) -> String {
    let script = format!("mount --bind {} /proc && exec {program} {args}", proc.display());
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn make_up_tables(proc: &Path) {
    let net = proc.join("thread-self/net");
    fs::create_dir_all(&net).unwrap();
    std::os::unix::fs::symlink("thread-self/net", proc.join("net")).unwrap();
    let v4 = rows(&["0100007F", "00000000", "C8A8C0FE"]);
    let v6 = rows(&[
        "00000000000000000000000000000000",
        "0000000000000000FFFF00000100007F",
        "B80D01200000000000000000AAAABBBB",
        "0000000000000000000000000100007F",
        "00000000000000000000000001000000",
        "B80D0120BBBBAAAADDDDCCCCC86464C0",
        "000080FE000000000000000001000000",
    ]);
    for (table, text) in [("", v4), ("6", v6)] {
        for proto in ["tcp", "udp", "udplite", "raw"] {
            fs::write(net.join(format!("{proto}{table}")), &text).unwrap();
        }
    }
    let mut unix = "Num       RefCount Protocol Flags    Type St Inode Path\n".to_owned();
    for kind in 0..7 {
        for state in 0..6 {
            for flags in 0..8 {
                let path = if flags % 2 == 0 { "" } else { " @a path" };
                unix += &format!(
                    "00000000f786eabf: {:08X} 00000000 {:08X} {kind:04X} {state:02X} {}{path}\n",
                    kind * 99_999_999u64,
                    flags << 16,
                    state * 1_234_567_890_123u64,
                );
            }
        }
    }
    fs::write(net.join("unix"), unix).unwrap();
}

/// Rows between all of `addrs`, in every state.
fn rows(addrs: &[&str]) -> String {
    let mut text = "  sl  local_address rem_address   st tx_queue rx_queue tr …\n".to_owned();
    for (nth, local) in addrs.iter().enumerate() {
        for remote in addrs {
            for state in 1..=11u32 {
                let (far, queue) =
                    (if state % 4 == 3 { 0 } else { 6000 * state }, state * 345_678_901);
                text += &format!(
                    "{nth:4}: {local}:{:04X} {remote}:{far:04X} {state:02X} {queue:08X}:{:08X} \
                     00:00000000 00000000 {:5}        0 {} 2 0000000000000000 0\n",
                    5 * state,
                    queue / 1000,
                    queue,
                    u64::from(queue) * 100_000,
                );
            }
        }
    }
    text
}
