# Die Beschriftungen der Seite eines Ports.

what-heading = Was er ist
how-heading = Wie das funktioniert
why-heading = Warum nicht zugewiesene Ports wichtig sind
check-heading = So prüfen Sie es
neighbours-heading = Nachbarn
sources-heading = Quellen

port-heading-proto = Port { $port }, { $proto }
port-protos-label = Protokolle
port-proto-all = Alle Protokolle

fact-territory = Gebiet
fact-territory-system = System Ports { $range }
fact-territory-user = User Ports { $range }
fact-territory-dynamic = Dynamic Ports { $range }
fact-assigned = Zugewiesen an
fact-assigned-none = niemanden
fact-assigned-reserved = niemanden: von der IANA zurückgehalten
fact-unofficial = Inoffiziell genutzt von
fact-host = Dieser Host
fact-host-inside = im Bereich flüchtiger Ports { $range }
fact-host-reserved = im Bereich flüchtiger Ports { $range }, aber reserviert
fact-host-outside = außerhalb des Bereichs flüchtiger Ports { $range }
fact-host-unknown = unbekannt
fact-elsewhere = Anderswo flüchtig
fact-elsewhere-some = { $systems }
fact-elsewhere-none = auf keinem der üblichen Systeme
fact-privilege = Recht zum Binden
fact-privilege-yes = nötig, unterhalb von { $start }
fact-privilege-no = keines nötig

neighbours-below = Der nächste zugewiesene Port darunter
neighbours-above = Der nächste zugewiesene Port darüber
neighbours-none-below = Darunter ist kein Port zugewiesen.
neighbours-none-above = Darüber ist kein Port zugewiesen.
neighbours-previous = Port { $port }
neighbours-next = Port { $port }

sources-manual = Handbuchseiten: { $pages }

copy-button = Kopieren
copy-done = Kopiert
check-prints = Was es hier gerade ausgibt
check-prints-nothing = Hier gibt es gerade nichts aus.
check-example = Ein Beispiel im Format dieses Werkzeugs, aus den Sockets dieses Hosts
check-example-nothing = Kein Socket dieses Hosts stünde gerade darin.

missing-title = Diesen Port gibt es nicht
missing-number = { $read } ist kein Port: Sie reichen von 0 bis 65535.
missing-name = Nichts heißt „{ $read }“: weder ein Port noch ein Dienst im Register der IANA.
missing-proto = „{ $read }“ ist kein Protokoll mit Ports: Es gibt TCP, UDP, SCTP und DCCP.
missing-page = Eine Seite { $read } gibt es hier nicht.
missing-nothing = Hier ist nichts
missing-guess = Meinten Sie einen von diesen?
missing-search = Oder suchen Sie nach einer Nummer, einem Namen oder einem Wort.
missing-cut = { $port }, ohne die letzte Ziffer
missing-wrapped = { $port }, was in sechzehn Bit davon übrig bleibt
missing-last = { $port }, der höchste Port
