# How much room is left for connections, and what else ends them.

room-title = Room for connections
room-about = How many ports are taken towards each destination, of those that can be given to a connection there. What hurts first stands first.
room-open = { $open } of { $all } ports can be given to connections; the range is { $range }.
room-reserved = { $count ->
    [one] One is reserved.
   *[other] { $count } are reserved.
}
room-closed = { $count ->
    [one] One is kept from them by a socket that is bound or listens.
   *[other] { $count } are kept from them by sockets that are bound or listen.
}
room-udp = { $count ->
    [0] UDP has none.
    [one] UDP has one.
   *[other] UDP has { $count }.
}
room-none = No connection goes out from a port of the range.
room-more = { $count ->
    [one] One more destination is not shown.
   *[other] { $count } more destinations are not shown.
}
column-fill = Fill
column-taken = Taken
column-waiting = In TIME-WAIT
column-rate = New a second
column-full-in = Full in
column-source = From
column-destination = To
column-held-by = Held by
column-last-hour = The last hour
room-of = { $taken } of { $of }
room-full = now
room-later = over a day
room-never = never
room-near = near the cliff
room-past = past the cliff
room-cliff = Past the cliff: of every two ports connect() tries one first, and of those none is left, so each connect tries half of the range in vain. `portolan room --probe` measures what that costs, `portolan pilot` removes it.
room-unserved = { $count ->
    [one] One connect from { $source } to { $remote } found no port, as recorded.
   *[other] { $count } connects from { $source } to { $remote } found no port, as recorded.
}
room-hour = from { $least } to { $most } ports
room-unrecorded = not recorded
room-rates-log = Rates of the last minutes, as recorded.
room-rates-looks = Rates by looking twice, and by what is in TIME-WAIT; a recorder would know better.
room-rates-none = How fast connections are begun is not known.
holder-time-wait = nobody: TIME-WAIT
holder-kernel = the kernel
holder-hidden = hidden from you

limits-heading = What else ends connections
column-used = Used
column-what = What
column-whose = Whose
column-set-by = Set by
limit-time-wait-buckets = sockets in TIME-WAIT
limit-conntrack = tracked connections
limit-listen-queue = listen queue
limit-nat-pool = NAT ports
limit-system-files = open files, all
limit-process-files = open files of a process
limits-unlimited = no limit
limits-overflows = { $count ->
    [one] One connection found a listen queue full since this machine started.
   *[other] { $count } connections found a listen queue full since this machine started.
}
limits-skipped = { $count ->
    [one] One connection skipped TIME-WAIT for want of room.
   *[other] { $count } connections skipped TIME-WAIT for want of room.
}
limits-untracked = No table of tracked connections is present or visible.
