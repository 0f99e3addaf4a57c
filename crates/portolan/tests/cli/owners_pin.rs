//! `owners-pin`: what it says, and what a member of the group sees then, on a `/run` and an
//! `/etc/group` of the test's own.

use std::net::TcpListener;
use std::process::Command;

use crate::netns::in_own_netns;

/// Runs each argument as a command; statuses and all that is printed go to standard output. `member`
/// and `stranger` are nobody, in the group 54321 and not.
const SCRIPT: &str = r#"
mount --make-rprivate / && mount -t tmpfs -o mode=0755 tmpfs /run && cp "$P" /run/portolan || exit 9
printf 'root:x:0:\nlookers:x:54321:\n' >/run/group && mount --bind /run/group /etc/group || exit 9
ours() { /run/portolan "$@"; }
member() { setpriv --reuid=65534 --regid=65534 --groups=54321 --bounding-set=-all /run/portolan "$@"; }
stranger() { setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all /run/portolan "$@"; }
for line; do
	echo "> $line"
	status=0
	eval "$line" 2>&1 || status=$?
	[ $status = 0 ] || echo "? $status"
done
"#;

/// What each of `commands` printed.
fn run(commands: &[&str]) -> Vec<String> {
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", SCRIPT, "sh"])
        .args(commands)
        .env("P", env!("CARGO_BIN_EXE_portolan"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let parts = text.split("> ").skip(1);
    parts.map(|part| part.split_once('\n').unwrap().1.to_owned()).collect()
}

#[test]
fn a_group_sees_owners_until_they_are_unpinned() {
    in_own_netns("owners-pin", || {
        let _listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let said = run(&[
            "ours owners-pin --group lookers",
            "member ls --json",
            "stranger ls --json",
            "ours owners-pin --remove",
            "member ls --json",
            "ours owners-pin --remove",
        ]);
        if !cfg!(feature = "bpf") {
            assert!(said[0].contains("was built without"), "{said:?}");
            return;
        }
        if said[0].contains("could not") {
            println!("SKIPPED: owners cannot be pinned here: {}", said[0]);
            return;
        }
        let pinned = "the group lookers now sees every socket's owners, through \
            /run/portolan-owners/holdings-1\n";
        assert_eq!(said[0], pinned);
        let ours = format!("\"pid\":{},", std::process::id());
        assert!(said[1].contains(&ours) && said[1].contains("\"search\":\"iterator\""), "{said:?}");
        for without in [2, 4] {
            assert!(said[without].contains("\"status\":\"hidden\""), "{said:?}");
        }
        assert_eq!(said[3], "nobody but root sees all owners any more\n");
        assert_eq!(said[5], "nothing was pinned\n");
    });
}

#[test]
fn what_cannot_be_done_is_one_line_and_status_2() {
    in_own_netns("owners-pin refused", || {
        let said = run(&[
            "ours owners-pin",
            "ours owners-pin --group nosuch",
            "ours owners-pin --group lookers --remove",
            "member owners-pin --group lookers",
            "member owners-pin --remove",
        ]);
        for (said, told) in said.iter().zip([
            "make it with 'groupadd --system portolan', or name another with --group",
            "there is no group called 'nosuch' in /etc/group",
            "cannot be used with",
            "needs root",
            "needs root",
        ]) {
            assert!(said.contains(told) && said.ends_with("\n? 2\n"), "{said}");
            assert_eq!(said.lines().count(), 2, "{said}");
        }
    });
}
