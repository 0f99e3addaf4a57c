# Die lebenden Teile der Seite eines Ports.

now-heading = Jetzt
now-none = Kein Socket hat ihn.
now-count = { $count ->
    [one] Ein Socket.
   *[other] { $count } Sockets.
}
now-more = { $count ->
    [one] Einer mehr ist nicht zu sehen.
   *[other] { $count } mehr sind nicht zu sehen.
}
role-listens = lauscht
role-bound = hat ihn gebunden
role-incoming = kam herein
role-outgoing = ging hinaus
role-connected = verbunden
role-lingers = geschlossen, klingt nach
role-client = von hier aus verbunden
role-talks = spricht anderswo damit
who-hidden = Ihnen verborgen
who-maybe = vielleicht { $name }
who-gone = beendet
who-kernel = der Kernel
who-unaccepted = noch nicht angenommen
who-unseen = nicht gesehen
process-since = seit { $time }
process-by = gestartet von

bind-heading = Kann ich ihn binden?
answer-yes = Ja
answer-no = Nein
answer-unknown = Vielleicht
bind-answer = { $everywhere ->
    [yes] für { $proto }
   *[no] für { $proto } auf { $addresses }
}
bind-holder = { $others ->
    [0] { $name }
    [one] { $name } und ein weiterer
   *[other] { $name } und { $others } weitere
}
bind-holder-hidden = ein Prozess, der Ihnen verborgen ist,
bind-holder-nobody = ein Socket ohne Prozess
bind-reason-listening = { $who } lauscht darauf
bind-reason-dual-stack = { $who } hat ihn auch für IPv4, durch einen Dual-Stack-Socket auf ::
bind-reason-bound-silent = { $who } hat ihn gebunden, ohne zu lauschen
bind-reason-connected = { $who } ist von ihm aus verbunden
bind-reason-time-wait = { $who } ließ ihn nach einer geschlossenen Verbindung in TIME-WAIT
bind-reason-udp-bound = { $who } hat ihn gebunden
bind-reason-privileged = so niedrige Ports brauchen besondere Rechte
bind-reason-address-absent = dieser Host hat die Adresse nicht
bind-reason-family-absent = dieser Host hat die Adressfamilie nicht
bind-reason-unseen = etwas, das nicht zu sehen ist, hält ihn
bind-reason-refused = der Kernel lehnte ab
bind-remedy-reuseaddr = SO_REUSEADDR hilft
bind-remedy-reuseaddr-perhaps = SO_REUSEADDR hilft nur, wenn der Inhaber es auch gesetzt hat
bind-remedy-v6only = IPV6_V6ONLY hilft
bind-remedy-wait = SO_REUSEADDR würde nicht helfen; der Kernel gibt ihn von selbst frei
bind-remedy-release = SO_REUSEADDR würde nicht helfen
bind-remedy-privilege = CAP_NET_BIND_SERVICE oder ein niedrigeres net.ipv4.ip_unprivileged_port_start würde helfen
bind-remedy-address = ein aktives Gerät muss sie haben, und IPv6 darf nicht abgeschaltet sein
bind-told = Nach der Socket-Tabelle für den Prozess gesagt, der diese Seite liefert; gebunden wurde dafür nichts. portolan PORT versucht es wirklich.

before-heading = Vorher
before-unrecorded = Nicht aufgezeichnet: portolan record würde es von jetzt an tun.
before-forbidden = Aufgezeichnet, aber für diesen Dienst nicht lesbar, und kein Rekorder läuft, der zu fragen wäre.
before-late = Es herauszufinden dauert länger.
before-load = Zeigen, wer ihn vorher hatte
before-spans = Zeit
span-hour = Stunde
span-day = Tag
span-week = Woche
span-month = Monat
zoom-earlier = Früher
zoom-in = Näher
zoom-out = Weiter
zoom-later = Später
before-count = { $count ->
    [0] In dieser Zeit hatte ihn niemand.
    [one] In dieser Zeit hatte ihn ein Socket.
   *[other] In dieser Zeit hatten ihn { $count } Sockets.
}
before-unknown = Unbekannt: Diese Zeit wurde nicht oder nicht ganz aufgezeichnet.
before-more = Das sind die neuesten; es waren mehr.
was-bound = gebunden
was-listening = lauschte
was-outgoing = ging hinaus
was-incoming = kam herein
ended-closed = geschlossen
ended-time-wait = geschlossen, TIME-WAIT
ended-fin-wait = geschlossen, FIN-WAIT-2
ended-fin-wait-briefly = geschlossen, FIN-WAIT-2
ended-aborted = von uns zurückgesetzt
ended-reset = von der Gegenstelle zurückgesetzt
ended-refused = abgelehnt
ended-timed-out = Zeit abgelaufen
ended-failed = gescheitert
ended-unseen = Ende nicht gesehen
ended-not = noch offen
gap-before = Nicht aufgezeichnet vor { $time }.
gap-not-running = Nicht aufgezeichnet:
gap-events-lost = Ereignisse gingen verloren:
gap-disk-full = Die Platte war voll:
gap-journal-cut = Das Journal wurde abgeschnitten:
gap-segment-lost = Aufzeichnungen fehlen oder sind nicht lesbar:
gap-sampled = Nur stichprobenweise:
gap-lasts = jetzt
