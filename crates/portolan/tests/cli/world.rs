//! A network and pid namespace filled with sockets of every kind, for the tools whose bytes we print:
//! no other process can be seen there, so runs are quick and alike on a busy machine too.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv6Addr, SocketAddr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::netlink::{self, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, Protocol, SocketAddrUnix, SocketFlags, SocketType, bind, connect, ipproto,
    listen, socket_with,
};

/// The user and group `nobody` of Debian.
pub(crate) const NOBODY: u32 = 65534;

/// Runs `body`, which is that of the test called `test`, in namespaces of its own: starts this same
/// program in them, to run the one test there. The kernel kills whatever that leaves behind. Needs
/// root: says so where it may not.
pub(crate) fn apart(test: &str, body: impl FnOnce()) {
    if std::env::var_os(APART).is_some() {
        run("ip", "link set lo up");
        return body();
    }
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]);
        command
    };
    let may = unshare().arg("true").stderr(Stdio::null()).status().expect("unshare is installed");
    if !may.success() {
        println!("SKIPPED: {test} needs root to make namespaces");
        return;
    }
    let status = unshare()
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(APART, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{test} failed in its namespaces");
}

/// Runs `program` with `args`, which must succeed.
fn run(program: &str, args: &str) {
    let status = Command::new(program).args(args.split(' ')).status().unwrap();
    assert!(status.success(), "{program} {args}: {status}");
}

/// Sockets and the processes that hold them, closed and killed when dropped.
#[derive(Debug)]
pub(crate) struct World {
    /// A directory that everybody may read.
    dir: PathBuf,
    held: Vec<OwnedFd>,
    children: Vec<Child>,
}

impl World {
    /// Fills the network namespace of this thread: TCP in most states, UDP connected and not, IPv6
    /// in all its forms, and sockets bound to a device. `name` is that of the test.
    pub(crate) fn open(name: &str) -> World {
        let dir = std::env::temp_dir().join(format!("portolan-{name}-{}", unique()));
        fs::create_dir_all(&dir).unwrap();
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        let mut world = World { dir, held: Vec::new(), children: Vec::new() };
        world.tcp();
        world.tcp_v6();
        world.udp();
        world.by_perl(PERL);
        world.hold(TcpStream::connect("127.0.0.1:6000").unwrap());
        world
    }

    /// A directory that everybody may read, gone with the world.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Keeps `socket` open.
    pub(crate) fn hold(&mut self, socket: impl Into<OwnedFd>) {
        self.held.push(socket.into());
    }

    /// Starts a process called `name` that holds `socket` as its standard input and output.
    pub(crate) fn holder(&mut self, name: &[u8], socket: OwnedFd, uid: u32) {
        let program = self.dir.join(OsStr::from_bytes(name));
        symlink("/bin/sleep", &program).unwrap();
        self.spawn(Command::new(program).arg("1000").uid(uid).gid(uid), socket);
    }

    /// Starts a process that holds `socket` as its standard input and output.
    pub(crate) fn spawn(&mut self, command: &mut Command, socket: OwnedFd) {
        command.stdin(socket.try_clone().unwrap()).stdout(socket);
        self.children.push(command.spawn().unwrap());
    }

    /// Listeners and connections over IPv4.
    fn tcp(&mut self) {
        let web = TcpListener::bind("0.0.0.0:80").unwrap();
        let database = TcpListener::bind("127.0.0.1:5432").unwrap();
        let (mut client, server) = pair(&web, "127.0.0.1:80");
        client.write_all(&[7; 50]).unwrap();
        self.hold(client);
        self.hold(server);
        self.hold(TcpStream::connect("127.0.0.1:80").unwrap());
        let (client, server) = pair(&database, "127.0.0.1:5432");
        drop(client);
        self.hold(server);
        time_wait(&database, "127.0.0.1:5432");
        self.hold(web);
        self.hold(database);
        self.syn_sent();
        let silent =
            socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)
                .unwrap();
        bind(&silent, &address("127.0.0.1:7777")).unwrap();
        self.hold(silent);
    }

    /// A connection that gets no answer, because the listener's queue is full.
    fn syn_sent(&mut self) {
        let stream = || {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap()
        };
        let full = stream();
        bind(&full, &address("127.0.0.1:99")).unwrap();
        listen(&full, 0).unwrap();
        self.hold(full);
        for _ in 0..3 {
            let client = stream();
            connect(&client, &address("127.0.0.1:99")).unwrap_err();
            self.hold(client);
        }
    }

    /// Dual-stack, IPv6 only, mapped, link-local with its device, and addresses odd to write.
    fn tcp_v6(&mut self) {
        for (nth, addr) in ["::102:304", "fd00:0:0:1::1", "fd00:0:1:0:1::1"].iter().enumerate() {
            run("ip", &format!("addr add {addr}/128 dev lo nodad"));
            let port = 8000 + u16::try_from(nth).unwrap();
            self.hold(TcpListener::bind((*addr, port)).unwrap());
        }
        run("ip", "addr add fe80::7/64 dev lo nodad");
        let local: Ipv6Addr = "fe80::7".parse().unwrap();
        self.hold(TcpListener::bind(SocketAddrV6::new(local, 631, 0, 1)).unwrap());
        self.hold(v6only("[::]:22"));
        let dual = TcpListener::bind("[::]:443").unwrap();
        for to in ["[::1]:443", "127.0.0.1:443", "[::ffff:127.0.0.1]:443"] {
            let (client, server) = pair(&dual, to);
            self.hold(client);
            self.hold(server);
        }
        time_wait(&dual, "[::1]:443");
        self.hold(dual);
    }

    fn udp(&mut self) {
        let dns = UdpSocket::bind("0.0.0.0:53").unwrap();
        let mdns = UdpSocket::bind("[::]:5353").unwrap();
        for (from, to) in [
            ("127.0.0.1:0", "127.0.0.1:53"),
            ("[::1]:0", "[::1]:5353"),
            ("[::]:0", "[::ffff:127.0.0.1]:53"),
        ] {
            let client = UdpSocket::bind(from).unwrap();
            client.connect(to).unwrap();
            client.send(b"never read").unwrap();
            self.hold(client);
        }
        self.hold(dns);
        self.hold(mdns);
    }

    /// Unix sockets of every kind, netlink, packet, raw and MPTCP sockets.
    pub(crate) fn add_other_families(&mut self) {
        self.unix();
        let kinds =
            [(SocketType::STREAM, "s"), (SocketType::DGRAM, "d"), (SocketType::SEQPACKET, "q")];
        for (kind, name) in kinds {
            let abstract_name = format!("portolan\0{name}\x1b{}", std::process::id());
            let named = socket(AddressFamily::UNIX, kind, None);
            bind(&named, &SocketAddrUnix::new_abstract_name(abstract_name.as_bytes()).unwrap())
                .unwrap();
            self.hold(named);
            self.hold(socket(AddressFamily::UNIX, kind, None));
        }
        for (family, protocol) in [
            (AddressFamily::INET, ipproto::ICMP),
            (AddressFamily::INET6, ipproto::ICMPV6),
            (AddressFamily::INET, ipproto::RAW),
        ] {
            self.hold(socket(family, SocketType::RAW, Some(protocol)));
        }
        for group in [0, 1] {
            let named = socket(AddressFamily::NETLINK, SocketType::RAW, None);
            bind(&named, &SocketAddrNetlink::new(0, group)).unwrap();
            self.hold(named);
        }
        let connected = socket(AddressFamily::NETLINK, SocketType::RAW, Some(netlink::GENERIC));
        connect(&connected, &SocketAddrNetlink::new(0, 2)).unwrap();
        self.hold(connected);
        self.mptcp();
        self.by_perl(PERL_OTHER);
    }

    fn unix(&mut self) {
        let path = self.dir.join("a listener\n.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let mut client = UnixStream::connect(&path).unwrap();
        client.write_all(b"unread").unwrap();
        self.hold(client);
        self.hold(listener.accept().unwrap().0);
        self.hold(UnixStream::connect(&path).unwrap());
        self.hold(listener);
        let (end, _closed) = UnixStream::pair().unwrap();
        self.hold(end);
        let (one, other) = UnixDatagram::pair().unwrap();
        self.hold(one);
        self.hold(other);
    }

    fn mptcp(&mut self) {
        for (family, addr) in
            [(AddressFamily::INET, "127.0.0.1:993"), (AddressFamily::INET6, "[::]:995")]
        {
            let listener = socket(family, SocketType::STREAM, Some(ipproto::MPTCP));
            bind(&listener, &address(addr)).unwrap();
            listen(&listener, 3).unwrap();
            self.hold(listener);
        }
        let client = socket(AddressFamily::INET, SocketType::STREAM, Some(ipproto::MPTCP));
        connect(&client, &address("127.0.0.1:993")).unwrap();
        self.hold(client);
    }

    /// What Rust has no safe call for, held by a process that runs `script`.
    pub(crate) fn by_perl(&mut self, script: &str) {
        let mut child = Command::new("perl")
            .args(["-MSocket", "-e", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("perl-base is on every Debian");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        self.children.push(child);
    }
}

impl Drop for World {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A number that nobody else has now, whatever the pid namespace.
fn unique() -> u128 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.expect("the clock is past 1970").as_nanos()
}

/// A client and the server's side of it.
fn pair(listener: &TcpListener, to: &str) -> (TcpStream, TcpStream) {
    let client = TcpStream::connect(to).unwrap();
    (client, listener.accept().unwrap().0)
}

/// Leaves a connection in `TIME-WAIT`.
fn time_wait(listener: &TcpListener, to: &str) {
    let (client, mut server) = pair(listener, to);
    server.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    drop(client);
    assert_eq!(server.read(&mut [0]).unwrap(), 0);
}

fn v6only(addr: &str) -> OwnedFd {
    let socket = socket(AddressFamily::INET6, SocketType::STREAM, None);
    rustix::net::sockopt::set_ipv6_v6only(&socket, true).unwrap();
    bind(&socket, &address(addr)).unwrap();
    listen(&socket, 16).unwrap();
    socket
}

fn socket(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> OwnedFd {
    socket_with(family, kind, SocketFlags::CLOEXEC, protocol).unwrap()
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Set inside the namespaces.
const APART: &str = "PORTOLAN_TEST_APART";

/// Sockets bound to a device, and a handshake that waits: `SO_BINDTODEVICE` is 25,
/// `TCP_DEFER_ACCEPT` 9 of `IPPROTO_TCP`.
const PERL: &str = r#"
    my ($u, $t, $d);
    socket($u, AF_INET, SOCK_DGRAM, 0) && setsockopt($u, SOL_SOCKET, 25, "lo")
        && bind($u, sockaddr_in(68, INADDR_ANY)) or die;
    socket($t, AF_INET6, SOCK_STREAM, 0) && setsockopt($t, SOL_SOCKET, 25, "lo")
        && bind($t, pack_sockaddr_in6(8080, Socket::inet_pton(AF_INET6, "::"))) && listen($t, 3)
        or die;
    socket($d, AF_INET, SOCK_STREAM, 0) && setsockopt($d, 6, 9, pack("i", 60))
        && bind($d, sockaddr_in(6000, INADDR_LOOPBACK)) && listen($d, 3) or die;
    syswrite STDOUT, "ready\n";
    <STDIN>;
"#;

/// Packet sockets (family 17) of every protocol, none and IPv4's, the last bound to device 1; a raw
/// socket that is connected.
const PERL_OTHER: &str = r#"
    my ($every, $none, $ip, $raw);
    socket($every, 17, SOCK_RAW, unpack("S", pack("n", 3))) or die;
    socket($none, 17, SOCK_RAW, 0) or die;
    socket($ip, 17, SOCK_DGRAM, 0) && bind($ip, pack("S n i S C C a8", 17, 0x800, 1, 0, 0, 0, ""))
        or die;
    socket($raw, AF_INET, SOCK_RAW, 6) && connect($raw, sockaddr_in(0, INADDR_LOOPBACK)) or die;
    syswrite STDOUT, "ready\n";
    <STDIN>;
"#;
