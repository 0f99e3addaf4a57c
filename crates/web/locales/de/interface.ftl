# Was jede Seite hat.

skip-to-content = Zum Inhalt springen
nav-label = Seiten
nav-chart = Karte
nav-list = Sockets
nav-watch = Live
nav-room = Platz
nav-doctor = Diagnose
nav-leases = Leases
search-label = Port, Dienst oder Wörter suchen
search-button = Suchen
theme-label = Tag oder Nacht
footer-about = Diese Maschine selbst liefert diese Seite: Nichts wird von anderswo geladen, und niemand erfährt, dass Sie dies lesen.

chart-title = Die Karte aller Ports

port-heading = Port { $port }
breadcrumb-label = Wo Sie sind
breadcrumb-ports = Ports

column-proto = Protokoll
column-state = Zustand
column-local = Lokal
column-remote = Gegenstelle
column-owner = Besitzer
column-user = Benutzer
column-place = Wo

languages-label = Sprachen

column-role = Was er tut
column-from = Von
column-lasted = Dauer
column-ended = Ende
column-time = Zeit
column-event = Ereignis
column-ends = Enden
column-outcome = Ergebnis
column-page = Seite
column-languages = Sprachen
column-last = Zuletzt

list-title = Sockets
list-count = { $count ->
    [0] Kein Socket ist so.
    [one] Ein Socket.
   *[other] { $count } Sockets.
}
list-more = { $count ->
    [one] Ein weiterer ist nicht zu sehen: Filtern zeigt ihn.
   *[other] { $count } weitere sind nicht zu sehen: Filtern zeigt sie.
}
list-hidden = Manche haben Besitzer, die Sie nicht sehen dürfen und die auch gemeint sein können.
filter-port = Port
filter-process = Prozess
filter-user = Benutzer
filter-unit = Unit
filter-container = Container
filter-state = Zustand
filter-proto = Protokoll
filter-sort = Reihenfolge
filter-listening = Nur die, die auf andere warten
filter-button = Zeigen
sort-port = Port
sort-local = Lokales Ende
sort-remote = Fernes Ende
sort-state = Zustand
sort-pid = Prozessnummer
sort-process = Prozess
sort-user = Benutzer
sort-recv-q = Wartet auf das Lesen
sort-send-q = Wartet auf das Senden

watch-title = Was geschieht
watch-about = Binden, Verbinden, Annehmen und Schließen, sobald es geschieht. Ohne Skripte laden Sie die Seite neu, um mehr zu sehen.
watch-live = Es wird zugesehen.
watch-lost = Nicht live: Was geschieht, lässt sich gerade nicht verfolgen. In einigen Sekunden wird es wieder versucht.
watch-again = Es wird wieder zugesehen. Dazwischen kann etwas entgangen sein.
watch-missed = Einige Ereignisse fehlen: Es waren zu viele auf einmal.
verb-listen = lauscht
verb-connect = verbindet
verb-incoming = kommt herein
verb-bind = bindet
verb-accept = nimmt an
verb-take = übernimmt
verb-close = schließt
verb-fail = scheitert

search-title = Suche
search-hint = Eine Nummer, der Name eines Dienstes oder Wörter: 60440, ssh, message queue.
search-for = Gefunden zu „{ $asked }“
search-nothing = Nichts im Register ist so.
search-more = { $count ->
    [one] Eines mehr ist nicht zu sehen.
   *[other] { $count } mehr sind nicht zu sehen.
}
unofficial = inoffiziell

feedback-question = War diese Seite hilfreich?
face-sad = Nein
face-doubtful = Nicht sicher
face-glad = Ja
feedback-thanks = Danke. Sie können das jederzeit ändern.
feedback-failed = Das ließ sich nicht speichern. Versuchen Sie es in einer Minute noch einmal.
feedback-title = Was Leser sagten
feedback-none = Noch hat niemand etwas gesagt.
feedback-order = Die Seiten, die am wenigsten halfen, stehen zuerst.

sign-in-title = Anmelden
sign-in-why = Von anderswo dürfen nur die diese Maschine ansehen, die ihr Token haben.
sign-in-token = Token
sign-in-button = Anmelden
sign-in-wrong = Das ist nicht das Token.
