//! The made-up host, listed in each format.

use clap::Parser;

use super::{Listing, Selection, csv, json, text};
use crate::args::{Cli, Command};
use crate::fixture::Harbour;
use crate::output::{Paint, Terminal};

fn listing(args: &[&str]) -> Listing {
    let cli = Cli::try_parse_from([&["portolan", "ls"], args].concat()).unwrap();
    let Some(Command::Ls(args)) = cli.command else { panic!("it is ls") };
    Listing::take(&Harbour, &args, &Selection::new(&args).unwrap()).unwrap()
}

fn text_of(args: &[&str], width: Option<usize>) -> String {
    let mut out = Vec::new();
    let terminal = Terminal { width, height: width.map(|_| 24) };
    text::write(&listing(args), &mut out, Paint::PLAIN, terminal).unwrap();
    String::from_utf8(out).unwrap()
}

fn rows(args: &[&str]) -> usize {
    listing(args).sockets.len()
}

#[test]
fn as_text() {
    insta::assert_snapshot!("ls_80", text_of(&[], Some(80)));
    insta::assert_snapshot!("ls_200", text_of(&[], Some(200)));
    insta::assert_snapshot!("ls_pipe", text_of(&[], None));
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 60..160 {
        let mut listing = listing(&[]);
        listing.namespaces = vec![sockets::Netns { id: listing.sockets[0].netns, name: None }];
        let mut out = Vec::new();
        let terminal = Terminal { width: Some(width), height: Some(24) };
        text::write(&listing, &mut out, Paint::PLAIN, terminal).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().all(|l| crate::output::width_of(l) <= width), "{width}:\n{text}");
    }
}

#[test]
fn as_csv() {
    let mut out = Vec::new();
    csv::write(&listing(&[]), &mut out).unwrap();
    insta::assert_snapshot!("ls_csv", String::from_utf8(out).unwrap());
}

#[test]
fn as_json() {
    let mut out = Vec::new();
    json::write(&listing(&["--port", "68,60440"]), &mut out).unwrap();
    insta::assert_snapshot!("ls_json", String::from_utf8(out).unwrap());
}

#[test]
fn filters_on_owners_and_places() {
    assert_eq!(rows(&["--process", "NGINX"]), 1);
    assert_eq!(rows(&["--process", "nobody-called-this"]), 0);
    assert_eq!(rows(&["--pid", "813,4711"]), 2);
    assert_eq!(rows(&["--user", "1000"]), 1);
    assert_eq!(rows(&["--user", "root"]), 7);
    assert_eq!(rows(&["--user", "root", "--state", "time-wait"]), 0, "nobody tells who made it");
    assert_eq!(rows(&["--user", "1000", "--pid", "813"]), 0);
    assert_eq!(rows(&["--unit", "odd"]), 1);
    assert_eq!(rows(&["--unit", "ssh.service"]), 1, "by the cgroup, though its owner is hidden");
    assert_eq!(rows(&["--container", "4f5c"]), 1);
    assert_eq!(rows(&["--container", "docker:4f5c0a1b2c3d"]), 1);
    assert_eq!(rows(&["--container", "5c0a"]), 0);
    assert_eq!(rows(&["--remote", "192.0.2.0/24"]), 2, "a mapped address is an IPv4 one");
}

#[test]
fn protocols_of_ports_and_sockets_without_a_far_end_are_told_apart() {
    assert_eq!(rows(&["--port", "68/udp"]), 1);
    assert_eq!(rows(&["--port", "68/tcp"]), 0);
    assert_eq!(rows(&["--port", "22,68/tcp"]), 3, "the protocol is that of the whole list");
    assert_eq!(rows(&["--port", "ssh,https", "--remote", ":443/tcp"]), 1);
    assert_eq!(rows(&["--local", ":546/tcp"]), 0);
    assert_eq!(rows(&["--local", "localhost"]), 3);
    assert_eq!(rows(&["--local", "*%eth0:68"]), 1);
}

#[test]
fn a_hidden_holder_may_be_anybody_that_was_not_searched() {
    let hidden = |args: &[&str]| listing(&[&["--port", "22", "-l"], args].concat()).hidden;
    assert!(hidden(&["--user", "65534"]), "the maker may have handed it on");
    assert!(hidden(&["--unit", "other.service"]) && hidden(&["--process", "nobody-called-this"]));
    let own = std::process::id().to_string();
    assert!(!hidden(&["--pid", &own]), "a process that can be searched does not hide");
    assert!(!hidden(&["--pid", "4194305,0,4294967295"]), "past every process id there can be");
    assert!(!listing(&["--port", "8080", "--user", "65534"]).hidden, "its owner is known");
}

#[test]
fn every_order_is_total() {
    for key in ["port", "local", "remote", "state", "pid", "process", "user", "recv-q", "send-q"] {
        let (one, two) = (listing(&["--sort", key]), listing(&["--sort", key]));
        assert_eq!(one.sockets, two.sockets, "{key}");
    }
    let first = |key| listing(&["--sort", key]).sockets[0].local.port.number();
    assert_eq!((first("port"), first("pid"), first("send-q")), (22, 8080, 22));
}
