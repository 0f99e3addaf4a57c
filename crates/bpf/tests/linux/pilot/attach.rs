//! How the pilot is put on and taken off: under load, twice, by one who dies, and without a trace.

use std::fs;
use std::path::Path;

use bpf::pilot;

use super::scene::{Scene, finish, piloted};

#[test]
fn taken_off_it_leaves_nothing_behind() {
    piloted(|scene| {
        assert_eq!(pilot::status().unwrap().unwrap().cgroups, std::slice::from_ref(&scene.cgroup));
        assert_eq!(pilot::off(Some(&scene.cgroup)).unwrap(), std::slice::from_ref(&scene.cgroup));
        assert_eq!(fs::read_dir("/run").unwrap().count(), 0);
        let mounts = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
        assert!(!mounts.contains("/run/portolan-pilot"));
        assert!(pilot::status().unwrap().is_none());
        assert!(pilot::off(None).unwrap().is_empty());
        scene.inside("server = serve()\nassert len(fill()) == 1000");
        assert!(pilot::set_policy(&pilot::Policy::default()).is_err());
    });
}

#[test]
fn put_on_again_it_forgets_nothing() {
    piloted(|scene| {
        scene.inside("server = serve()\nassert len(fill()) == 1000");
        let before = scene.counts();
        pilot::on(&scene.cgroup).unwrap();
        assert_eq!(scene.counts(), before);
        assert_eq!(pilot::status().unwrap().unwrap().cgroups.len(), 1);
    });
}

/// Connects for three seconds where nine of ten ports are taken; none may fail.
const LOAD: &str = "server = serve()
held = fill(limit=900)
end = time.time() + 3
n = 0
while time.time() < end:
    few = [dial() for _ in range(20)]
    for s in few:
        reset(s)
        server.accept()[0].close()
    n += 20
print(n)";

/// How many connects the load makes while `change` is made again and again.
fn under_load(scene: &Scene, change: impl Fn()) -> u32 {
    let child = scene.begin(LOAD);
    let began = std::time::Instant::now();
    while began.elapsed().as_secs_f64() < 3.5 {
        change();
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    finish(child).trim().parse().unwrap()
}

#[test]
fn on_and_off_under_load_fails_no_connect() {
    piloted(|scene| {
        let dials = under_load(scene, || {
            pilot::off(None).unwrap();
            std::thread::sleep(std::time::Duration::from_millis(100));
            pilot::on(&scene.cgroup).unwrap();
        });
        assert!(dials > 100, "{dials}");
    });
}

#[test]
fn programs_replaced_under_load_fail_no_connect_and_forget_nothing() {
    piloted(|scene| {
        let dials = under_load(scene, || pilot::on(&scene.cgroup).unwrap());
        let counts = scene.counts();
        assert!(dials > 100 && counts.connects == u64::from(dials) + 900, "{dials}: {counts:?}");
        assert_eq!(counts.piloted, counts.released, "{counts:?}");
    });
}

#[test]
fn only_a_cgroup_can_be_piloted() {
    piloted(|_| {
        for wrong in ["/tmp", "/nowhere", "/etc/passwd"] {
            let error = pilot::on(Path::new(wrong)).unwrap_err();
            assert!(matches!(error, bpf::Error::Cgroup { .. }), "{error:?}");
        }
    });
}

#[test]
fn two_cgroups_claim_from_one_another_and_go_one_by_one() {
    piloted(|scene| {
        let Some(other) = super::scene::make_cgroup() else { return };
        pilot::on(&other).unwrap();
        assert_eq!(pilot::status().unwrap().unwrap().cgroups.len(), 2);
        let gone = pilot::off(Some(&other)).unwrap();
        assert_eq!(gone, std::slice::from_ref(&other));
        assert!(pilot::off(Some(&other)).unwrap().is_empty(), "it is piloted no more");
        assert_eq!(pilot::status().unwrap().unwrap().cgroups, std::slice::from_ref(&scene.cgroup));
        fs::remove_dir(other).unwrap();
    });
}

#[test]
fn what_a_cgroup_held_when_it_was_taken_off_comes_back() {
    piloted(|scene| {
        let Some(other) = super::scene::make_cgroup() else { return };
        for _ in 0..3 {
            pilot::on(&other).unwrap();
            let before = scene.counts();
            let held = super::scene::stay_in(&other, "server = serve()\nheld = fill()");
            assert!(scene.counts().piloted > before.piloted + 400, "{:?}", scene.counts());
            pilot::off(Some(&other)).unwrap();
            drop(held);
            let counts = scene.counts();
            assert_eq!(counts.piloted, counts.released, "{counts:?}");
        }
        fs::remove_dir(other).unwrap();
    });
}

fn pins() -> usize {
    fs::read_dir("/run/portolan-pilot/links").unwrap().count()
}

/// What follows connections to their end goes with the last of them, once the cgroup is gone.
#[test]
fn what_followed_a_cgroup_that_is_gone_goes_too() {
    piloted(|scene| {
        let Some((other, third)) = super::scene::make_cgroup().zip(super::scene::make_cgroup())
        else {
            return;
        };
        let own = pins();
        let held = std::fs::File::open(&other).unwrap();
        for _ in 0..3 {
            pilot::on(&other).unwrap();
            pilot::off(Some(&other)).unwrap();
        }
        drop(held);
        assert_eq!(pins(), own + 1);
        fs::remove_dir(&other).unwrap();
        // The kernel detaches it a moment later.
        std::thread::sleep(std::time::Duration::from_millis(500));
        pilot::on(&third).unwrap();
        assert_eq!(pins(), 2 * own);
        pilot::off(Some(&third)).unwrap();
        fs::remove_dir(&third).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(500));
        pilot::off(Some(&scene.cgroup)).unwrap();
        assert_eq!(fs::read_dir("/run").unwrap().count(), 0);
    });
}

#[test]
fn a_cgroup_that_is_gone_is_piloted_no_more() {
    piloted(|scene| {
        let Some(other) = super::scene::make_cgroup() else { return };
        pilot::on(&other).unwrap();
        pilot::off(Some(&scene.cgroup)).unwrap();
        fs::remove_dir(other).unwrap();
        assert!(pilot::status().unwrap().is_none());
        assert!(pilot::off(None).unwrap().is_empty());
        assert_eq!(fs::read_dir("/run").unwrap().count(), 0);
    });
}
