//! `portolan lsof` beside the real `lsof` 4.95 in one network namespace: the same bytes and the same
//! status, as root and as nobody.

use std::process::{Command, Output};
use std::{thread, time::Duration};

use crate::bytes::{self, Pair, ROOT};
use crate::odd;
use crate::world::{self, NOBODY, World};

#[test]
fn addresses_in_every_form() {
    on_stage("addresses_in_every_form", |pair| {
        for args in ADDRESSES {
            compare(pair, args);
            compare(pair, &format!("-nP {args}"));
        }
    });
}

#[test]
fn flags_in_any_order() {
    on_stage("flags_in_any_order", |pair| {
        for args in FLAGS {
            compare(pair, args);
        }
    });
}

#[test]
fn fields_of_every_kind() {
    on_stage("fields_of_every_kind", |pair| {
        for args in ["-Fn -F", "-F0 -Fn", "-Fp0 -F0", "-F00", "-F -F00"] {
            compare(pair, &format!("-i {args}"));
        }
        for args in ["-F", "-F0", "-F pcn", "-Fpcn0", "-F T -F n", "-FgRuL", "-Fs0", "-FcK0"] {
            compare(pair, &format!("-i {args}"));
            compare(pair, &format!("-nP {args} -i :80 -i udp"));
        }
        for letter in "acdfgiklmnoprstuzCDFGKLMNPRSTZ".chars() {
            compare(pair, &format!("-nP -i -F{letter}"));
        }
    });
}

/// What `lsof` refuses with status 1, we refuse with status 2 and one line.
#[test]
fn nonsense_is_refused() {
    on_stage("nonsense_is_refused", |pair| {
        for args in NONSENSE {
            let [real, ours] = [pair.real(&split(args), ROOT), pair.ours(&split(args), ROOT)];
            assert_eq!((real.status.code(), &real.stdout[..]), (Some(1), &b""[..]), "{args}");
            is_refusal(&ours, args);
        }
    });
}

#[test]
fn a_terminal_is_not_told_what_to_do() {
    on_stage("a_terminal_is_not_told_what_to_do", |pair| {
        for args in ["-i", "-i -F"] {
            let ours = String::from_utf8(pair.on_terminal(args)).unwrap();
            let unsafe_char = |c: char| c.is_control() && !"\r\n".contains(c) || c == '\u{202e}';
            assert!(!ours.contains(unsafe_char), "{ours:?}");
            assert!(ours.contains("^[]0;pwn"), "{ours}");
        }
    });
}

#[test]
fn a_flag_that_is_not_spoken_is_refused() {
    for args in ["-i -s", "-n", "-i -p 1", "-sTCP:LISTEN -i", "-i /tmp", "+c 0 -i", "-i :70000"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        is_refusal(&command.arg("lsof").args(split(args)).output().unwrap(), args);
    }
}

/// Runs `test`, one of this file called `name`, in namespaces of its own full of sockets, where
/// there is an `lsof` to compare with.
fn on_stage(name: &str, test: impl FnOnce(&Pair)) {
    if !bytes::is_here("lsof", "-v", "revision: 4.95.0") {
        println!("SKIPPED: {name} compares with lsof 4.95.0, which is not here");
        return;
    }
    world::apart(&format!("lsof_bytes::{name}"), || {
        let mut world = World::open(name);
        odd::names(&mut world);
        odd::arguments(&mut world);
        world.by_perl(MORE);
        let pair = Pair::new("lsof", &world);
        let seen = pair.real(&["-nP", "-i"], ROOT).stdout;
        for part in ["(SYN_SENT)", "(CLOSE_WAIT)", "UDPLITE", "(FIN_WAIT2)", " 12345678 ", "^[]0;"]
        {
            assert!(String::from_utf8_lossy(&seen).contains(part), "the stage lacks {part}");
        }
        let own = pair.real(&["-nP", "-i"], NOBODY).stdout;
        assert!(String::from_utf8_lossy(&own).contains(" nobody "), "nobody sees its own");
        test(&pair);
    });
}

/// Both must print the same with the same status, as root and as nobody.
fn compare(pair: &Pair, args: &str) {
    compare_as(pair, args, ROOT);
    compare_as(pair, args, NOBODY);
}

/// The real one runs before and after ours, since sockets may change meanwhile. On standard error
/// ours also says what `lsof` leaves out.
fn compare_as(pair: &Pair, args: &str, uid: u32) {
    let said = |output: Output| {
        let errors = String::from_utf8(output.stderr).unwrap();
        let ours = |line: &&str| line.starts_with("portolan lsof: process ");
        let errors: Vec<&str> = errors.lines().filter(|line| !ours(line)).collect();
        let text = output.stdout.escape_ascii().to_string();
        (format!("{text}--- standard error\\n{}", errors.join("\\n")), output.status.code())
    };
    let mut real = said(pair.real(&split(args), uid));
    let mut ours = (String::new(), None);
    for _ in 0..5 {
        ours = said(pair.ours(&split(args), uid));
        let after = said(pair.real(&split(args), uid));
        if ours == real || ours == after {
            return;
        }
        real = after;
        thread::sleep(Duration::from_millis(50));
    }
    let shown = |(text, status): &(String, Option<i32>)| {
        format!("{}--- status {status:?}", text.replace("\\n", "\n"))
    };
    panic!("lsof {args} as {uid} prints\n{}\nand portolan\n{}", shown(&real), shown(&ours));
}

/// The words of `args`; `''` is an empty one.
fn split(args: &str) -> Vec<&str> {
    args.split(' ').map(|arg| if arg == "''" { "" } else { arg }).collect()
}

fn is_refusal(output: &Output, args: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &output.stdout[..]), (Some(2), &b""[..]), "{args}");
    assert!(stderr.starts_with("portolan lsof: ") && stderr.lines().count() == 1, "{stderr}");
}

const ADDRESSES: [&str; 68] = [
    "-i",
    "-i4",
    "-i6",
    "-i 4 -i 6",
    "-i -i4",
    "-i4 -i",
    "-i6 -i -i4",
    "-iTCP",
    "-iudp",
    "-i UdpLite",
    "-i4tcp",
    "-i 6tcp",
    "-i6udp -i tcp:80",
    "-i :80",
    "-i:80",
    "-iTCP:80",
    "-i :80,443",
    "-i :80,443,",
    "-i :0-100",
    "-i :22-https",
    "-i tcp:www,https",
    "-i :00080",
    "-i :0",
    "-i :7777",
    "-i :9999",
    "-i :9999,80",
    "-i :80 -i :9999",
    "-i :80 -i :80",
    "-i :80 -i :80-80",
    "-i :80,443 -i :80",
    "-i :80 -i :80,443",
    "-i -i :9999",
    "-i4 -i tcp",
    "-i6 -i @localhost:443",
    "-i @localhost:443 -i6",
    "-i6 -i 4tcp:443",
    "-i6 -i4 -i @127.0.0.1",
    "-i4 -i :9999",
    "-i tcp -i tcp:80",
    "-i tcp:80 -i tcp",
    "-i tcp:9 -i udp:9",
    "-i 4:443",
    "-i 6:443",
    "-i 6:80",
    "-i @127.0.0.1",
    "-i tcp@127.0.0.1:8000-8100",
    "-i tcp@127.0.0.1:80,5432",
    "-i 4udp@127.0.0.1:53",
    "-i @127.0.0.1 -i @192.0.2.1",
    "-i @[::1]",
    "-i 6@[::1]:443,22",
    "-i @[::ffff:127.0.0.1]:80",
    "-i @[fe80::7]",
    "-i @[::1.2.3.4]",
    "-i @localhost",
    "-i 4@localhost:443",
    "-i 6@ip6-localhost:443",
    "-i @ip6-localhost",
    "-i 4@ip6-localhost:443",
    "-i @0.0.0.0:443",
    "-i tcp@0.0.0.0",
    "-i @0:53",
    "-i @link-local",
    "-i @127.1:80",
    "-i :http -i :domain",
    "-i tcp:other",
    "-i :third",
    "-i udp:80",
];

const FLAGS: [&str; 27] = [
    "-n -i :123",
    "-n -i udp:123",
    "-n -i",
    "-nPi",
    "-nPi :80",
    "-nPi:80",
    "-n -P -i :80",
    "-i :80 -nP",
    "-i -n -P",
    "-n -i",
    "-P -i",
    "-nn -PP -i :80",
    "-ti",
    "-ti :80",
    "-t -i :80,443",
    "-i :9999 -t",
    "-i :80 -i :9999 -t",
    "-tt -i4",
    "-i -F",
    "-F -i",
    "-Fpcn -i",
    "-F pcn -i :80",
    "-nPF pn -i :80",
    "-i :80 -F0",
    "-i :9999 -F",
    "-i --",
    "-nP -i :80 --",
];

const NONSENSE: [&str; 43] = [
    "-i ''",
    "-i :",
    "-i tcp:",
    "-i @",
    "-i 4@",
    "-i tcp@:80",
    "-i 80",
    "-i 46",
    "-inP",
    "-i tcp4",
    "-i icmp",
    "-i ^tcp:80",
    "-i [::1]",
    "-i @::1",
    "-i @[::1",
    "-i @[]",
    "-i @[::1]x",
    "-i @[::]",
    "-i @[::1%lo]",
    "-i @0.0.0.0",
    "-i 4@0.0.0.0",
    "-i @0",
    "-i 4@[::1]",
    "-i 6@127.0.0.1",
    "-i6 -i @127.0.0.1",
    "-i 6@[::ffff:127.0.0.1]",
    "-i :80-",
    "-i :90-80",
    "-i :0x50",
    "-i :,80",
    "-i :80:80",
    "-i :1-2-3",
    "-i :no-such-service",
    "-i udp:other",
    "-i udplite:domain",
    "-i :ab",
    "-i @no-such-host.invalid",
    "-i 4@link-local",
    "-i tcp:80@127.0.0.1",
    "-i -Fx",
    "-i -F p,n",
    "-i -t -F",
    "-F -i -t",
];

/// UDP-Lite sockets, which only `lsof` and `netstat` print, a connection that we have closed on one
/// side, and a port that has a name over UDP alone. `IPPROTO_UDPLITE` is 136.
const MORE: &str = r#"
    my ($four, $six, $l, $c, $s);
    socket($four, AF_INET, SOCK_DGRAM, 136) && bind($four, sockaddr_in(53, INADDR_ANY)) or die;
    socket($six, AF_INET6, SOCK_DGRAM, 136)
        && bind($six, pack_sockaddr_in6(7777, Socket::inet_pton(AF_INET6, "::1"))) or die;
    socket($l, AF_INET, SOCK_STREAM, 0) && bind($l, sockaddr_in(8085, INADDR_LOOPBACK))
        && listen($l, 3) or die;
    socket($c, AF_INET, SOCK_STREAM, 0) && connect($c, sockaddr_in(8085, INADDR_LOOPBACK)) or die;
    accept($s, $l) && shutdown($c, 1) or die;
    my ($t, $u);
    socket($t, AF_INET, SOCK_STREAM, 0) && bind($t, sockaddr_in(123, INADDR_LOOPBACK))
        && listen($t, 3) or die;
    socket($u, AF_INET, SOCK_DGRAM, 0) && bind($u, sockaddr_in(123, INADDR_LOOPBACK)) or die;
    syswrite STDOUT, "ready\n";
    <STDIN>;
"#;
