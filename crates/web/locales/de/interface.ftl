# Was jede Seite hat.

skip-to-content = Zum Inhalt springen
nav-label = Seiten
nav-chart = Karte
nav-list = Sockets
nav-watch = Live
nav-registry = Register
search-label = Port, Dienst oder Wörter suchen
search-button = Suchen
theme-label = Farben
footer-about = Diese Maschine selbst liefert die Seite, und nur Ihnen: Nichts wird von anderswo geladen, und niemand erfährt, dass Sie dies lesen.

chart-title = Die Karte aller Ports
chart-listening = Hier lauschen

port-heading = Port { $port }
breadcrumb-label = Wo Sie sind
breadcrumb-ports = Ports

now-heading = Jetzt
now-none = Kein Socket hat ihn.
bind-heading = Kann ich ihn binden?
before-heading = Vorher

column-proto = Protokoll
column-state = Zustand
column-local = Lokal
column-remote = Gegenstelle
column-owner = Besitzer
column-user = Benutzer
column-place = Wo

languages-label = Sprachen
