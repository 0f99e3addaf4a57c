# Wie viel Platz für Verbindungen bleibt, und was sie sonst begrenzt.

room-title = Platz für Verbindungen
room-about = Wie viele Ports zu jedem Ziel belegt sind, von denen, die eine Verbindung dorthin bekommen kann. Was zuerst wehtut, steht zuerst.
room-open = { $open } von { $all } Ports können an Verbindungen vergeben werden; der Bereich ist { $range }.
room-reserved = { $count ->
    [one] Einer ist reserviert.
   *[other] { $count } sind reserviert.
}
room-closed = { $count ->
    [one] Einer scheidet aus: Ein Socket ist daran gebunden oder lauscht darauf.
   *[other] { $count } scheiden aus: Sockets sind daran gebunden oder lauschen darauf.
}
room-udp = { $count ->
    [0] UDP hat keinen.
    [one] UDP hat einen.
   *[other] UDP hat { $count }.
}
room-none = Von keinem Port des Bereichs geht eine Verbindung aus.
room-more = { $count ->
    [one] Ein weiteres Ziel ist nicht zu sehen.
   *[other] { $count } weitere Ziele sind nicht zu sehen.
}
column-fill = Füllstand
column-taken = Belegt
column-waiting = In TIME-WAIT
column-rate = Neu pro Sekunde
column-full-in = Voll in
column-source = Quelle
column-destination = Ziel
column-held-by = Gehalten von
column-last-hour = Die letzte Stunde
room-of = { $taken } von { $of }
room-full = jetzt
room-later = über einem Tag
room-never = nie
room-near = nahe der Klippe
room-past = jenseits der Klippe
room-cliff = Jenseits der Klippe: Von je zwei Ports probiert connect() einen zuerst, und von diesen ist keiner mehr frei; so probiert jedes Verbinden die Hälfte des Bereichs vergeblich. `portolan room --probe` misst, was das kostet, `portolan pilot` behebt es.
room-unserved = { $count ->
    [one] Ein Verbindungsversuch von { $source } zu { $remote } fand keinen Port, wie aufgezeichnet.
   *[other] { $count } Verbindungsversuche von { $source } zu { $remote } fanden keinen Port, wie aufgezeichnet.
}
room-hour = von { $least } bis { $most } Ports
room-unrecorded = nicht aufgezeichnet
room-rates-log = Raten der letzten Minuten, wie aufgezeichnet.
room-rates-looks = Raten aus zwei Blicken und aus dem, was in TIME-WAIT ist; ein Rekorder wüsste es besser.
room-rates-none = Wie schnell Verbindungen begonnen werden, ist nicht bekannt.
holder-time-wait = niemand: TIME-WAIT
holder-kernel = der Kernel
holder-hidden = Ihnen verborgen

limits-heading = Was Verbindungen sonst begrenzt
column-used = Benutzt
column-what = Was
column-whose = Wessen
column-set-by = Festgelegt durch
limit-time-wait-buckets = Sockets in TIME-WAIT
limit-conntrack = verfolgte Verbindungen
limit-listen-queue = Listen-Warteschlange
limit-nat-pool = NAT-Ports
limit-system-files = offene Dateien, alle
limit-process-files = offene Dateien eines Prozesses
limits-unlimited = keine Grenze
limits-overflows = { $count ->
    [one] Eine Verbindung fand seit dem Start dieser Maschine eine Listen-Warteschlange voll.
   *[other] { $count } Verbindungen fanden seit dem Start dieser Maschine eine Listen-Warteschlange voll.
}
limits-skipped = { $count ->
    [one] Eine Verbindung übersprang aus Platzmangel TIME-WAIT.
   *[other] { $count } Verbindungen übersprangen aus Platzmangel TIME-WAIT.
}
limits-untracked = Eine Tabelle verfolgter Verbindungen ist nicht vorhanden oder nicht zu sehen.
