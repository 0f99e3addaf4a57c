//! What `portolan range set` keeps: what is to be undone and what the next boot reads, also where a file
//! cannot be written.

use std::fs;
use std::process::Command;

use crate::netns::{Run, in_own_netns};
use crate::range::{Places, settings};

/// `range set --persist` to 20000-50999, with this path of the file system read-only.
fn set_with_read_only(places: &Places, path: &str) -> Run {
    let script = format!(
        "mount --bind {path} {path} && mount -o remount,bind,ro {path} && exec {} range set 20000-50999 --persist \
         --undo-dir {} --sysctl-dir {}",
        crate::netns::program().display(),
        places.path("undo"),
        places.path("next")
    );
    fs::create_dir_all(places.path("next")).unwrap();
    let run = Command::new("unshare").args(["--mount", "sh", "-c", &script]).output().unwrap();
    Run::of(run)
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_to_undo() {
    in_own_netns("a_file_that_cannot_be_written_leaves_nothing_to_undo", || {
        let (places, before) = (Places::new(), settings());
        let run = set_with_read_only(&places, &places.path("next"));
        assert_eq!((run.status, settings()), (2, before), "{}", run.stderr);
        assert!(!run.stderr.contains("could not be undone"), "{}", run.stderr);
        assert!(places.undo().stderr.contains("nothing to undo"));
    });
}

#[test]
fn what_others_wrote_into_the_file_is_not_lost() {
    in_own_netns("what_others_wrote_into_the_file_is_not_lost", || {
        let (places, before) = (Places::new(), settings());
        assert_eq!(places.set(&["20000-50999", "--persist"]).status, 0);
        let file = places.path("60-portolan-range.conf");
        let ours = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{ours}net.ipv4.tcp_tw_reuse = 1\n")).unwrap();
        let refused = places.undo();
        assert_eq!((refused.status, refused.stderr.lines().count()), (2, 1), "{}", refused.stderr);
        assert!(refused.stderr.contains(&file) && settings() != before, "{}", refused.stderr);
        fs::write(&file, ours).unwrap();
        assert_eq!((places.undo().status, settings()), (0, before));
        assert!(!fs::exists(&file).unwrap());
    });
}

#[test]
fn what_is_so_already_is_no_change() {
    in_own_netns("what_is_so_already_is_no_change", || {
        let places = Places::new();
        assert_eq!(places.set(&["20000-50999"]).status, 0);
        let again = places.set(&["20000-50999"]);
        assert!(
            again.stdout.ends_with("nothing was changed: it is so already\n"),
            "{}",
            again.stdout
        );
        assert_eq!(places.set(&["20000-50999", "--json"]).json()["changed"], false);
        assert_eq!(places.undo().status, 0);
        assert!(places.undo().stderr.contains("nothing to undo"));
    });
}

#[test]
fn settings_that_are_read_only_were_not_changed() {
    in_own_netns("settings_that_are_read_only_were_not_changed", || {
        let (places, before) = (Places::new(), settings());
        let run = set_with_read_only(&places, "/proc/sys");
        assert_eq!((run.status, settings()), (2, before), "{}", run.stderr);
        assert!(run.stderr.contains("nothing was changed: "), "{}", run.stderr);
        assert!(places.undo().stderr.contains("nothing to undo"));
    });
}

#[test]
fn a_file_with_the_last_word_at_boot_is_named() {
    in_own_netns("a_file_with_the_last_word_at_boot_is_named", || {
        let places = Places::new();
        let other = places.path("99-other.conf");
        fs::write(&other, "net.ipv4.ip_local_port_range = 10000 65535\n").unwrap();
        let run = places.set(&["20000-50999", "--persist"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        assert!(run.stdout.contains(&format!("ALSO      {other} sets the same")), "{}", run.stdout);
        let run = places.set(&["20000-50998", "--persist", "--dry-run", "--json"]);
        assert_eq!(run.json()["overridden_by"], serde_json::json!([other]));
        assert!(!places.set(&["20000-50997"]).stdout.contains("99-other"));
    });
}

/// Here the first process of a PID namespace stands for the machine's.
#[test]
fn what_ends_with_a_namespace_is_not_for_the_next_boot() {
    in_own_netns("what_ends_with_a_namespace_is_not_for_the_next_boot", || {
        let set = |inside: &str| {
            let program = crate::netns::program().display();
            let script =
                format!("{inside} {program} range set 40000-60999 --persist --dry-run; exit $?");
            let mut command = Command::new("unshare");
            command.args(["--pid", "--fork", "--mount-proc", "sh", "-c", &script]);
            Run::of(command.output().unwrap())
        };
        let inside = set("unshare --net");
        assert_eq!((inside.status, inside.stderr.lines().count()), (2, 1), "{}", inside.stderr);
        assert!(inside.stderr.contains("leave --persist out"), "{}", inside.stderr);
        let machine = set("");
        assert_eq!(machine.status, 0, "{}", machine.stderr);
    });
}
