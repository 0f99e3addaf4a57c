# The live parts of a port's page: who has it now, whether it can be bound, who had it before.

now-heading = Now
now-none = No socket has it.
now-count = { $count ->
    [one] One socket.
   *[other] { $count } sockets.
}
now-more = { $count ->
    [one] One more is not shown.
   *[other] { $count } more are not shown.
}
role-listens = listens
role-bound = has it bound
role-incoming = came in
role-outgoing = went out
role-connected = connected
role-lingers = closed, lingers
role-client = connected from here
role-talks = talks to it elsewhere
who-hidden = hidden from you
who-maybe = perhaps { $name }
who-gone = gone
who-kernel = the kernel
who-unaccepted = not accepted yet
who-unseen = not seen
process-since = since { $time }
process-by = started by

bind-heading = Can I bind it?
answer-yes = Yes
answer-no = No
answer-unknown = Perhaps
bind-answer = { $everywhere ->
    [yes] for { $proto }
   *[no] for { $proto } on { $addresses }
}
bind-holder = { $others ->
    [0] { $name }
    [one] { $name } and one other
   *[other] { $name } and { $others } others
}
bind-holder-hidden = a process hidden from you
bind-holder-nobody = a socket without a process
bind-reason-listening = { $who } listens on it
bind-reason-dual-stack = { $who } holds it for IPv4 too, through a dual-stack socket on ::
bind-reason-bound-silent = { $who } has bound it without listening
bind-reason-connected = { $who } is connected from it
bind-reason-time-wait = { $who } left it in TIME-WAIT after closing a connection
bind-reason-udp-bound = { $who } has bound it
bind-reason-privileged = ports this low need privilege
bind-reason-address-absent = this host does not have the address
bind-reason-family-absent = this host does not have the address family
bind-reason-unseen = something that cannot be seen holds it
bind-reason-refused = the kernel refused
bind-remedy-reuseaddr = SO_REUSEADDR gets past it
bind-remedy-reuseaddr-perhaps = SO_REUSEADDR gets past it only if the holder set it too
bind-remedy-v6only = IPV6_V6ONLY gets past it
bind-remedy-wait = SO_REUSEADDR would not help; the kernel frees it by itself
bind-remedy-release = SO_REUSEADDR would not help
bind-remedy-privilege = CAP_NET_BIND_SERVICE or a lower net.ipv4.ip_unprivileged_port_start would help
bind-remedy-address = a device that is up must have it, and IPv6 must not be disabled
bind-told = Told from the socket table for the process that serves this page; nothing was bound to find out. portolan PORT really tries.

before-heading = Before
before-unrecorded = Not recorded: portolan record would, from now on.
before-forbidden = Recorded, but not for this service to read, and no recorder runs that could be asked.
before-late = It takes longer to find out.
before-load = Show who had it before
before-spans = Time
span-hour = Hour
span-day = Day
span-week = Week
span-month = Month
zoom-earlier = Earlier
zoom-in = Closer
zoom-out = Wider
zoom-later = Later
before-count = { $count ->
    [0] Nobody had it in this time.
    [one] One socket had it in this time.
   *[other] { $count } sockets had it in this time.
}
before-unknown = Not known: this time was not recorded, or not all of it.
before-more = These are the newest; there were more.
was-bound = bound
was-listening = listening
was-outgoing = went out
was-incoming = came in
ended-closed = closed
ended-time-wait = closed, TIME-WAIT
ended-fin-wait = closed, FIN-WAIT-2
ended-fin-wait-briefly = closed, FIN-WAIT-2
ended-aborted = reset by us
ended-reset = reset by the peer
ended-refused = refused
ended-timed-out = timed out
ended-failed = failed
ended-unseen = end not seen
ended-not = still open
gap-before = Not recorded before { $time }.
gap-not-running = Not recorded:
gap-events-lost = Events were lost:
gap-disk-full = The disk was full:
gap-journal-cut = The journal was cut:
gap-segment-lost = Records are missing or cannot be read:
gap-sampled = Only sampled:
gap-lasts = now
