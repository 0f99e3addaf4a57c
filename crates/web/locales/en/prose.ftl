# What a port's page says of that very port. Code stands between backticks. Ranges, ports and names
# come as values and are never written into a sentence that runs from right to left.

# The first sentence, under the heading.
summary-assigned = IANA gave port { $port } to `{ $name }`: { $what }.
summary-named = IANA gave port { $port } to the service `{ $name }`.
summary-zero = Port 0 is no port: in a packet it says “none”, to `bind()` it says “any”.
summary-reserved = Port { $port } is held back by IANA: no service may have it.
summary-ephemeral = Port { $port } belongs to nobody: this host lends it to outgoing connections, for seconds or for days.
summary-dynamic = Port { $port } belongs to nobody: IANA assigns nothing here, and this host lends it to nobody by itself.
summary-unofficial = IANA gave port { $port } to nobody; in practice it mostly means { $names }.
summary-system = Port { $port } is a well-known port that IANA has given to nobody.
summary-user-ephemeral = Port { $port } is registered for nobody, and this host lends it to outgoing connections.
summary-user = Port { $port } is registered for nobody: whatever has it here chose that very number.

# What it is.
what-assigned = In IANA’s registry port { $port } stands for `{ $name }` over { $protos }, described there as “{ $what }”.
what-named = In IANA’s registry port { $port } stands for `{ $name }` over { $protos }, without a word of description.
what-range = It is number { $nth } of the { $count } ports { $range } that were assigned together.
what-display = X servers listen on { $range }, one port for each display: { $port } is display `{ $display }`. Hardly any does so any more: displays are reached through a Unix socket, or through the tunnel that `ssh -X` makes, whose displays begin at `:10`.
what-also = { $count ->
    [one] A second service is listed for it as well: { $names }.
   *[other] Other services are listed for it as well: { $names }.
}
what-reference = `{ $name }` is defined in { $document }.
what-zero = The registry holds 0 back so that the number can mean “no port”. A program that binds port 0 asks the kernel for any free port and gets another number; a UDP datagram may carry 0 as its source to say that no answer is wanted (RFC 768). So no socket ever has port 0, and a packet sent to it is a mistake, or somebody’s probe.
what-reserved = IANA’s registry lists port { $port } as reserved: it is not to be assigned, mostly so that what lies beside it can grow or a boundary stays free. Nothing stops a program from binding it all the same.
what-other-protos = For { $proto } nobody has port { $port }. The number is known for `{ $name }`, but that runs over { $protos }; each protocol has ports of its own, so a { $proto } socket here has nothing to do with it.
what-system = Port { $port } is one of the few well-known ports without an assignment. To get one takes a document of the IETF, so nothing new appears here without people hearing of it: whatever listens on it was set up by hand, and is worth a look.
what-user = IANA’s registry has no line for port { $port }. Anybody may use it, and IANA may assign it to anybody who asks; until then the number tells nothing about the program behind it.
what-dynamic = IANA’s registry has no line for port { $port }, and never will: this part of the port space is kept free so that programs can take a port for a while and give it back. The number tells nothing about the program behind it. Only the machine can say who has it, and only for this moment.
what-unofficial = { $count ->
    [one] Without asking IANA, one well-known program uses port { $port } by default: { $names }.
   *[other] Without asking IANA, { $count } well-known programs use port { $port } by default: { $names }. Which of them you met, the number cannot say.
}

territory-system = It lies among the System Ports, { $range }, also called well-known. IANA assigns them through the IETF alone (RFC 6335); { $taken } of { $count } are assigned. Most systems let only privileged programs listen there, from the days when that was a sign of trust.
territory-user = It lies among the User Ports, { $range }, also called registered. IANA assigns them on request, after review (RFC 6335); { $taken } of { $count } are assigned. An assignment is a promise between people: no kernel keeps other programs off.
territory-dynamic = It lies among the { $count } Dynamic Ports, { $range }, also called private or ephemeral. RFC 6335 says that they are never assigned, and that no program may count on one being free.

edge-last-system = { $port } is where the well-known ports end. One further up, anybody may listen without privilege.
edge-first-user = { $port } is the first port for which no privilege is needed, and so the first that many old systems lent out: it is reserved today.
edge-last-user = { $port } is where the registered ports end; one further up, IANA assigns nothing any more.
edge-first-dynamic = { $port } is the first of the Dynamic Ports, and where macOS and Windows begin to lend ports out. On older Windows the services of its RPC listen from here on, since they take the first free ports after the start; newer ones begin at 49664.
edge-last = { $port } is the highest port there is: a port number has sixteen bits, and this one has them all set.

host-unknown = This host’s own ephemeral range could not be read.
host-zero = Who binds port 0 on this host gets a free port out of { $range }, its ephemeral range.
host-inside = This host lends out { $range }, its ephemeral range, and { $port } is inside. At any moment it may serve a browser’s connection, an update or a query of a database, and something else a moment later.
host-inside-assigned = This host lends out { $range }, its ephemeral range, and { $port } is inside: besides the service it is assigned to, any outgoing connection may have it.
host-first = { $port } is the very first port that this host lends out: its ephemeral range is { $range }.
host-last = { $port } is the very last port that this host lends out: its ephemeral range is { $range }.
host-reserved = { $port } lies inside this host’s ephemeral range, { $range }, but the host’s administrator took it out (`net.ipv4.ip_local_reserved_ports`): the kernel lends it to nobody, and who wants it must ask for it by number.
host-below = This host lends out { $range }; { $port } lies below, so the kernel never gives it to anybody by itself. Whatever has it here asked for it by number.
host-above = This host lends out { $range }; { $port } lies above, so the kernel never gives it to anybody by itself. Whatever has it here asked for it by number.
host-outside-dynamic = By the RFC it may be lent out, but this host lends out { $range } only. So whatever has { $port } here asked for it by number, unless it is the far end of somebody else’s connection.

elsewhere-none = No other of the common systems lends it out by default either: in a log of FreeBSD, OpenBSD, macOS or Windows, too, it is a port that somebody chose.
elsewhere-all = Elsewhere it is lent out too, by { $systems }, unless they were told otherwise.
elsewhere-some = { $count ->
    [one] Elsewhere it is different: by default { $systems } lends it out, but not { $others }. That matters when you met the number in another machine’s log.
   *[other] Elsewhere it is different: by default { $systems } lend it out, but not { $others }. That matters when you met the number in another machine’s log.
}

# Can I bind it.
bind-zero = Port 0 can always be asked for, and never be had: the kernel gives you another one. `getsockname()` tells which.
bind-privileged = Ports below { $start } take privilege on this host: root, or the capability `CAP_NET_BIND_SERVICE`. A service is best given just that, by `AmbientCapabilities=CAP_NET_BIND_SERVICE` in its systemd unit, or gets the socket from systemd, already bound to { $port }.
bind-lowered = As a well-known port, { $port } takes privilege on most systems. Here it does not: `net.ipv4.ip_unprivileged_port_start` is { $start }.
bind-anyone = It takes no privilege: who comes first has it.
bind-race = A service that should always have { $port } runs a race here, because the kernel may have lent it to an outgoing connection just before: the bind then fails with `EADDRINUSE`, once in a while, mostly after a restart. Take it out of { $range } for good by adding it to `net.ipv4.ip_local_reserved_ports`, or choose a port outside.
bind-reserved = Since it is reserved here, no outgoing connection can get in the way of a service on { $port }.
bind-name = Tools and people will take whatever listens here for `{ $name }`; another program is better off with a number of its own.
bind-crowded = Several programs want { $port } by default. If yours cannot have it, look under “Now” first: it is probably another one of them.

# How it works.
how-picked = A program that connects seldom says from which port. The kernel picks one for it, here out of { $range }, and gives it to somebody else once the connection is over. RFC 6056 asks that the choice be hard to guess, so that nobody can slip a forged packet into a connection that he does not see.
how-getsockname = The program then reads from its socket which port it got. That is the only safe way to a free port: to look for one first and to bind it later leaves time for somebody else to take it.
how-elsewhere = A program that connects seldom says from which port: the kernel picks one and takes it back afterwards. Systems whose ephemeral range reaches { $port } do that with this very port; this host would have to be told to.
how-parity = Linux does not pick evenly. `connect()` tries the { $parity ->
    [even] even
   *[odd] odd
} ports first, since the range begins with { $first }, and leaves the others to programs that bind port 0. { $port } is among those that it tries { $turn ->
    [first] first
   *[second] only once the first half towards a destination is taken
}.
how-tuple = A TCP connection is known by both its ends. So { $port } can serve many connections at once, if each goes to another address or port; and a port that is in use may still be lent again, while binding it fails.
how-time-wait = Who closes a TCP connection first keeps its port for another minute on Linux, in TIME-WAIT, so that a segment that comes late is not taken for one of the next connection (RFC 9293). No process has the port then, and `kill` cannot free it.
how-room = { $range } are { $count } ports. Towards one address and port, no more connections than that can be open from one address of this host, and where it closes first, no more than about { $rate } new ones a second go on for long.
how-udp = UDP has no connections and no TIME-WAIT: a client has its port until it closes the socket. A resolver takes a new one at random for every question, so that a forged answer must guess the port too (RFC 5452).
how-listener = A server binds { $port } and listens; every client comes from a port of its own, which its kernel picked. All those connections share { $port } at this end, so a thousand clients take no port here but this one.
how-restart = A server that restarts may find its port in TIME-WAIT from connections that it closed itself, for a minute. That is what `SO_REUSEADDR` is for, which servers set.
how-datagrams = A UDP server binds { $port } and gets every datagram that is sent there, from whomever; there are no connections, and nothing lingers once the socket is closed.
how-safe = No outgoing connection of this host can take { $port } from its service: what the kernel lends out, { $range }, lies elsewhere.

# Why unassigned ports matter.
why-number = Nothing has to be on { $port }, so whatever listens there was put there: by you, by a program that takes any free port (RPC, FTP in passive mode, WebRTC, games, debuggers), or by somebody who would rather not be found under a known number. Which one, the process behind it tells, not the number.
why-log = If you met { $port } in a log, see which end it was. As the source of a connection it is only the port that the client was lent, and says nothing. As the destination it means that somebody expected a service there.
why-malware = Lists of “trojan ports” are of little use: most come from the nineties, and every port is on one of them. Backdoors do take high ports that nobody expects anything on, but just as readily 443 or 53, which firewalls let through. What counts is an unknown listener that other machines can reach.
why-knocking = Some listen without being seen: a port knocking daemon watches packets to closed ports and opens another port once it has seen the right ones. No socket shows it, and scanning finds nothing; single packet authorization does the same with a signed packet, which cannot be replayed.
why-firewall-range = Do not open { $range } in a firewall to let answers in: it keeps track of connections and knows answers when it sees them (`ct state established,related`). Opening the range opens every service that happens to listen in it.
why-firewall = A firewall has no reason to let { $port } in unless a service of yours is there: answers to outgoing connections are known by their connection (`ct state established,related`), not by their port.
why-own-inside = For a service of your own, take an unassigned User Port outside { $range }: there neither IANA nor the kernel gives it to anybody else. If it has to be { $port }, reserve it.
why-own-dynamic = For a service of your own, { $port } is safe on this host, which lends out { $range } only. On systems that go by the RFC it is not; an unassigned User Port travels better.
why-own-outside = For a service of your own, { $port } is a fair choice: nobody is registered for it, and this host lends out { $range } only. Write it down where others look, so that it stays the only one.
why-both = { $port } is assigned, and lent out here all the same: the kernel does not know the registry. Something on this port may be the service, or just a client of another one; look at which end listens.

# How to check: what each line of commands is for.
check-listening = Who listens on it, or holds a connection from it
check-lsof = The same by process
check-portolan = What it is, who has it, and whether it can be bound; who had it before stands above
check-macos-lsof = Which process has it
check-macos-netstat = Listeners and connections with it
check-windows-netstat = Listeners and connections with it, and the process’s number
check-windows-powershell = The same in PowerShell; the second line names the process
check-windows-udp = The same for UDP; the second line names the process
check-root = Without root, `ss` and `lsof` name only your own processes.
check-sudo = Without `sudo`, macOS names only your own processes.
check-admin = `-b` instead of `-o` names the program, and takes an administrator.

# What there is to know of ports that everybody meets.
note-ftp = FTP talks on 21 and moves each file over a second connection: from 20 where the client waits for it, and to a high port of the server where it does not (passive mode). Nothing in it is encrypted. SFTP is another protocol, over 22.
note-ssh = A machine on the internet with this port open is tried by somebody every few seconds, with names and passwords that leaked elsewhere. With keys only and no passwords that is noise. Another port makes it quieter, not safer.
note-telnet = Telnet sends passwords as they are typed. What still listens here is mostly network gear, cameras and old machines, and worms like Mirai look for exactly those.
note-smtp = Mail servers talk to each other here. Programs that send mail use 587 or 465 instead, and many networks block outgoing 25 to keep infected machines from sending spam.
note-dns = Questions of names go to UDP first and to TCP where an answer is too long. On many Linux systems `systemd-resolved` has this port on `127.0.0.53` alone, so another resolver can still have the other addresses.
note-dhcp = DHCP servers listen on 67 and clients on 68, because a machine without an address cannot be answered at a port of its own choice. Both ends are fixed, and most of it is broadcast.
note-http = The web without encryption. What is left here mostly sends browsers on to 443, or answers the challenges by which Let’s Encrypt issues certificates.
note-pop3 = POP3 fetches mail and, by habit, deletes it on the server. Over TLS it is on 995; here it is in the clear unless the client asks for STARTTLS.
note-ntp = Clocks are set over it. Clients often send from this port, too, so finding it in use does not mean that the machine serves time. Servers that answer the old `monlist` question were used to flood others.
note-imap = IMAP reads mail where it lies. 993 is IMAP over TLS from the first byte; 143 begins in the clear and is encrypted by STARTTLS.
note-snmp = Printers, switches and servers tell their state here. Versions 1 and 2c know one password, mostly `public`, and send it in the clear.
note-ldap = Directories, Active Directory among them, are asked here. 636 is the same over TLS; 389 can be encrypted by STARTTLS.
note-https = The web, encrypted: HTTP/1.1 and HTTP/2 over TCP, HTTP/3 (QUIC) over UDP. Since every firewall lets it out, much else hides here too: VPNs, SSH, DNS over HTTPS.
note-smb = Files and printers of Windows and Samba. WannaCry came through this port in 2017; it has no business on the internet, and many providers block it.
note-submission = Programs hand mail to their own server here, with a password and STARTTLS. Implicit TLS on 465 is what RFC 8314 prefers today.
note-ipp = CUPS listens here and takes print jobs, and shows its own pages to a browser. On a desktop it should be bound to `localhost` alone.
note-database = Databases are for the machines that use them. Bind it to an inner address; what is open to the internet is found within hours.
note-nfs = File systems are mounted over it. NFS version 4 needs this port alone; older versions also need 111 and several that the portmapper tells.
note-development = The first choice of half the tools for developing web sites, so two of them often meet here. Development servers trust whoever reaches them: let them listen on `127.0.0.1`, not on `0.0.0.0`.
note-mysql = MySQL and MariaDB. A client on the same machine that is told `localhost` takes the Unix socket and never comes by this port; told `127.0.0.1`, it does.
note-rdp = The screen of a Windows machine. Open to the internet it is the way in for much ransomware; put a VPN or a gateway before it.
note-5000 = On a Mac since Monterey, AirPlay’s receiver (`ControlCenter`) has this port. That is why Flask there says that the address is in use; switch the receiver off, or take another port.
note-mdns = Names that end in `.local` are asked of everybody in the local network here, at `224.0.0.251` and `ff02::fb`. Many programs share the port at once, by `SO_REUSEPORT`: browsers, Avahi, Chromecast, printers. Several holders are normal.
note-postgresql = PostgreSQL. Its Unix socket bears the number too, `/var/run/postgresql/.s.PGSQL.5432`; a second cluster on the same machine takes 5433 on Debian. `listen_addresses` says where it listens, by default on `localhost` alone.
note-vnc = Display `:0`; each further display is one port up. Plain VNC encrypts little beyond the password, which has eight characters at most: take it through SSH.
note-redis = Redis and Valkey. Without a password it obeys whoever reaches it, up to writing files on the machine; its protected mode therefore refuses strangers unless it is switched off.
note-8080 = The second port of the web: for servers without root, proxies, and whatever was put beside something on 80. Being everybody’s choice, it is the port over which developers most often find that it is in use already.
note-8443 = To 443 what 8080 is to 80: HTTPS of servers without root, consoles of appliances, Tomcat.
note-elasticsearch = The HTTP interface of Elasticsearch and OpenSearch; nodes talk among themselves on 9300. Old versions know no passwords, and open ones have leaked more records than any break-in.
note-memcached = Memcached knows no passwords. Over UDP it answers a small question with a huge reply, which made for the largest floods of 2018; since then UDP is off by default.
note-mongodb = MongoDB. Since version 3.6 it listens on `localhost` alone by default, after tens of thousands of open ones were emptied for ransom.
note-31337 = In the writing of hackers the digits read “eleet”. Back Orifice chose it in 1998, jokers ever since: today it is more likely a training game than an intruder.
note-wireguard = WireGuard answers nobody who does not hold a key that it knows: to a scanner the port looks closed, and silence here proves nothing.
