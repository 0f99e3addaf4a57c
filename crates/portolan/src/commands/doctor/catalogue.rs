//! Every finding there is: what it means, why it matters and who says so, what helps and what that
//! costs. `--explain ID` prints an entry as a page.

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// Good to know; the machine is healthy.
    Note,
    /// It costs something, or will go wrong one day.
    Warning,
    /// Connections fail, or will within a day.
    Error,
}

impl Severity {
    /// A stable word for programs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What is known of a kind of finding, whatever the machine.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) id: &'static str,
    pub(crate) severity: Severity,
    pub(crate) title: &'static str,
    pub(crate) why: &'static str,
    pub(crate) source: &'static str,
    pub(crate) fix: &'static str,
    pub(crate) price: &'static str,
}

/// The page called `id`.
pub(crate) fn page(id: &str) -> Option<&'static Page> {
    PAGES.iter().copied().find(|page| page.id == id)
}

macro_rules! pages {
    ($($name:ident = $id:literal, $severity:ident, $title:literal,
        why $why:literal, source $source:literal, fix $fix:literal, price $price:literal;)*) => {
        $(pub(crate) static $name: Page = Page {
            id: $id,
            severity: Severity::$severity,
            title: $title,
            why: $why,
            source: $source,
            fix: $fix,
            price: $price,
        };)*

        /// Every page, by topic.
        pub(crate) static PAGES: &[&Page] = &[$(&$name,)*];
    };
}

pages! {
    LISTENER_IN_RANGE = "listener-in-range", Warning,
        "A server listens inside the ephemeral range, and its port is not reserved",
        why "While the server is down, at its next restart or the next boot, any connection that goes out may be \
            given its port. The server then fails with \"Address already in use\", by chance and seldom, until the \
            connection is gone and its TIME-WAIT is over. A server that asked for any port (bind to port 0) does not mind.",
        source "ip-sysctl.rst, ip_local_reserved_ports; HDFS-9427 (Hadoop moved its default ports out of the range for this)",
        fix "portolan range set RANGE --reserve-listeners --persist, or configure a port outside of the range",
        price "one port less for connections towards each destination while the server is down; none while it runs, for the kernel passes over its port anyway";
    ASSIGNED_IN_RANGE = "assigned-service-in-range", Warning,
        "The ephemeral range swallows a port that a service in use is known by",
        why "The service is at home on this port: clients, firewalls and other machines expect it there, so it cannot \
            move when it loses the port to a connection that was given it while it was down.",
        source "RFC 6335 section 8.1.2: assigned ports are not for dynamic use; IANA's registry of service names",
        fix "portolan range set RANGE --reserve-listeners --persist, or a range that begins above the service",
        price "one port less for each service; with a smaller range as many as it gets smaller";
    KNOWN_BLOCK_IN_RANGE = "known-block-in-range", Warning,
        "The ephemeral range overlaps ports that software of this machine takes for itself",
        why "The software assumes that nobody else uses its block of ports: kube-proxy opens NodePorts when a service is \
            made, mosh takes one for each session, libvirt one for each migration. One that a connection was given meanwhile fails then.",
        source "the software's own documentation: Kubernetes service-node-port-range, mosh(1), libvirt qemu.conf, GlusterFS; \
            ip-sysctl.rst, ip_local_reserved_ports",
        fix "portolan range set LO-HI --persist with a range beside the block",
        price "the ports of the block are no longer given to connections";
    RANGE_BELOW_1024 = "range-begins-below-1024", Error,
        "The ephemeral range begins below 1024",
        why "Ordinary connections are given ports of services that root runs, such as ssh and DNS, and block them at their next \
            restart; peers that take a low port for a sign of root (NFS, rsh) are deceived.",
        source "RFC 6335 section 6: System Ports; ip-sysctl.rst, ip_local_port_range and ip_unprivileged_port_start",
        fix "portolan range set 32768-60999 --persist",
        price "fewer ports for connections: those below 1024";
    SMALL_RANGE = "small-range", Warning,
        "The ephemeral range has few ports",
        why "So many connections and no more can be open to one destination from one address, TIME-WAIT included; and a port that \
            was just used comes again soon, which a peer's or a firewall's TIME-WAIT answers with silence.",
        source "RFC 6056 section 3.2: as large a range as possible",
        fix "portolan range set 32768-60999 --persist, or fewer ports in net.ipv4.ip_local_reserved_ports",
        price "the ports that are added may be those of servers: portolan range set shows which";
    DESTINATION_FILLING = "destination-filling", Warning,
        "Two fifths of the ports towards a destination are taken",
        why "At half, connect() gets 50 to 200 times slower: it tries the ports of one parity first, and those are nearly used up.",
        source "__inet_hash_connect in the kernel's inet_hashtables.c; measured: docs/pilot.md",
        fix "reuse connections (keep-alive, a pool), spread them over further addresses of the destination or of our own, \
            or keep connect() quick: portolan pilot",
        price "a pool keeps idle connections open at the server; further addresses must be routed; the pilot takes root, or a library in the program";
    PAST_CLIFF = "destination-past-cliff", Error,
        "connect() to a destination is slow: the half of the ports that it tries first is taken",
        why "Each connect tries half of the range in vain before it tries the other half: about a millisecond of a processor instead of \
            a few microseconds, with a lock held, so that connects of other processors wait too.",
        source "__inet_hash_connect in the kernel's inet_hashtables.c; measured: docs/pilot.md, portolan room --probe",
        fix "portolan pilot run -- PROGRAM, or portolan pilot on; and see destination-filling",
        price "piloted sockets show SO_REUSEADDR; ports that the pilot binds are passed over by connects that are not piloted";
    EXHAUSTION = "exhaustion-within-a-day", Error,
        "The ports towards a destination run out within a day",
        why "connect() then fails with \"Cannot assign requested address\" (EADDRNOTAVAIL), for every program that goes there from \
            this address.",
        source "connect(2); the rate that portolan room shows",
        fix "find what opens the connections (portolan room names it) and have it close or reuse them; or add source addresses: portolan range plan",
        price "depends on the program; each source address adds a whole range towards each destination";
    UDP_FULL = "udp-ports-full", Error,
        "Most ephemeral UDP ports are taken",
        why "A UDP port is given to one socket, whatever it talks to: once all are taken nothing on this machine can look up a name.",
        source "udp_lib_get_port in the kernel's udp.c",
        fix "find who holds them: portolan ls -u --sort process",
        price "none";
    BINDS_SOURCE = "binds-source-address", Warning,
        "A program binds its source address before it connects, without IP_BIND_ADDRESS_NO_PORT",
        why "The kernel must choose the port at bind(), before it knows the destination: each such connection takes its port from all \
            others, towards everywhere. The range is enough for 28,000 connections in all instead of 28,000 to each destination.",
        source "ip(7), IP_BIND_ADDRESS_NO_PORT (Linux 4.2): \"Inform the kernel to not reserve an ephemeral port when using bind(2) \
            with a port number of 0. The port will later be automatically chosen at connect(2) time\"",
        fix "set IP_BIND_ADDRESS_NO_PORT in the program: nginx, HAProxy and Envoy do, or have an option for it",
        price "bind() no longer tells the port: getsockname() does after connect()";
    BIND_ZERO = "binds-before-connect", Warning,
        "A program binds port 0 before it connects",
        why "The port is chosen before the destination is known and so taken from everybody, towards everywhere: see binds-source-address. \
            bind() also looks for a port that nobody has at all, and fails with EADDRINUSE where connect() would still find thousands.",
        source "inet_csk_get_port in the kernel's inet_connection_sock.c; ip(7)",
        fix "leave the bind() out: connect() chooses a port by itself",
        price "none";
    CLOSE_WAIT = "close-wait-pile", Warning,
        "A program does not close connections that its peers have closed",
        why "CLOSE-WAIT means that the far end is done and our program has not closed its descriptor. It does not end by itself: \
            each keeps its port, a descriptor and memory until the program closes it or ends. Many are a leak.",
        source "RFC 9293 section 3.3.2; tcp(7): no timer ends CLOSE-WAIT",
        fix "have the program close what read() tells the end of; until then restart it",
        price "a restart ends its other connections, too";
    BOUND_SILENT = "bound-never-listening", Warning,
        "A socket is bound to a port and neither listens nor connects",
        why "It keeps the port from everybody, and ss and netstat do not show it: whoever wants the port is told \"Address already in use\" \
            by nobody in sight.",
        source "the kernel's TCPF_BOUND_INACTIVE (Linux 6.8)",
        fix "ask the program's author, or end the process",
        price "what the process does ends with it";
    TIME_WAIT_PILE = "time-wait-pile", Note,
        "Thousands of ports are in TIME-WAIT",
        why "Whoever closes first keeps the port for a minute, so that late segments are not taken for those of the next connection. \
            It is healthy; but a client that closes first can have range / 60 connections a second to one destination, 470 by default.",
        source "RFC 9293 section 3.6.1; TCP_TIMEWAIT_LEN in the kernel's tcp.h",
        fix "let the server close first or keep connections open (keep-alive, a pool)",
        price "then it is the server that has the TIME-WAIT, on its own port, where it takes nothing from connect()";
    TW_REUSE_ON = "tw-reuse-everywhere", Note,
        "net.ipv4.tcp_tw_reuse is 1: ports in TIME-WAIT are given to new connections after a second",
        why "1 lends them towards everybody whose timestamps show that old segments can be told from new ones; the default, 2, towards loopback alone; \
            0 never. It helps \
            clients that close first, does nothing for servers, and breaks where a NAT or balancer on the way puts hosts with \
            different timestamps behind one address.",
        source "ip-sysctl.rst, tcp_tw_reuse",
        fix "if it was not asked for: sysctl -w net.ipv4.tcp_tw_reuse=2",
        price "with 2 ports rest for the whole minute, so that fewer connections a second are possible. The kernel's \
            documentation warns: it should not be changed without advice/request of technical experts";
    TW_REUSE_OFF = "tw-reuse-off", Note,
        "net.ipv4.tcp_tw_reuse is 0, and there are many ports in TIME-WAIT",
        why "Not even towards loopback, where nothing is ever late, are ports in TIME-WAIT lent. The default since Linux 4.19 is 2, loopback alone.",
        source "ip-sysctl.rst, tcp_tw_reuse",
        fix "sysctl -w net.ipv4.tcp_tw_reuse=2, the kernel's default",
        price "none known, towards loopback alone. The kernel's documentation warns: it should not be changed without \
            advice/request of technical experts";
    TIME_WAIT_FULL = "time-wait-buckets-full", Warning,
        "The kernel has no room for further sockets in TIME-WAIT",
        why "Beyond tcp_max_tw_buckets connections skip TIME-WAIT and their ports are free at once: late segments may be taken for those of \
            the next connection.",
        source "ip-sysctl.rst, tcp_max_tw_buckets: do not lower it, rather raise it if network conditions require more",
        fix "sysctl -w net.ipv4.tcp_max_tw_buckets=TWICE",
        price "about 300 bytes of memory for each";
    CONNTRACK = "conntrack-nearly-full", Error,
        "The table of tracked connections is nearly full",
        why "When it is full the packets of new connections are dropped, in silence but for \"nf_conntrack: table full, dropping packet\" \
            in the kernel's log. Entries outlive the connections: TIME_WAIT for two minutes, established ones for five days.",
        source "nf_conntrack-sysctl.rst, nf_conntrack_max",
        fix "sysctl -w net.netfilter.nf_conntrack_max=TWICE, and nf_conntrack_buckets a quarter of that",
        price "about 400 bytes of memory for each entry that is in use";
    NAT_POOL = "nat-pool-nearly-full", Error,
        "The ports of a translated source address are nearly used up towards a destination",
        why "Connections that leave by this address are given a port of it that is free towards their destination. Where none is, they are dropped.",
        source "nf_nat_core.c of the kernel; iptables-extensions(8), SNAT and MASQUERADE",
        fix "translate to a range of addresses: --to-source FIRST-LAST",
        price "the further addresses must be routed here";
    RESERVED_SKEW = "reserved-ports-skew", Warning,
        "A large block of reserved ports lies inside the ephemeral range",
        why "connect() passes reserved ports one by one, and what it was led to inside the block it takes from the ports right behind it: those come \
            again and again, and soon after their last use. Reserving ports of one parity alone brings the cliff nearer.",
        source "__inet_hash_connect in the kernel's inet_hashtables.c; ip-sysctl.rst, ip_local_reserved_ports",
        fix "a range that ends before the block, or begins behind it: portolan range set LO-HI --persist",
        price "the ports on the other side of the block are no longer given out";
    LOOPBACK_ONLY = "listener-only-loopback-talks-to", Note,
        "A server listens on all addresses, and only this machine talks to it",
        why "It can be reached from every network that this machine is in, though nobody there seems to need it.",
        source "the connections that are open now",
        fix "have the program listen on 127.0.0.1 and [::1]",
        price "who does need it from outside, and was not connected just now, is shut out";
    REUSEPORT_MIX = "port-shared-by-programs", Warning,
        "Different programs listen on one port at once",
        why "By SO_REUSEPORT the kernel deals connections out among all listeners of the port. That is meant for processes of one server; of \
            two programs each gets a part of the other's connections.",
        source "socket(7), SO_REUSEPORT",
        fix "end the one that should not be there, or give it another port",
        price "its connections end with it";
    ORPHANED = "listener-without-process", Warning,
        "A socket listens, and no process has it",
        why "Connections to it are accepted by the kernel and by nobody else: peers hang. Its process is gone or has closed it, and it is \
            kept by a message between processes that nobody received, or is the kernel's own (NFS, for one).",
        source "unix(7), SCM_RIGHTS; accept(2)",
        fix "find who kept it: what was passed descriptors, such as a service manager or a proxy that was upgraded; restart that",
        price "its connections end with it";
    DEAD_OWNER = "owner-is-gone", Note,
        "The process that opened a listening socket has ended, and others hold it",
        why "By its name nobody finds who answers on the port now: the socket was inherited or passed on. Harmless where that was meant, as with a server's workers.",
        source "the recorder's log, beside the processes that run",
        fix "portolan PORT names who holds it now",
        price "none";
    LISTEN_OVERFLOW = "listen-queue-overflow", Warning,
        "A server does not accept connections as fast as they come",
        why "A connection that finds the queue full is dropped at its last step: the client believes that it is connected, and waits or sends in vain.",
        source "listen(2); ListenOverflows of /proc/net/netstat",
        fix "a longer queue: the program's own backlog, and net.core.somaxconn where that is the lower one; or a server that accepts faster",
        price "connections that wait in a longer queue wait longer";
    FILES_FULL = "descriptors-nearly-full", Error,
        "A process, or the system, nearly has as many open files as it may",
        why "Each socket needs a descriptor: accept(), socket() and open() then fail with EMFILE (a process) or ENFILE (the system).",
        source "getrlimit(2), RLIMIT_NOFILE; proc_sys_fs(5), file-max",
        fix "LimitNOFILE= in the service's unit, prlimit --pid PID --nofile=SOFT:HARD; for the system sysctl -w fs.file-max=N",
        price "memory, and a leak is found later";
    STALE_LEASE = "stale-lease", Warning,
        "A leased port is kept for nobody",
        why "A lease keeps its port from everybody else. This one serves no one: the process that it was taken for has ended while \
            its holder goes on, or nobody has listened there since it was taken, a day ago or longer.",
        source "portolan lease ls; docs/lease.md",
        fix "end its holder, which portolan lease ls names: the lease ends with it",
        price "whoever still meant to bind the port may find it taken";
    RECORDER_OFF = "recorder-off", Note,
        "No recorder runs",
        why "What holds a port is known now and not then: who had it when something failed, and how fast connections come, cannot be told.",
        source "portolan status",
        fix "systemctl enable --now portolan, or portolan record",
        price "below a microsecond and a half of a processor for each socket; 15 bytes of disk for each tenure";
    RECORDER_LOSES = "recorder-loses-events", Warning,
        "The recorder has lost events",
        why "The log has gaps: questions about those times are answered with \"not known\".",
        source "portolan status",
        fix "portolan record --buffer 32M",
        price "that much memory of the kernel";
    RECORDER_DISK = "recorder-out-of-disk", Error,
        "The recorder cannot write its disk",
        why "Nothing is recorded any more, or soon will not be.",
        source "portolan status",
        fix "make room on the disk, or let the log have less: portolan record --max-size 500M",
        price "older records are dropped sooner";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_whole_and_have_names_of_their_own() {
        for page in PAGES {
            let texts = [page.title, page.why, page.source, page.fix, page.price];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", page.id);
            assert!(texts.iter().all(|text| !text.contains("  ")), "{}", page.id);
            assert!(page.id.bytes().all(|b| b == b'-' || b.is_ascii_alphanumeric()), "{}", page.id);
            assert_eq!(PAGES.iter().filter(|other| other.id == page.id).count(), 1, "{}", page.id);
            assert_eq!(self::page(page.id), Some(*page));
        }
        assert!(PAGES.len() >= 25);
    }

    #[test]
    fn a_manual_page_is_quoted_as_it_stands() {
        let text = "Inform the kernel to not reserve an ephemeral port when using bind(2) with a port number of 0. \
            The port will later be automatically chosen at connect(2) time";
        assert!(BINDS_SOURCE.source.contains(text), "{}", BINDS_SOURCE.source);
    }
}
