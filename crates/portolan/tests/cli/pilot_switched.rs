//! `portolan pilot on`, `off` and `status`, and what stays to follow the host.

use crate::pilot::{Cgroup, apart, has_ebpf, printed, text};

#[test]
fn on_status_and_off() {
    if !has_ebpf() {
        return;
    }
    let cgroup = Cgroup::new("on");
    let name = &cgroup.name;
    let python = "
open(sys.argv[1] + '/cgroup.procs', 'w').write('0')
server = serve()
held = hold(7000)
print(flush=True)
sys.stdin.read()
";
    let script = format!(
        "mkfifo /run/hold; $P pilot status; echo $?
$P pilot on --cgroup /{name} --quota 9000 --source 127.0.0.9
(exec 3<>/run/hold; exec python3 $PY {} <&3 >/run/held) & held=$!
until [ -s /run/held ]; do sleep 0.05; done
$P pilot status --cgroup /{name} --json; $P pilot status
kill $held; wait $held 2>/dev/null
$P pilot off --cgroup /{name}; $P pilot off; rm /run/hold /run/held; ls /run; echo end",
        cgroup.path.display()
    );
    let printed = printed(&script, python);
    let Some(printed) = printed else { return };
    let (before, rest) = printed.split_once('{').unwrap();
    let (json, after) = rest.rsplit_once("\n}\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(&format!("{{{json}\n}}")).unwrap();
    assert!(before.starts_with("nothing is piloted") && before.contains("\n1\n"), "{before}");
    assert_eq!(json["cgroups"][0], cgroup.path.to_str().unwrap());
    assert_eq!((&json["quota"], &json["sources"][0]), (&9000.into(), &"127.0.0.9".into()));
    let one = &json["destinations"][0];
    assert_eq!(one["destination"]["port"], 7000);
    assert_eq!((&one["fill"]["taken"], &one["fill"]["of"]), (&7000.into(), &12000.into()));
    assert!(one["piloted"].as_u64().unwrap() > 900, "{one}");
    assert_eq!(json["counts"]["connects"], 7000);
    assert!(after.contains("127.0.0.1:7000") && after.contains("58.3 %"), "{after}");
    assert!(after.contains("is piloted no more\nnothing was piloted\nend"), "{after}");
}

#[test]
fn routes_are_followed_by_what_stays() {
    if !has_ebpf() {
        return;
    }
    let cgroup = Cgroup::new("stay");
    let name = &cgroup.name;
    let python = "
open(sys.argv[1] + '/cgroup.procs', 'w').write('0')
SERVER = ('192.0.2.2', 7000)
server = serve(SERVER)
held = hold(7000)
";
    let script = format!(
        "$P pilot on --cgroup /{name} --stay > /run/said & stay=$!
until [ -s /run/said ]; do sleep 0.05; done
ip address add 192.0.2.2/32 dev lo; sleep 1
python3 $PY {}; $P pilot status --json
kill $stay; wait $stay; echo $?
$P pilot status > /run/said; echo $?; rm /run/said
$P pilot off > /dev/null; ls /run",
        cgroup.path.display()
    );
    let printed = printed(&script, python);
    let Some(printed) = printed else { return };
    let (json, after) = printed.rsplit_once("\n}\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(&format!("{json}\n}}")).unwrap();
    assert_eq!(json["counts"]["no_source"], 0);
    assert!(json["counts"]["piloted"].as_u64().unwrap() > 900, "{json}");
    assert_eq!(after, "0\n0\n");
}

/// Who keeps the pilot told of routes is killed: what is piloted stays so, and can be taken off.
#[test]
fn a_daemon_that_is_killed_takes_nothing_with_it() {
    if !has_ebpf() {
        return;
    }
    let cgroup = Cgroup::new("killed");
    let name = &cgroup.name;
    let python = "
open(sys.argv[1] + '/cgroup.procs', 'w').write('0')
server = serve()
held = hold(7000)
";
    let script = format!(
        "$P pilot on --cgroup /{name} --stay > /run/said & stay=$!
until [ -s /run/said ]; do sleep 0.05; done
kill -KILL $stay; wait $stay 2>/dev/null
python3 $PY {} && $P pilot status --json
$P pilot off; rm /run/said; ls /run",
        cgroup.path.display()
    );
    let printed = apart(&script, python);
    let Some(output) = printed else { return };
    let printed = text(&output.stdout);
    let (json, after) = printed.rsplit_once("\n}\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(&format!("{json}\n}}")).unwrap();
    assert!(json["counts"]["piloted"].as_u64().unwrap() > 900, "{json}");
    assert!(after.ends_with("is piloted no more\n") && after.lines().count() == 1, "{after}");
}

/// What systemd does with the cgroup of a unit that starts again: what stays pilots that, too. What was taken off stays
/// off.
#[test]
fn a_cgroup_that_is_made_anew_is_piloted_again_by_what_stays() {
    if !has_ebpf() {
        return;
    }
    let cgroup = Cgroup::new("anew");
    let name = &cgroup.name;
    let python = "
open(sys.argv[1] + '/cgroup.procs', 'w').write('0')
server = serve()
held = hold(7000)
";
    let script = format!(
        "$P pilot on --cgroup /{name} --stay --quota 6990 > /run/said 2>&1 & stay=$!
until [ -s /run/said ]; do sleep 0.05; done
rmdir {path}; sleep 1; $P pilot status > /run/gone; mkdir {path}
until grep -q new, /run/said; do sleep 0.05; done
python3 $PY {path} 2>&1 | tail -n 1; cat /run/said; $P pilot status --json
$P pilot off; sleep 1; $P pilot status
kill $stay; wait $stay
rm /run/said /run/gone; ls /run",
        path = cgroup.path.display()
    );
    let printed = printed(&script, python);
    let Some(printed) = printed else { return };
    let (refused, rest) = printed.split_once('\n').unwrap();
    assert!(refused.contains("Cannot assign requested address"), "{printed}");
    let (said, rest) = rest.split_once("{\n").unwrap();
    let is_new = format!("portolan: {} is new, and piloted\n", cgroup.path.display());
    assert!(said.ends_with(&is_new), "{said}");
    let (json, after) = rest.rsplit_once("\n}\n").unwrap();
    let json: serde_json::Value = serde_json::from_str(&format!("{{{json}\n}}")).unwrap();
    assert!(json["counts"]["piloted"].as_u64().unwrap() > 900, "{json}");
    assert!(after.contains("is piloted no more\nnothing is piloted: "), "{after}");
}
