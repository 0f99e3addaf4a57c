# Die Karte im Terminal.

card-system-ports = { $many ->
    [one] System-Port
   *[many] System-Ports
}
card-user-ports = { $many ->
    [one] User-Port
   *[many] User-Ports
}
card-dynamic-ports = { $many ->
    [one] dynamischer Port
   *[many] dynamische Ports
}
card-mixed-ports = Ports mehrerer Gebiete

card-territory = Gebiet
card-this-host = Dieser Host
card-elsewhere = Anderswo
card-host = Host
card-service = Dienst

card-territory-system = System Ports { $range }: von der IANA über die IETF zugewiesen (RFC 6335)
card-territory-user = User Ports { $range }: von der IANA auf Antrag zugewiesen (RFC 6335)
card-territory-dynamic = Dynamic Ports { $range }: hier weist die IANA nichts zu (RFC 6335)
card-unread = die Einstellungen ließen sich nicht lesen
card-outside = außerhalb des Bereichs flüchtiger Ports { $range }
card-reserved = im Bereich flüchtiger Ports { $range }, aber reserviert: wird nie vergeben
card-inside = { $many ->
    [one] im Bereich flüchtiger Ports { $range }: jede ausgehende Verbindung kann ihn bekommen
   *[many] im Bereich flüchtiger Ports { $range }: jede ausgehende Verbindung kann einen davon bekommen
}
card-partly-reserved = im Bereich flüchtiger Ports { $range }, teils reserviert
card-partly-inside = { $inside } von { $all } im Bereich flüchtiger Ports { $range }
card-privileged = ; Ports unter { $start } zu binden braucht besondere Rechte
card-elsewhere-on = standardmäßig flüchtig unter { $systems }
card-other-host = { $host } wurde nicht angesehen: Das Folgende gilt für diese Maschine
card-none-assigned = keiner zugewiesen
card-unofficial = — inoffiziell, nicht von der IANA
card-registry = { $count ->
    [one] 1 Zeile im Register: portolan registry { $span }
   *[other] { $count } Zeilen im Register: portolan registry { $span }
}

card-now = JETZT
card-no-socket = kein Socket
card-sockets = { $count ->
    [one] 1 Socket
   *[other] { $count } Sockets
}
card-more-sockets = und { $count } weitere: portolan ls --port { $target }
card-nobodys-socket = ein Socket ohne Prozess
card-listens = { $many ->
    [one] { $who } lauscht darauf
   *[many] { $who } lauscht auf einigen davon
}
card-bound = { $who } hat ihn gebunden und lauscht nicht
card-incoming = { $count ->
    [one] 1 Verbindung kam darauf herein
   *[other] { $count } Verbindungen kamen darauf herein
}
card-outgoing-one = eine ausgehende Verbindung von { $who } hat ihn
card-outgoing = { $count } Verbindungen von { $who } gingen davon aus
card-connected = { $count ->
    [one] 1 Verbindung von { $who } hat ihn
   *[other] { $count } Verbindungen von { $who } haben ihn
}
card-connected-nobody = { $count ->
    [one] 1 Verbindung ohne Prozess hat ihn
   *[other] { $count } Verbindungen ohne Prozess haben ihn
}
card-lingers = { $count ->
    [one] 1 Verbindung ist geschlossen und darauf noch in TIME-WAIT
   *[other] { $count } Verbindungen sind geschlossen und darauf noch in TIME-WAIT
}
card-queued = { $count ->
    [one] 1 Verbindung von dort wartet hier darauf, angenommen zu werden
   *[other] { $count } Verbindungen von dort warten hier darauf, angenommen zu werden
}
card-client-over = { $count ->
    [one] 1 Verbindung von hier dorthin ist geschlossen, in TIME-WAIT
   *[other] { $count } Verbindungen von hier dorthin sind geschlossen, in TIME-WAIT
}
card-client = { $who } ist von hier aus damit verbunden
card-client-nobody = { $count ->
    [one] 1 Verbindung von hier dorthin hat keinen Prozess
   *[other] { $count } Verbindungen von hier dorthin haben keinen Prozess
}
card-talks-over = { $count ->
    [one] 1 Verbindung zu jemandes { $ports } ist geschlossen, in TIME-WAIT
   *[other] { $count } Verbindungen zu jemandes { $ports } sind geschlossen, in TIME-WAIT
}
card-talks = { $who } spricht mit jemandes { $ports }
card-talks-nobody = { $count ->
    [one] 1 Verbindung zu jemandes { $ports } hat keinen Prozess
   *[other] { $count } Verbindungen zu jemandes { $ports } haben keinen Prozess
}
card-hidden-process = ein Prozess, der Ihnen verborgen ist
card-hidden-by = ein Prozess, der Ihnen verborgen ist (sein Socket stammt von { $user })
card-and-hidden = { $who } und ein Prozess, der Ihnen verborgen ist
card-with-others = { $count ->
    [one] { $who } mit 1 weiteren
   *[other] { $who } mit { $count } weiteren
}
card-hidden = verborgen
card-hidden-maybe = verborgen, vielleicht { $who }
card-gone = beendet
card-kernel = Kernel
card-unaccepted = noch nicht angenommen
card-unaccepted-by = noch nicht angenommen von { $who }
card-not-seen = nicht gesehen
card-since = seit { $since }
card-by = gestartet von { $parents }

card-free = FREI
card-free-of = { $free } von { $all } haben keinen Socket
card-first-free = ; der erste ist { $port }

card-bind = BINDEN
card-yes = ja
card-no = nein
card-unknown = unbekannt
card-for = für { $proto }
card-for-on = für { $proto } auf { $addresses }
card-not-tried = für { $proto } nicht versucht
card-from-table = nach der Socket-Tabelle gesagt; nicht versucht
card-reason-listening = { $kind ->
    [known] { $who } lauscht darauf
   *[socket] ein Socket lauscht darauf
}
card-reason-dual-stack = { $kind ->
    [known] { $who } hat ihn auch für IPv4, durch einen Dual-Stack-Socket auf ::
   *[socket] ein Dual-Stack-Socket auf :: hat ihn auch für IPv4
}
card-reason-bound-silent = { $kind ->
    [known] { $who } hat ihn gebunden, ohne zu lauschen
   *[socket] ein Socket hat ihn gebunden, ohne zu lauschen
}
card-reason-connected = { $kind ->
    [known] { $who } ist von ihm aus verbunden
   *[socket] eine Verbindung benutzt ihn
}
card-reason-time-wait = { $kind ->
    [known] { $who } ließ ihn nach einer geschlossenen Verbindung in TIME-WAIT
   *[socket] eine geschlossene Verbindung hält ihn in TIME-WAIT
}
card-reason-udp-bound = { $kind ->
    [known] { $who } hat ihn gebunden
   *[socket] ein UDP-Socket hat ihn gebunden
}
card-reason-privileged = Ports unter { $start } sind privilegiert
card-reason-address-absent = dieser Host hat die Adresse nicht
card-reason-family-absent = dieser Host hat die Adressfamilie nicht
card-reason-unseen = etwas, das nicht zu sehen ist, hält ihn
card-reason-refused = der Kernel lehnte ab: { $error }
card-remedy-reuseaddr = SO_REUSEADDR hilft
card-remedy-reuseaddr-perhaps = SO_REUSEADDR hilft nur, wenn der Inhaber es auch gesetzt hat
card-remedy-v6only = IPV6_V6ONLY hilft
card-remedy-wait = SO_REUSEADDR würde nicht helfen; der Kernel gibt ihn von selbst frei
card-remedy-release = SO_REUSEADDR würde nicht helfen
card-remedy-privilege = CAP_NET_BIND_SERVICE oder ein niedrigeres net.ipv4.ip_unprivileged_port_start würde helfen
card-remedy-address = ein aktives Gerät muss sie haben, und IPv6 darf nicht abgeschaltet sein

card-before = VORHER
card-unrecorded = nicht aufgezeichnet: `portolan record` würde es von jetzt an tun
card-forbidden = aufgezeichnet, aber nicht für Sie lesbar, und kein Rekorder läuft, der zu fragen wäre
card-late = es herauszufinden dauert länger: portolan who { $target }
card-failed = die Aufzeichnungen ließen sich nicht lesen: { $why }
card-since-recording = seit Beginn der Aufzeichnung um { $since }
card-last-day = in den letzten 24 h
card-nobody = niemand { $span }
card-nobody-seen = niemand, der gesehen wurde, { $span }
card-only-trials = { $span } so viele Proben von Karten, dass nur `portolan who` den Rest hat
card-tenures = { $kind ->
    [more] mehr als { $count } Belegungen { $span }, die neuesten zuerst
   *[exact] { $count ->
        [one] 1 Belegung { $span }
       *[other] { $count } Belegungen { $span }, die neuesten zuerst
    }
}
card-more-tenures = { $kind ->
    [more] und mehr als { $count } weitere: portolan who { $target }
   *[exact] und { $count } weitere: portolan who { $target }
}
card-more-gaps = davor noch { $count }-mal nicht: portolan who { $target }
card-until-now = jetzt
card-refused = abgelehnt
card-timed-out = Zeit abgelaufen
card-connect-failed = gescheitert
card-listened = lauschte auf { $local }
card-was-bound = gebunden an { $local }
card-gap-before = nicht aufgezeichnet vor { $until }
card-gap-at = nicht aufgezeichnet um { $from }
card-gap-from-to = nicht aufgezeichnet von { $from } bis { $until }
card-gap-since = nicht aufgezeichnet seit { $from }
card-gap-unbegun = die Aufzeichnung hatte nicht begonnen
card-gap-not-running = kein Rekorder lief
card-gap-events-lost = Ereignisse kamen schneller, als sie abgeholt wurden
card-gap-disk = die Platte war voll oder nicht beschreibbar
card-gap-journal = das Ende des Journals war beschädigt und wurde abgeschnitten
card-gap-segment = eine Datei der Aufzeichnungen fehlt oder ist nicht lesbar
card-gap-sampled = was zwischen zwei Blicken kam und ging, kann fehlen
card-sampled-before = nur stichprobenweise aufgezeichnet vor { $until }
card-sampled-at = nur stichprobenweise aufgezeichnet um { $from }
card-sampled-from-to = nur stichprobenweise aufgezeichnet von { $from } bis { $until }
card-sampled-since = nur stichprobenweise aufgezeichnet seit { $from }
card-gap-lost = { $count ->
    [one] , 1 Ereignis verloren
   *[other] , { $count } Ereignisse verloren
}

card-note = Hinweis
card-note-proc-net = aus /proc/net gelesen, weil sock_diag scheiterte ({ $why }): gebundene, aber stille Sockets, cgroups und v6only sind nicht bekannt
card-note-bound-unlisted = TCP-Sockets, die gebunden sind, aber nicht lauschen, listet dieser Kernel nicht (Linux ab 6.8 tut es)
card-note-unreadable = { $count ->
    [one] in 1 Prozess ließ sich nicht hineinsehen; mehr Rechte könnten helfen
   *[other] in { $count } Prozesse ließ sich nicht hineinsehen; mehr Rechte könnten helfen
}
card-note-invisible = es kann Prozesse geben, die in /proc nicht erscheinen: { $why }
card-note-narrowed = { $count ->
    [one] 1 Prozess, der sie kaum hält, wurde nicht durchsucht: --full-walk sieht alle an
   *[other] { $count } Prozesse, die sie kaum halten, wurden nicht durchsucht: --full-walk sieht alle an
}
card-note-netns-unreadable = der Netzwerk-Namensraum { $netns } ließ sich nicht betreten: { $why }
card-note-netns-hidden = { $count ->
    [one] der Netzwerk-Namensraum von 1 Prozess ist nicht bekannt; mehr Rechte könnten helfen
   *[other] der Netzwerk-Namensraum von { $count } Prozessen ist nicht bekannt; mehr Rechte könnten helfen
}
card-note-interrupted = die Socket-Tabelle änderte sich beim Lesen: Eine Zeile kann fehlen oder doppelt sein
card-note-recalled = die Sockets sind die, von denen der Rekorder weiß, so wie der Kernel sie jetzt hat; halb offene Handshakes (SYN-RECV) fehlen
card-note-owners-recalled = die Besitzer sind die, die der Rekorder die Sockets öffnen oder übernehmen sah und die noch laufen: --full-walk sucht, wer sie sonst hält
