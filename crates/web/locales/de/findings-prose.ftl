# Was die Diagnose finden kann: warum es wichtig ist, was hilft und was das kostet.

finding-listener-in-range-why = Solange der Server nicht läuft, beim nächsten Neustart oder beim nächsten Hochfahren der Maschine, kann jede ausgehende Verbindung seinen Port bekommen. Der Server scheitert dann mit `Address already in use`, zufällig und selten, bis die Verbindung weg und ihr TIME-WAIT vorüber ist. Einem Server, der einen beliebigen Port verlangt hat (an Port 0 bindet), macht das nichts aus.
finding-listener-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`, oder einen Port außerhalb des Bereichs einstellen
finding-listener-in-range-price = ein Port weniger für Verbindungen zu jedem Ziel, solange der Server nicht läuft; keiner, solange er läuft, denn dann übergeht der Kernel seinen Port ohnehin

finding-assigned-service-in-range-why = Der Dienst ist auf diesem Port zu Hause: Clients, Firewalls und andere Maschinen erwarten ihn dort. Er kann also nicht ausweichen, wenn eine Verbindung den Port bekommt, während er nicht läuft.
finding-assigned-service-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`, oder ein Bereich, der oberhalb des Dienstes beginnt
finding-assigned-service-in-range-price = ein Port weniger für jeden Dienst; bei einem kleineren Bereich so viele, wie er kleiner wird

finding-known-block-in-range-why = Die Software geht davon aus, dass niemand sonst ihren Block von Ports benutzt: kube-proxy öffnet NodePorts, wenn ein Service angelegt wird, mosh nimmt einen Port für jede Sitzung, libvirt einen für jede Migration. Hat inzwischen eine Verbindung einen davon bekommen, scheitert das.
finding-known-block-in-range-fix = `portolan range set LO-HI --persist` mit einem Bereich neben dem Block
finding-known-block-in-range-price = die Ports des Blocks werden nicht mehr an Verbindungen vergeben

finding-range-begins-below-1024-why = Gewöhnliche Verbindungen bekommen Ports von Diensten, die root betreibt, etwa ssh und DNS, und blockieren diese beim nächsten Neustart; Gegenstellen, die einen niedrigen Port für ein Zeichen von root halten (NFS, rsh), werden getäuscht.
finding-range-begins-below-1024-fix = `portolan range set 32768-60999 --persist`
finding-range-begins-below-1024-price = weniger Ports für Verbindungen: die unter 1024

finding-small-range-why = Von einer Adresse zu einem Ziel können nur so viele Verbindungen zugleich offen sein, die in TIME-WAIT mitgezählt; und ein eben benutzter Port kommt bald wieder, worauf das TIME-WAIT einer Gegenstelle oder einer Firewall mit Schweigen antwortet.
finding-small-range-fix = `portolan range set 32768-60999 --persist`, oder weniger Ports in `net.ipv4.ip_local_reserved_ports`
finding-small-range-price = die hinzukommenden Ports können die von Servern sein: Welche, zeigt `portolan range set`

finding-destination-filling-why = Ab der Hälfte wird `connect()` 50- bis 200-mal langsamer: Es probiert zuerst die Ports einer Parität (gerade oder ungerade), und die sind fast aufgebraucht.
finding-destination-filling-fix = Verbindungen wiederverwenden (Keep-alive, ein Pool), sie auf weitere Adressen des Ziels oder weitere eigene verteilen, oder `connect()` schnell halten: `portolan pilot`
finding-destination-filling-price = ein Pool hält beim Server ungenutzte Verbindungen offen; weitere Adressen müssen geroutet werden; `portolan pilot` braucht root oder eine Bibliothek im Programm

finding-destination-past-cliff-why = Jedes Verbinden probiert die Hälfte des Bereichs vergeblich, bevor es die andere Hälfte probiert: etwa eine Millisekunde Prozessorzeit statt weniger Mikrosekunden, und das mit gehaltener Sperre, sodass auch das Verbinden auf anderen Prozessoren wartet.
finding-destination-past-cliff-fix = `portolan pilot run -- PROGRAM` oder `portolan pilot on`; siehe auch `destination-filling`
finding-destination-past-cliff-price = Sockets, die durch `portolan pilot` gehen, zeigen `SO_REUSEADDR`; Ports, die es bindet, werden beim Verbinden ohne `portolan pilot` übergangen

finding-exhaustion-within-a-day-why = `connect()` scheitert dann mit `Cannot assign requested address` (`EADDRNOTAVAIL`), und zwar für jedes Programm, das von dieser Adresse aus dorthin will.
finding-exhaustion-within-a-day-fix = herausfinden, was die Verbindungen öffnet (`portolan room` nennt es), und dafür sorgen, dass es sie schließt oder wiederverwendet; oder Quelladressen hinzufügen: `portolan range plan`
finding-exhaustion-within-a-day-price = hängt vom Programm ab; jede Quelladresse bringt zu jedem Ziel einen ganzen Bereich hinzu

finding-udp-ports-full-why = Ein UDP-Port wird an einen einzigen Socket vergeben, ganz gleich, mit wem der spricht: Sind alle belegt, kann auf dieser Maschine nichts mehr einen Namen auflösen.
finding-udp-ports-full-fix = herausfinden, wer sie hält: `portolan ls -u --sort process`
finding-udp-ports-full-price = nichts

finding-binds-source-address-why = Der Kernel muss den Port bei `bind()` wählen, bevor er das Ziel kennt: Jede solche Verbindung nimmt ihren Port allen anderen weg, zu allen Zielen. So reicht der Bereich für 28.000 Verbindungen insgesamt statt für 28.000 zu jedem Ziel.
finding-binds-source-address-fix = im Programm `IP_BIND_ADDRESS_NO_PORT` setzen: nginx, HAProxy und Envoy tun es oder haben eine Option dafür
finding-binds-source-address-price = `bind()` verrät den Port nicht mehr: Das tut `getsockname()` nach `connect()`

finding-binds-before-connect-why = Der Port wird gewählt, bevor das Ziel bekannt ist, und damit allen weggenommen, zu allen Zielen: siehe `binds-source-address`. Außerdem sucht `bind()` einen Port, den überhaupt niemand hat, und scheitert mit `EADDRINUSE`, wo `connect()` noch Tausende fände.
finding-binds-before-connect-fix = `bind()` weglassen: `connect()` wählt von selbst einen Port
finding-binds-before-connect-price = nichts

finding-close-wait-pile-why = CLOSE-WAIT heißt, dass das ferne Ende fertig ist und unser Programm seinen Deskriptor nicht geschlossen hat. Es endet nicht von selbst: Jede solche Verbindung behält ihren Port, einen Deskriptor und Speicher, bis das Programm sie schließt oder endet. Viele davon sind ein Leck.
finding-close-wait-pile-fix = das Programm schließen lassen, wovon `read()` das Ende meldet; bis dahin das Programm neu starten
finding-close-wait-pile-price = ein Neustart beendet auch seine anderen Verbindungen

finding-bound-never-listening-why = Er hält den Port von allen fern, und `ss` und `netstat` zeigen ihn nicht: Wer den Port will, bekommt `Address already in use`, und niemand ist zu sehen, an dem es liegt.
finding-bound-never-listening-fix = den Autor des Programms fragen oder den Prozess beenden
finding-bound-never-listening-price = was der Prozess tut, endet mit ihm

finding-time-wait-pile-why = Wer zuerst schließt, behält den Port eine Minute lang, damit verspätete Segmente nicht für solche der nächsten Verbindung gehalten werden. Das ist gesund; aber ein Client, der zuerst schließt, kann zu einem Ziel nur `range / 60` Verbindungen pro Sekunde haben, standardmäßig 470.
finding-time-wait-pile-fix = den Server zuerst schließen lassen oder Verbindungen offen halten (Keep-alive, ein Pool)
finding-time-wait-pile-price = dann hat der Server das TIME-WAIT, auf seinem eigenen Port, wo es `connect()` nichts wegnimmt

finding-tw-reuse-everywhere-why = 1 verleiht sie zu jeder Gegenstelle, deren Zeitstempel erkennen lassen, welche Segmente alt und welche neu sind; 2, die Voreinstellung, nur zu Loopback; 0 nie. Es hilft Clients, die zuerst schließen, bewirkt nichts für Server und lässt Verbindungen scheitern, wo ein NAT oder ein Lastverteiler auf dem Weg Hosts mit verschiedenen Zeitstempeln hinter eine Adresse stellt.
finding-tw-reuse-everywhere-fix = falls niemand es so wollte: `sysctl -w net.ipv4.tcp_tw_reuse=2`
finding-tw-reuse-everywhere-price = mit 2 ruhen Ports die ganze Minute, sodass weniger Verbindungen pro Sekunde möglich sind. Die Dokumentation des Kernels warnt davor, das ohne Rat oder Bitte technischer Fachleute zu ändern.

finding-tw-reuse-off-why = Nicht einmal zu Loopback, wo sich nie etwas verspätet, werden Ports in TIME-WAIT verliehen. Seit Linux 4.19 ist die Voreinstellung 2, also nur Loopback.
finding-tw-reuse-off-fix = `sysctl -w net.ipv4.tcp_tw_reuse=2`, die Voreinstellung des Kernels
finding-tw-reuse-off-price = nichts Bekanntes, solange es nur um Loopback geht. Die Dokumentation des Kernels warnt davor, das ohne Rat oder Bitte technischer Fachleute zu ändern.

finding-time-wait-buckets-full-why = Über `tcp_max_tw_buckets` hinaus überspringen Verbindungen TIME-WAIT, und ihre Ports sind sofort frei: Verspätete Segmente können für solche der nächsten Verbindung gehalten werden.
finding-time-wait-buckets-full-fix = `sysctl -w net.ipv4.tcp_max_tw_buckets=TWICE`
finding-time-wait-buckets-full-price = etwa 300 Byte Speicher für jeden Socket

finding-conntrack-nearly-full-why = Ist sie voll, werden die Pakete neuer Verbindungen verworfen, stillschweigend bis auf `nf_conntrack: table full, dropping packet` im Log des Kernels. Einträge überdauern die Verbindungen: bei `TIME_WAIT` zwei Minuten, bei aufgebauten Verbindungen fünf Tage.
finding-conntrack-nearly-full-fix = `sysctl -w net.netfilter.nf_conntrack_max=TWICE`, wobei `TWICE` das Doppelte des jetzigen Werts ist, und `nf_conntrack_buckets` ein Viertel davon
finding-conntrack-nearly-full-price = etwa 400 Byte Speicher für jeden benutzten Eintrag

finding-nat-pool-nearly-full-why = Verbindungen, die mit dieser Adresse hinausgehen, bekommen einen ihrer Ports, der zu ihrem Ziel frei ist. Wo keiner frei ist, werden sie verworfen.
finding-nat-pool-nearly-full-fix = auf einen Bereich von Adressen übersetzen: `--to-source FIRST-LAST`
finding-nat-pool-nearly-full-price = die weiteren Adressen müssen hierher geroutet werden

finding-reserved-ports-skew-why = `connect()` übergeht reservierte Ports einen nach dem anderen, und wenn es im Block landet, nimmt es einen der Ports gleich dahinter: Diese kommen immer wieder, und bald nach ihrer letzten Benutzung. Nur Ports einer Parität zu reservieren rückt die Klippe näher.
finding-reserved-ports-skew-fix = ein Bereich, der vor dem Block endet oder dahinter beginnt: `portolan range set LO-HI --persist`
finding-reserved-ports-skew-price = die Ports auf der anderen Seite des Blocks werden nicht mehr vergeben

finding-listener-only-loopback-talks-to-why = Er ist aus jedem Netz erreichbar, in dem diese Maschine ist, obwohl ihn dort niemand zu brauchen scheint.
finding-listener-only-loopback-talks-to-fix = das Programm auf `127.0.0.1` und `[::1]` lauschen lassen
finding-listener-only-loopback-talks-to-price = wer ihn doch von außen braucht und nur gerade nicht verbunden war, bleibt ausgesperrt

finding-port-shared-by-programs-why = Mit `SO_REUSEPORT` teilt der Kernel Verbindungen auf alle auf, die an dem Port lauschen. Das ist für Prozesse desselben Servers gedacht; von zwei Programmen bekommt jedes einen Teil der Verbindungen des anderen.
finding-port-shared-by-programs-fix = das Programm beenden, das dort nicht hingehört, oder ihm einen anderen Port geben
finding-port-shared-by-programs-price = seine Verbindungen enden mit ihm

finding-listener-without-process-why = Verbindungen zu ihm nimmt der Kernel an und sonst niemand: Gegenstellen hängen. Sein Prozess ist weg oder hat ihn geschlossen, und er steckt in einer Nachricht zwischen Prozessen, die niemand empfangen hat, oder gehört dem Kernel selbst (etwa für NFS).
finding-listener-without-process-fix = herausfinden, wer ihn behalten hat: etwas, dem Deskriptoren übergeben wurden, wie ein Dienstverwalter oder ein Proxy nach einem Upgrade; das neu starten
finding-listener-without-process-price = seine Verbindungen enden mit ihm

finding-owner-is-gone-why = An seinem Namen erkennt niemand, wer jetzt auf dem Port antwortet: Der Socket wurde vererbt oder weitergereicht. Harmlos, wo das so gewollt war, wie bei den Workern eines Servers.
finding-owner-is-gone-fix = `portolan PORT` nennt, wer ihn jetzt hält
finding-owner-is-gone-price = nichts

finding-listen-queue-overflow-why = Eine Verbindung, die die Warteschlange voll findet, wird beim letzten Schritt verworfen: Der Client glaubt, verbunden zu sein, und wartet oder sendet vergeblich.
finding-listen-queue-overflow-fix = eine längere Warteschlange: das Backlog des Programms selbst, und `net.core.somaxconn`, wo das die kleinere Grenze ist; oder ein Server, der schneller annimmt
finding-listen-queue-overflow-price = Verbindungen, die in einer längeren Warteschlange warten, warten länger

finding-descriptors-nearly-full-why = Jeder Socket braucht einen Deskriptor: `accept()`, `socket()` und `open()` scheitern dann mit `EMFILE` (ein Prozess) oder `ENFILE` (das System).
finding-descriptors-nearly-full-fix = `LimitNOFILE=` in der Unit des Dienstes oder `prlimit --pid PID --nofile=SOFT:HARD`; für das System `sysctl -w fs.file-max=N`
finding-descriptors-nearly-full-price = Speicher, und ein Leck fällt später auf

finding-stale-lease-why = Ein Lease hält seinen Port von allen anderen fern. Dieses nützt niemandem: Der Prozess, für den es genommen wurde, ist beendet, während sein Inhaber weiterläuft, oder niemand hat dort gelauscht, seit es vor einem Tag oder noch früher genommen wurde.
finding-stale-lease-fix = seinen Inhaber beenden, den `portolan lease ls` nennt: Das Lease endet mit ihm
finding-stale-lease-price = wer den Port doch noch binden wollte, findet ihn womöglich belegt

finding-recorder-off-why = Was einen Port hält, ist für jetzt bekannt und nicht für früher: Wer ihn hatte, als etwas scheiterte, und wie schnell Verbindungen kommen, lässt sich nicht sagen.
finding-recorder-off-fix = `systemctl enable --now portolan` oder `portolan record`
finding-recorder-off-price = weniger als anderthalb Mikrosekunden Prozessorzeit für jeden Socket; 15 Byte auf der Platte für jede Belegung

finding-recorder-loses-events-why = Die Aufzeichnungen haben Lücken: Fragen nach diesen Zeiten werden mit „nicht bekannt“ beantwortet.
finding-recorder-loses-events-fix = `portolan record --buffer 32M`
finding-recorder-loses-events-price = so viel Speicher des Kernels

finding-recorder-out-of-disk-why = Nichts wird mehr aufgezeichnet, oder bald nichts mehr.
finding-recorder-out-of-disk-fix = auf der Platte Platz schaffen oder den Aufzeichnungen weniger geben: `portolan record --max-size 500M`
finding-recorder-out-of-disk-price = ältere Aufzeichnungen werden früher verworfen
