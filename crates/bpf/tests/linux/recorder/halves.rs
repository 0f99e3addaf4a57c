//! Connections of which one half was closed when they ended: the kernel goes on with some and resets others.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::net::connect_unspec;
use rustix::net::sockopt::set_socket_linger;
use sockets::Ending;

use super::namespace::inside;
use super::scene::{Scene, loopback};

/// A connection whose client has closed its half, so that it is in `FIN-WAIT-2`, and the two ports.
fn half_closed() -> (TcpStream, TcpStream, u16, u16) {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let client = TcpStream::connect(loopback(to)).unwrap();
    let (mut server, from) = listener.accept().unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    std::io::copy(&mut &server, &mut std::io::sink()).unwrap();
    // What comes with an acknowledgement of the FIN.
    server.write_all(b"x").unwrap();
    (&client).read_exact(&mut [0]).unwrap();
    (client, server, from.port(), to)
}

#[test]
fn whoever_resets_a_connection_in_fin_wait_leaves_no_tail() {
    let Some(mut scene) = Scene::open() else { return };
    let lingers_not = |client: TcpStream, _: &TcpStream| {
        set_socket_linger(&client, Some(Duration::ZERO)).unwrap();
    };
    let leaves_unread = |client: TcpStream, mut server: &TcpStream| {
        server.write_all(b"answer").unwrap();
        assert_eq!(client.peek(&mut [0]).unwrap(), 1);
    };
    let disconnects = |client: TcpStream, _: &TcpStream| connect_unspec(&client).unwrap();
    for reset in [lingers_not, leaves_unread, disconnects] {
        let (client, server, from, to) = half_closed();
        reset(client, &server);
        let (_, closed) = scene.life(from, Some(to));
        assert_eq!(closed.ending, Ending::Aborted);
    }
}

#[test]
fn whoever_closes_a_connection_in_fin_wait_leaves_a_tail() {
    let Some(mut scene) = Scene::open() else { return };
    let (client, _server, from, to) = half_closed();
    drop(client);
    let (_, closed) = scene.life(from, Some(to));
    assert_eq!(closed.ending, Ending::FinWait);
}

/// A process that has a connection in `CLOSING`, and its ports, the far one first. The far end hears nothing, so that our
/// FIN stays without an answer. Ends it with a line of Perl, in which `$a` is ours and `$c` the far end.
fn closing(end: &str) -> (Child, u16, u16) {
    let script = r"
        $| = 1; alarm 20;
        socket(L, AF_INET, SOCK_STREAM, 0) && listen(L, 1) or die;
        socket($c, AF_INET, SOCK_STREAM, 0) && connect($c, getsockname(L)) && accept($a, L) or die;
        $nothing = pack('SCCL', 6, 0, 0, 0);
        setsockopt($c, SOL_SOCKET, 26, pack('Sx6P', 1, $nothing)) or die; # SO_ATTACH_FILTER
        shutdown($a, 1) && shutdown($c, 1) or die;
        print join(' ', map { (sockaddr_in(getsockname($_)))[0] } $c, $a), qq(\n);
        sub state { unpack('C', getsockopt($a, 6, 11)) } # TCP_INFO
        select(undef, undef, undef, .01) while state() != 11;
    ";
    let mut perl = Command::new("perl");
    let script = format!("{script} {end}");
    perl.args(["-MSocket", "-e", &script]).stdout(Stdio::piped());
    let mut perl = perl.spawn().expect("perl-base is on every Debian");
    let mut line = String::new();
    BufReader::new(perl.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ports: Vec<u16> = line.split_whitespace().map(|port| port.parse().unwrap()).collect();
    (perl, ports[0], ports[1])
}

#[test]
fn whoever_resets_a_connection_in_closing_leaves_no_tail() {
    let Some(mut scene) = Scene::open() else { return };
    let reset = "setsockopt($a, SOL_SOCKET, SO_LINGER, pack('ll', 1, 0)) && close($a) or die";
    // SO_DETACH_FILTER: the FIN is sent again and answered.
    let hear = "setsockopt($c, SOL_SOCKET, 27, 0) or die;
                select(undef, undef, undef, .01) while state() != 7";
    for (end, ending) in [(reset, Ending::Aborted), (hear, Ending::TimeWait)] {
        let (mut process, far, near) = closing(end);
        let (_, closed) = scene.life(near, Some(far));
        assert_eq!(closed.ending, ending);
        assert!(process.wait().unwrap().success());
    }
}

#[test]
fn where_the_kernel_waits_for_less_than_a_minute_the_tail_is_brief() {
    let Some(mut scene) = Scene::open() else { return };
    for (seconds, ending) in
        [("5", Ending::FinWaitBriefly), ("59", Ending::FinWaitBriefly), ("60", Ending::FinWait)]
    {
        inside(|_| {
            fs::write("/proc/sys/net/ipv4/tcp_fin_timeout", seconds).unwrap();
            let (client, _server, from, to) = half_closed();
            drop(client);
            let (_, closed) = scene.life(from, Some(to));
            assert_eq!(closed.ending, ending, "{seconds}");
        });
    }
}

/// How a connection ended that a program closed whose TCP_LINGER2 is this.
fn ended_with_linger2(scene: &mut Scene, seconds: i32) -> Ending {
    let listener = TcpListener::bind(loopback(0)).unwrap();
    let to = listener.local_addr().unwrap().port();
    let script = format!(
        "socket(S, AF_INET, SOCK_STREAM, 0) && setsockopt(S, 6, 8, pack('l', {seconds}))
             && connect(S, sockaddr_in({to}, INADDR_LOOPBACK)) && close(S) or die"
    );
    let perl = Command::new("perl").args(["-MSocket", "-e", &script]).status();
    assert!(perl.expect("perl-base is on every Debian").success());
    let (_server, from) = listener.accept().unwrap();
    let (_, closed) = scene.life(from.port(), Some(to));
    closed.ending
}

#[test]
fn where_a_program_has_the_kernel_wait_for_less_than_a_minute_the_tail_is_brief() {
    let Some(mut scene) = Scene::open() else { return };
    assert_eq!(ended_with_linger2(&mut scene, 5), Ending::FinWaitBriefly);
}

#[test]
fn without_waiting_for_the_far_end_it_is_a_reset() {
    let Some(mut scene) = Scene::open() else { return };
    assert_eq!(ended_with_linger2(&mut scene, -1), Ending::Aborted);
}
