# The labels of a port's page: complete in every language.

what-heading = What it is
how-heading = How it works
why-heading = Why unassigned ports matter
check-heading = How to check
neighbours-heading = Neighbours
sources-heading = Sources

port-heading-proto = Port { $port }, { $proto }

port-protos-label = Protocols
port-proto-all = All protocols

fact-territory = Territory
fact-territory-system = System Ports { $range }
fact-territory-user = User Ports { $range }
fact-territory-dynamic = Dynamic Ports { $range }
fact-assigned = Assigned to
fact-assigned-none = nobody
fact-assigned-reserved = nobody: held back by IANA
fact-unofficial = Used by, unofficially
fact-host = This host
fact-host-inside = inside the ephemeral range { $range }
fact-host-reserved = inside the ephemeral range { $range }, but reserved
fact-host-outside = outside the ephemeral range { $range }
fact-host-unknown = unknown
fact-elsewhere = Ephemeral elsewhere
fact-elsewhere-some = { $systems }
fact-elsewhere-none = on none of the common systems
fact-privilege = Privilege to bind
fact-privilege-yes = needed, below { $start }
fact-privilege-no = none

neighbours-below = The nearest assigned port below
neighbours-above = The nearest assigned port above
neighbours-none-below = No port below is assigned.
neighbours-none-above = No port above is assigned.
neighbours-previous = Port { $port }
neighbours-next = Port { $port }

sources-manual = Manual pages: { $pages }

copy-button = Copy
copy-done = Copied

check-prints = What it prints here right now
check-prints-nothing = Here it prints nothing right now.
check-example = An example in its own format, made from the sockets of this host
check-example-nothing = No socket of this host would be in it right now.


missing-title = No such port
missing-number = { $read } is not a port: they go from 0 to 65535.
missing-name = Nothing is called “{ $read }”: neither a port nor a service of IANA’s registry.
missing-proto = “{ $read }” is not a protocol with ports: there are TCP, UDP, SCTP and DCCP.
missing-page = There is no page { $read } here.
missing-nothing = Nothing here
missing-guess = Did you mean one of these?
missing-search = Or search for a number, a name or a word.
missing-cut = { $port }, without the last digit
missing-wrapped = { $port }, what is left of it in sixteen bits
missing-last = { $port }, the highest port
