//! `portolan range` in a network namespace of its own: what it shows, that a change is made whole or not
//! at all, and that it can be undone.

use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::process::Command;

use crate::netns::{Run, in_own_netns, portolan, portolan_as_nobody};
use crate::ports::{set, setting};

/// A place for what is to be undone, and for what the next boot reads.
pub(crate) struct Places(tempfile::TempDir);

impl Places {
    pub(crate) fn new() -> Places {
        Places(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn set(&self, args: &[&str]) -> Run {
        let (undo, sysctl) = (self.path("undo"), self.path(""));
        let all =
            [&["range", "set"], args, &["--undo-dir", &undo, "--sysctl-dir", &sysctl]].concat();
        portolan(&all)
    }

    pub(crate) fn undo(&self) -> Run {
        portolan(&["range", "undo", "--undo-dir", &self.path("undo")])
    }

    fn next_boot(&self) -> Option<String> {
        fs::read_to_string(self.0.path().join("60-portolan-range.conf")).ok()
    }
}

pub(crate) fn settings() -> (String, String) {
    (setting("ip_local_port_range"), setting("ip_local_reserved_ports"))
}

#[test]
fn a_change_is_shown_made_persisted_and_undone() {
    in_own_netns("a_change_is_shown_made_persisted_and_undone", || {
        let places = Places::new();
        set("ip_local_reserved_ports", "50000");
        let _servers = [20500, 33333].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
        let before = settings();

        let dry = places.set(&["20000-50999", "--dry-run"]);
        assert_eq!((dry.status, settings()), (0, before.clone()), "{}", dry.stderr);
        assert!(dry.stdout.contains("32768–60999 → 20000–50999"), "{}", dry.stdout);
        assert!(
            dry.stdout.contains("FALL IN   20500/tcp")
                && dry.stdout.contains("STAY IN   33333/tcp"),
            "{}",
            dry.stdout
        );

        let done =
            places.set(&["20000-50999", "--reserve-listeners", "--reserve", "51820", "--persist"]);
        assert_eq!(done.status, 0, "{}", done.stderr);
        let after = ("20000 50999".to_owned(), "20500,33333,50000,51820".to_owned());
        assert_eq!(settings(), after);
        assert_eq!(
            places.next_boot().unwrap().lines().skip(1).collect::<Vec<_>>(),
            [
                "net.ipv4.ip_local_port_range = 20000 50999",
                "net.ipv4.ip_local_reserved_ports = 20500,33333,50000,51820"
            ]
        );

        let again = places.set(&["30000-50999", "--persist"]);
        assert_eq!(again.status, 0, "{}", again.stderr);
        assert_eq!(places.undo().status, 0);
        assert_eq!(settings(), after);
        assert!(places.next_boot().unwrap().contains("20000 50999"));
        let undone = places.undo();
        assert_eq!((undone.status, settings()), (0, before), "{}", undone.stderr);
        assert_eq!(places.next_boot(), None);
        let nothing = places.undo();
        assert_eq!(nothing.status, 2);
        assert!(nothing.stderr.contains("nothing to undo"), "{}", nothing.stderr);
    });
}

#[test]
fn a_step_that_fails_leaves_everything_as_it_was() {
    in_own_netns("a_step_that_fails_leaves_everything_as_it_was", || {
        let places = Places::new();
        let before = settings();
        let nowhere = places.path("no-such-directory");
        let undo = places.path("undo");
        let run = portolan(&[
            "range",
            "set",
            "20000-50999",
            "--persist",
            "--undo-dir",
            &undo,
            "--sysctl-dir",
            &nowhere,
        ]);
        assert_eq!((run.status, settings()), (2, before.clone()), "{}", run.stderr);
        assert!(run.stderr.contains("no-such-directory"), "{}", run.stderr);
        assert!(places.undo().stderr.contains("nothing to undo"));
        // Ports can be reserved, and then the range cannot be changed: it is read-only.
        let range = "/proc/sys/net/ipv4/ip_local_port_range";
        let script = format!(
            "mount --bind {range} {range} && mount -o remount,bind,ro {range} && exec {} range set \
             20000-50999 --reserve 51820 --persist --undo-dir {undo} --sysctl-dir {}",
            crate::netns::program().display(),
            places.path("")
        );
        let run = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
        let run = Run::of(run);
        assert_eq!((run.status, settings()), (2, before), "{}", run.stderr);
        assert!(
            run.stderr.contains("nothing was changed: ") && run.stderr.contains(range),
            "{}",
            run.stderr
        );
        assert_eq!(places.next_boot(), None);
        assert!(places.undo().stderr.contains("nothing to undo"));
    });
}

#[test]
fn a_long_list_is_set_whole_and_undone() {
    in_own_netns("a_long_list_is_set_whole_and_undone", || {
        let places = Places::new();
        let every_fourth: Vec<String> =
            (1..65_000).step_by(4).map(|port| port.to_string()).collect();
        let run = places.set(&["20000-50999", "--reserve", &every_fourth.join(",")]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_eq!(places.undo().status, 0);
        assert_eq!(settings().1, "");
    });
}

#[test]
fn nonsense_is_refused_with_the_reason() {
    in_own_netns("nonsense_is_refused_with_the_reason", || {
        let places = Places::new();
        let before = settings();
        for (range, why) in [
            ("500-60999", "below 1024"),
            ("40000-40500", "501 ports"),
            ("60999-32768", "60999-32768"),
            ("0-5000", "port 0"),
            ("1-70000", "70000"),
            ("lots", "lots"),
        ] {
            let run = places.set(&[range]);
            assert_eq!((run.status, run.stderr.lines().count()), (2, 1), "{range}: {}", run.stderr);
            assert!(run.stderr.contains(why), "{range}: {}", run.stderr);
        }
        set("ip_unprivileged_port_start", "5000");
        let run = places.set(&["4000-60999"]);
        assert!(run.stderr.contains("ip_unprivileged_port_start"), "{}", run.stderr);
        let run = places.set(&["20000-30000", "--reserve", "20000-29500"]);
        assert!(run.stderr.contains("500 ports"), "{}", run.stderr);
        assert_eq!(settings(), before);
    });
}

#[test]
fn a_udp_socket_is_a_servers_where_its_port_tells() {
    in_own_netns("a_udp_socket_is_a_servers_where_its_port_tells", || {
        let places = Places::new();
        // A range in which no service is known, so that the client's port is no known one by chance.
        set("ip_local_port_range", "58000 59999");
        let client = UdpSocket::bind("0.0.0.0:0").unwrap();
        client.send_to(b"?", "127.0.0.1:9").unwrap();
        let _servers = [51820, 20500].map(|port| UdpSocket::bind(("127.0.0.1", port)).unwrap());
        let shown = portolan(&["range"]).stdout;
        assert!(shown.contains("nobody listens inside"), "{shown}");
        let run = places.set(&["20000-59999", "--reserve-listeners"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_eq!(settings().1, "20500,51820");
        // Within the range one of them is known by its name, the other by being reserved.
        let shown = portolan(&["range"]).stdout;
        assert!(shown.contains("20500/udp") && shown.contains("51820/udp"), "{shown}");
    });
}

#[test]
fn nonsense_is_refused_for_other_systems_too() {
    for (range, system, why) in [
        ("500-65535", "windows", "below 1024"),
        ("80", "macos", "below 1024"),
        ("1-65535", "freebsd", "below 1024"),
        ("1024-65535", "windows", "begin at 1025"),
        ("49152-49200", "windows", "49 ports"),
        ("49152-49200", "macos", "49 ports"),
    ] {
        let run = portolan(&["range", "set", range, "--for", system]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{range}: {}", run.stderr);
        assert!(run.stderr.contains(why) && run.stderr.lines().count() == 1, "{}", run.stderr);
    }
    let reserved = ["--for", "windows", "--reserve", "20000-29500"];
    let run = portolan(&[&["range", "set", "20000-30000"], &reserved[..]].concat());
    assert!(run.stderr.contains("500 ports"), "{}", run.stderr);
    let listeners = ["--for", "windows", "--reserve-listeners"];
    let run = portolan(&[&["range", "set", "20000-30000"], &listeners[..]].concat());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--reserve-listeners"), "{}", run.stderr);
    let run = portolan(&["range", "set", "1025-65535", "--for", "windows"]);
    assert!(run.stdout.contains("start=1025 num=64511"), "{}{}", run.stdout, run.stderr);
}

#[test]
fn what_others_changed_since_is_not_undone() {
    in_own_netns("what_others_changed_since_is_not_undone", || {
        let places = Places::new();
        assert_eq!(places.set(&["20000-50999"]).status, 0);
        set("ip_local_port_range", "21000 50999");
        let run = places.undo();
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("somebody changed it since"), "{}", run.stderr);
        assert_eq!(settings().0, "21000 50999");
    });
}

#[test]
fn only_root_changes_and_everybody_looks() {
    in_own_netns("only_root_changes_and_everybody_looks", || {
        let _server = TcpListener::bind("127.0.0.1:40001").unwrap();
        let run = portolan_as_nobody(&["range", "set", "20000-50999"]);
        assert_eq!(run.status, 2);
        assert!(run.stderr.contains("only root"), "{}", run.stderr);
        assert_eq!(portolan_as_nobody(&["range", "set", "20000-50999", "--dry-run"]).status, 0);
        let shown = portolan_as_nobody(&["range"]);
        assert_eq!(shown.status, 0);
        assert!(
            shown.stdout.contains("40001/tcp") && shown.stdout.contains("NOT reserved"),
            "{}",
            shown.stdout
        );
        assert!(shown.stdout.contains("Windows 49152–65535"), "{}", shown.stdout);
        let json = portolan(&["range", "--json"]).json();
        assert_eq!(json["ranges"][0]["listeners"][0]["socket"]["local"]["port"], 40001);
    });
}

#[test]
fn a_plan_is_the_same_by_formula_and_by_play() {
    let places = Places::new();
    let plot = places.path("plan.svg");
    let args = [
        "range",
        "plan",
        "--rate",
        "450",
        "--hold",
        "2s",
        "--range",
        "32768-60999",
        "--plot",
        &plot,
        "--json",
    ];
    let run = portolan(&args);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let json = run.json();
    let value = |of: &str, what: &str| json[of][what].as_f64().unwrap();
    assert!((value("formula", "fill") - value("simulation", "fill")).abs() < 0.02, "{json}");
    assert!(
        (value("formula", "exhausted") - value("simulation", "exhausted")).abs() < 0.02,
        "{json}"
    );
    assert_eq!(json["sources_needed"], 2);
    let svg = fs::read_to_string(&plot).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("polyline") && svg.ends_with("</svg>\n"));
    let drawn =
        |plot: &str| portolan(&["range", "plan", "--rate", "1", "--hold", "1s", "--plot", plot]);
    let plot = places.path("plan.PNG");
    assert_eq!(drawn(&plot).status, 0);
    assert!(fs::read(&plot).unwrap().starts_with(b"\x89PNG"));
    let wrong = drawn("x.gif");
    assert!(wrong.stderr.contains(".svg nor .png"), "{}", wrong.stderr);
}

#[test]
fn nothing_is_planned_where_no_port_is_left() {
    in_own_netns("nothing_is_planned_where_no_port_is_left", || {
        fs::write("/proc/sys/net/ipv4/ip_local_reserved_ports", "1024-65535").unwrap();
        let run = portolan(&["range", "plan", "--rate", "1", "--hold", "1s"]);
        assert_eq!((run.status, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains("no port to hand out"), "{}", run.stderr);
    });
}

/// A namespace with a name, until dropped.
struct Named(String);

impl Named {
    fn new() -> Named {
        let name =
            format!("portolan-test-{}-{:?}", std::process::id(), std::thread::current().id())
                .replace(['(', ')'], "");
        assert!(Command::new("ip").args(["netns", "add", &name]).status().unwrap().success());
        Named(name)
    }

    fn range(&self) -> String {
        let setting = "/proc/sys/net/ipv4/ip_local_port_range";
        let read = Command::new("ip").args(["netns", "exec", &self.0, "cat", setting]).output();
        String::from_utf8(read.unwrap().stdout).unwrap().trim().replace('\t', " ")
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.0]).status();
    }
}

#[test]
fn another_namespace_is_changed_and_no_other() {
    in_own_netns("another_namespace_is_changed_and_no_other", || {
        let (places, there) = (Places::new(), Named::new());
        let before = (settings(), there.range());
        let run = places.set(&["20000-50999", "--netns", &there.0]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        let back = format!("`portolan range undo --netns {}` goes back", there.0);
        assert!(run.stdout.contains(&back) && !run.stdout.contains("--persist"), "{}", run.stdout);
        assert_eq!((settings(), there.range()), (before.0.clone(), "20000 50999".to_owned()));
        assert!(places.undo().stderr.contains("nothing to undo"), "our own was not changed");
        let undo = places.path("undo");
        let run = portolan(&["range", "undo", "--netns", &there.0, "--undo-dir", &undo]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert_eq!((settings(), there.range()), before);
        let run = portolan_as_nobody(&["range", "set", "20000-50999", "--netns", &there.0]);
        assert!(run.stderr.contains("only root"), "{}", run.stderr);
        let dry = ["range", "set", "20000-50999", "--dry-run", "--netns", &there.0];
        let run = portolan_as_nobody(&dry);
        assert_eq!((run.status, run.stderr.lines().count()), (2, 1), "{}", run.stderr);
        assert!(run.stderr.contains("only root may look into"), "{}", run.stderr);
        assert_eq!((settings(), there.range()), before);
    });
}

#[test]
fn what_is_no_namespace_is_refused() {
    in_own_netns("what_is_no_namespace_is_refused", || {
        let (places, there) = (Places::new(), Named::new());
        let before = (settings(), there.range());
        for (name, why) in [
            ("no-such", "no network namespace is called 'no-such'"),
            ("", "'' is not a network namespace"),
            ("../../etc", "'../../etc' is not a network namespace"),
            ("0", "network namespace 0 was not found"),
            ("99999999999999999999", "no network namespace is called"),
        ] {
            let run = places.set(&["20000-50999", "--netns", name]);
            assert_eq!((run.status, run.stderr.lines().count()), (2, 1), "{name}: {}", run.stderr);
            assert!(run.stderr.contains(why), "{name}: {}", run.stderr);
        }
        let run = places.set(&["20000-50999", "--netns", &there.0, "--persist"]);
        assert!(run.stderr.contains("--persist is for the whole machine"), "{}", run.stderr);
        let run = places.set(&["500-600", "--netns", &there.0]);
        assert!(run.stderr.contains("below 1024"), "{}", run.stderr);
        assert_eq!((settings(), there.range()), before);
    });
}
