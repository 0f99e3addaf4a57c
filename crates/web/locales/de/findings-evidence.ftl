# Was die Diagnose auf dieser Maschine sah: worum es geht und woran es zu erkennen ist.

subject-destination = { $proto } von { $source } zu { $remote }
subject-to = { $what } zu { $remote }
subject-served = { $what }, { $who }
subject-block = { $name } { $block }
subject-range-begins = der Bereich beginnt bei { $port }
subject-ports = { $count ->
    [one] 1 Port
   *[other] { $count } Ports
}
subject-one-parity = eine Parität
subject-port = Port { $port }
subject-no-recorder = kein Rekorder antwortet
subject-recorder-silent = der Rekorder antwortet nicht
subject-events = { $count ->
    [one] 1 Ereignis
   *[other] { $count } Ereignisse
}
subject-since-boot = seit dem Start der Maschine
subject-share = { $share } %
subject-system = das System
subject-as-client = { $count } als Client
subject-as-server = { $count } als Server
subject-used = { $used } von { $of }

block-libvirt = libvirt-Migrationen
block-gluster = GlusterFS-Bricks
block-nomad = Nomad-Tasks
block-samba = RPC von FreeIPA und Samba

party-hidden = ein Ihnen verborgener Prozess
party-hidden-of = ein Ihnen verborgener Prozess von { $user }
party-kernel = der Kernel
party-gone = niemand mehr
party-time-wait = was in TIME-WAIT ist
party-placed = { $who } { $place }
party-times = { $who } ×{ $count }
remark-more = { $count ->
    [one] 1 weiterer
   *[other] { $count } weitere
}

time-pair = { $large } { $small }
time-days = { $count } d
time-hours = { $count } h
time-minutes = { $count } min
time-seconds = { $count } s

evidence-taken = { $count } von { $of } Ports sind belegt, { $share } %; davon { $waiting } in TIME-WAIT
evidence-held-by = gehalten von: { $holders }
evidence-first-half = { $count } der { $of } Ports, die `connect()` zuerst probiert, sind belegt
evidence-no-port = kein Port ist mehr frei
evidence-fills = { $rate } neue Verbindungen pro Sekunde belegen den Rest in { $time }
evidence-fills-in = in { $time }
evidence-failed = { $count ->
    [one] 1 Verbindungsversuch fand keinen, sagt der Rekorder; das war vor { $time }
   *[other] { $count } Verbindungsversuche fanden keinen, sagt der Rekorder; der letzte vor { $time }
}
evidence-udp = { $count } von { $of } Ports haben einen UDP-Socket

evidence-binds-late = { $late } von { $count } Verbindungen von { $source } zu { $remote } haben { $parity ->
    [odd] ungerade
   *[even] gerade
} Ports, die `connect()` zuletzt nimmt und `bind()` zuerst
evidence-usual-source = nach den Routen wäre ihre Quelladresse { $usual }
evidence-bound-silent = { $count ->
    [one] 1 Socket: { $ends }
   *[other] { $count } Sockets: { $ends }
}

evidence-held-for = { $holder } hält ihn seit { $time }
evidence-tenant-ended = der Prozess { $pid }, für den er genommen wurde, ist beendet
evidence-nobody-listens = niemand lauscht dort

evidence-listens = { $who } lauscht auf { $places }, innerhalb von { $range }
evidence-assigned = { $port } ist { $name } zugewiesen
evidence-unofficial = { $port } ist inoffiziell als { $name } bekannt
evidence-overlaps = { $program } läuft, und { $range } überschneidet sich mit { $block }
evidence-range = { $setting } ist { $range }
evidence-few = { $count ->
    [one] { $range } hat 1 Port, die reservierten nicht mitgezählt
   *[other] { $range } hat { $count } Ports, die reservierten nicht mitgezählt
}
evidence-reserved-row = { $count } reservierte Ports am Stück: { $block }; was dorthin gerät, bekommt { $behind } oder einen der Ports dahinter
evidence-one-parity = von { $of } Ports, die vergeben werden können, haben { $count } die Parität, die `connect()` zuerst probiert

evidence-events-lost = { $count ->
    [one] der Rekorder (PID { $pid }) hat seit seinem Start 1 Ereignis verloren
   *[other] der Rekorder (PID { $pid }) hat seit seinem Start { $count } Ereignisse verloren
}
evidence-disk-delayed = was geschieht, wartet im Speicher: { $why }
evidence-disk-stopped = nichts wird aufgezeichnet: { $why }

evidence-loopback = { $count ->
    [one] seine einzige Verbindung kommt von Loopback
   *[other] alle seine { $count } Verbindungen kommen von Loopback
}
evidence-shared = auf { $end } lauschen zugleich { $programs }
evidence-no-process = { $count ->
    [0] kein Prozess hat einen Deskriptor davon; keine Verbindung wartet darauf, angenommen zu werden
    [one] kein Prozess hat einen Deskriptor davon; 1 Verbindung wartet darauf, angenommen zu werden
   *[other] kein Prozess hat einen Deskriptor davon; { $count } Verbindungen warten darauf, angenommen zu werden
}
evidence-opener-ended = { $opener } öffnete ihn und ist beendet
evidence-queue-full = { $count ->
    [one] 1 Verbindung wartet darauf, angenommen zu werden, bei einem Backlog von { $backlog }; es lauscht: { $who }
   *[other] { $count } Verbindungen warten darauf, angenommen zu werden, bei einem Backlog von { $backlog }; es lauscht: { $who }
}
evidence-overflows = { $count ->
    [one] 1 Verbindung fand eine Warteschlange voll; gerade eben: { $now }
   *[other] { $count } Verbindungen fanden eine Warteschlange voll, { $now } davon gerade eben
}
evidence-somaxconn = { $setting } erlaubt { $most }

evidence-conntrack = { $count ->
    [one] 1 Eintrag; die Grenze ist { $setting }
   *[other] { $count } Einträge; die Grenze ist { $setting }
}
evidence-conntrack-waiting = { $count ->
    [one] 1 davon ist in `TIME_WAIT`, was hier { $seconds } s dauert
   *[other] { $count } davon sind in `TIME_WAIT`, was hier { $seconds } s dauert
}
evidence-nat-pool = { $count } von { $of } { $proto }-Ports sind benutzt
evidence-system-files = { $count } Dateien sind offen; die Grenze ist { $setting }
evidence-process-files = { $count } Deskriptoren sind offen; die Grenze ist { $of }

evidence-close-wait = { $count ->
    [one] 1 Verbindung in CLOSE-WAIT, von { $local } zu { $remote }
   *[other] { $count } Verbindungen in CLOSE-WAIT, die erste von { $local } zu { $remote }
}
evidence-went-out = { $count ->
    [one] 1 Verbindung in TIME-WAIT, die von hier ausging: Unsere Programme schließen zuerst, also belegt sie einen flüchtigen Port
   *[other] { $count } Verbindungen in TIME-WAIT, die von hier ausgingen: Unsere Programme schließen zuerst, also belegt jede einen flüchtigen Port
}
evidence-came-in = { $count ->
    [one] 1 Verbindung in TIME-WAIT, die hereinkam: Unsere Server schließen zuerst; das belegt keinen unserer flüchtigen Ports
   *[other] { $count } Verbindungen in TIME-WAIT, die hereinkamen: Unsere Server schließen zuerst; das belegt keinen unserer flüchtigen Ports
}
evidence-clients-wait = { $count ->
    [0] keine Verbindung von Clients in TIME-WAIT
    [one] 1 Verbindung von Clients in TIME-WAIT
   *[other] { $count } Verbindungen von Clients in TIME-WAIT
}
evidence-buckets = { $count ->
    [one] 1 Socket in TIME-WAIT; die Grenze ist { $setting }
   *[other] { $count } Sockets in TIME-WAIT; die Grenze ist { $setting }
}
evidence-skipped = { $count ->
    [one] 1 Verbindung übersprang es seit dem Start der Maschine
   *[other] { $count } Verbindungen übersprangen es seit dem Start der Maschine
}
