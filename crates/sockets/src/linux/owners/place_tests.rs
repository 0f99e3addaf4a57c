//! Paths as systemd and the container runtimes make them, and what they say.

use super::*;

const ID: &str = "4f5c1e8a9b0d7c6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e";

/// Paths (`ID` stands for a container's number), the unit and the container.
const PATHS: [(&str, Option<&str>, Option<&str>); 44] = [
    ("/", None, None),
    ("", None, None),
    ("/system.slice/ssh.service", Some("ssh.service"), None),
    ("/system.slice", None, None),
    ("/init.scope", Some("init.scope"), None),
    ("/user.slice/user-1000.slice/session-3.scope", Some("session-3.scope"), None),
    (
        "/user.slice/user-1000.slice/user@1000.service/app.slice/foo.service",
        Some("foo.service"),
        None,
    ),
    ("/user.slice/user-1000.slice/user@1000.service/init.scope", Some("init.scope"), None),
    ("/user.slice/user-1000.slice/user@1000.service/app.slice", Some("user@1000.service"), None),
    ("/system.slice/containerd.service/kubelet", Some("containerd.service"), None),
    ("/system.slice/_cpu.service", Some("cpu.service"), None),
    ("/system.slice/cups.socket", Some("cups.socket"), None),
    ("/system.slice/mnt-nfs.mount", Some("mnt-nfs.mount"), None),
    ("/system.slice/.service", None, None),
    ("/odd/service", None, None),
    ("/system.slice/docker-ID.scope", Some("docker-ID.scope"), Some("docker:4f5c1e8a9b0d")),
    ("/docker/ID", None, Some("docker:4f5c1e8a9b0d")),
    ("/docker/ID/system.slice/nginx.service", Some("nginx.service"), Some("docker:4f5c1e8a9b0d")),
    ("/docker/buildkit", None, None),
    ("/docker/0123456789abcdef/docker/ID", None, Some("docker:4f5c1e8a9b0d")),
    ("/docker/short", None, None),
    ("/docker/ffff", None, None),
    ("/system.slice/docker.service", Some("docker.service"), None),
    (
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/cri-containerd-ID.scope",
        Some("cri-containerd-ID.scope"),
        Some("containerd:4f5c1e8a9b0d"),
    ),
    (
        "/kubepods.slice/kubepods-pod1.slice/crio-ID.scope",
        Some("crio-ID.scope"),
        Some("cri-o:4f5c1e8a9b0d"),
    ),
    (
        "/kubepods.slice/kubepods-pod1.slice/crio-conmon-ID.scope",
        Some("crio-conmon-ID.scope"),
        None,
    ),
    (
        "/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:ID",
        Some("containerd.service"),
        Some("containerd:4f5c1e8a9b0d"),
    ),
    ("/kubepods/burstable/pod1-2-3/ID", None, Some("kubernetes:4f5c1e8a9b0d")),
    ("/kubepods/pod1-2-3/ID", None, Some("kubernetes:4f5c1e8a9b0d")),
    ("/kubepods/ID", None, Some("kubernetes:4f5c1e8a9b0d")),
    ("/kubepods/burstable/pod1-2-3", None, None),
    ("/kubepods/burstable", None, None),
    ("/machine.slice/libpod-ID.scope", Some("libpod-ID.scope"), Some("podman:4f5c1e8a9b0d")),
    (
        "/machine.slice/libpod-ID.scope/container",
        Some("libpod-ID.scope"),
        Some("podman:4f5c1e8a9b0d"),
    ),
    ("/libpod_parent/libpod-ID", None, Some("podman:4f5c1e8a9b0d")),
    ("/machine.slice/libpod-conmon-ID.scope", Some("libpod-conmon-ID.scope"), None),
    ("/lxc.payload.web/system.slice/cron.service", Some("cron.service"), Some("lxc:web")),
    ("/lxc.monitor.web", None, None),
    ("/lxc/101/ns/init.scope", Some("init.scope"), Some("lxc:101")),
    ("/lxc.payload/web", None, Some("lxc:web")),
    (
        "/machine.slice/machine-web\\x2dserver.scope/payload",
        Some("machine-web\\x2dserver.scope"),
        Some("nspawn:web-server"),
    ),
    (
        "/machine.slice/systemd-nspawn@deb\\x2d12.service/payload",
        Some("systemd-nspawn@deb\\x2d12.service"),
        Some("nspawn:deb-12"),
    ),
    (
        "/machine.slice/machine-qemu\\x2d1\\x2dvm.scope",
        Some("machine-qemu\\x2d1\\x2dvm.scope"),
        None,
    ),
    ("/../../docker/ID", None, Some("docker:4f5c1e8a9b0d")),
];

#[test]
fn paths_tell_units_and_containers() {
    for (path, unit, container) in PATHS {
        let place = of_path(path.replace("ID", ID).as_bytes());
        let unit = unit.map(|unit| unit.replace("ID", ID));
        assert_eq!(place.unit.as_deref(), unit.as_deref(), "{path}");
        assert_eq!(place.container.as_deref(), container, "{path}");
        assert_eq!(*place.cgroup, path.replace("ID", ID));
    }
}

#[test]
fn the_hierarchy_that_tells_most_is_read() {
    for (text, path) in [
        ("0::/system.slice/ssh.service\n", "/system.slice/ssh.service"),
        ("0::/\n", "/"),
        ("9:name=systemd:/system.slice/a.service\n4:memory:/m\n0::/\n", "/system.slice/a.service"),
        ("9:name=systemd:/b.service\n0::/a.service\n", "/a.service"),
        ("9:name=systemd:/\n4:cpu,cpuacct:/docker/ID\n0::/\n", "/docker/ID"),
        ("0::/with:colons/and spaces\n", "/with:colons/and spaces"),
        ("0::/\n3:cpu\nnonsense\n::\n", "/"),
        ("", ""),
        ("0::no-slash\n", ""),
    ] {
        assert_eq!(*of_process(text.as_bytes()).cgroup, *path, "{text:?}");
    }
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let place = of_process(b"0::/a\xff\x1b]0;x\x07.service\n");
    assert_eq!(place.unit.as_deref(), Some("a\u{fffd}\u{1b}]0;x\u{7}.service"));
    assert_eq!(unescape("a\\x2"), "a\\x2");
    assert_eq!(unescape("\\x+1\\xzz\\x2d"), "\\x+1\\xzz-");
}
