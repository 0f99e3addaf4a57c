//! The fuzz targets: one for every parser of bytes that we did not write.
//!
//! A target takes any bytes and panics if something that must hold does not. `replay` feeds each
//! its corpus with the stable compiler; `libfuzzer` looks for more with `fuzz/run`.

mod registry_target;

/// A parser, under the name of its folder in `corpus/`.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Runs it on any bytes; panics if something that must hold does not.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    Target { name: "target", run: registry_target::run },
    Target { name: "sock_diag", run: sockets::fuzz::sock_diag },
    Target { name: "destroyed", run: sockets::fuzz::destroyed },
    Target { name: "proc_net", run: sockets::fuzz::proc_net },
    Target { name: "route_row", run: sockets::fuzz::route_row },
    Target { name: "port_settings", run: sockets::fuzz::port_settings },
    Target { name: "limit_tables", run: sockets::fuzz::limit_tables },
    Target { name: "unix_row", run: sockets::fuzz::unix_row },
    Target { name: "netlink_row", run: sockets::fuzz::netlink_row },
    Target { name: "packet_row", run: sockets::fuzz::packet_row },
    Target { name: "stat", run: sockets::fuzz::stat },
    Target { name: "cgroup", run: sockets::fuzz::cgroup },
    Target { name: "passwd", run: sockets::fuzz::passwd },
    Target { name: "mountinfo", run: sockets::fuzz::mountinfo },
    Target { name: "descriptor_link", run: sockets::fuzz::descriptor_link },
    Target { name: "cmdline", run: sockets::fuzz::cmdline },
    Target { name: "segment", run: log::fuzz::segment },
    Target { name: "programs", run: log::fuzz::programs },
    Target { name: "segment_catalog", run: log::fuzz::segment_catalog },
    Target { name: "segment_name", run: log::fuzz::segment_name },
    Target { name: "journal", run: log::fuzz::journal },
    Target { name: "message", run: log::fuzz::message },
    Target { name: "group", run: log::fuzz::group },
    Target { name: "recorder_record", run: bpf::fuzz::record },
    Target { name: "holdings", run: bpf::fuzz::holdings },
    Target { name: "ss_arguments", run: portolan::fuzz::ss_arguments },
    Target { name: "lsof_arguments", run: portolan::fuzz::lsof_arguments },
    Target { name: "lsof_stat", run: portolan::fuzz::lsof_stat },
    Target { name: "netstat_arguments", run: portolan::fuzz::netstat_arguments },
    Target { name: "proc_net_unix", run: portolan::fuzz::proc_net_unix },
    Target { name: "services", run: portolan::fuzz::services },
    Target { name: "filters", run: portolan::fuzz::filters },
    Target { name: "when", run: portolan::fuzz::when },
    Target { name: "escaped", run: portolan::fuzz::escaped },
    Target { name: "metrics_request", run: portolan::fuzz::metrics_request },
    Target { name: "web_headers", run: web::fuzz::headers },
    Target { name: "recorder_messages", run: portolan::fuzz::recorder_messages },
    Target { name: "portserver_request", run: portolan::fuzz::portserver_request },
    Target { name: "lease_label", run: alloc::lease::fuzz::label },
    Target { name: "lease_memory", run: alloc::lease::fuzz::memory },
    Target { name: "languages", run: web::fuzz::languages },
];

/// The target called `name`.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}
