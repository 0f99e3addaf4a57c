# Lo que puede encontrar el diagnóstico: por qué importa, qué ayuda y qué cuesta.

finding-listener-in-range-why = Mientras el servidor está parado, en su próximo reinicio o en el próximo arranque de la máquina, cualquier conexión saliente puede recibir su puerto. Entonces el servidor falla con `Address already in use`, por azar y rara vez, hasta que la conexión desaparece y termina su TIME-WAIT. A un servidor que pidió un puerto cualquiera (que enlaza el puerto 0) le da igual.
finding-listener-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`, o configurar un puerto fuera del rango
finding-listener-in-range-price = un puerto menos para conexiones hacia cada destino mientras el servidor está parado; ninguno mientras funciona, porque entonces el núcleo pasa por alto su puerto de todos modos

finding-assigned-service-in-range-why = El servicio tiene su sitio en este puerto: los clientes, los cortafuegos y otras máquinas lo esperan ahí, así que no puede mudarse si, mientras estaba parado, el puerto se le entregó a una conexión.
finding-assigned-service-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`, o un rango que empiece por encima del servicio
finding-assigned-service-in-range-price = un puerto menos por cada servicio; con un rango más pequeño, tantos como se reduzca

finding-known-block-in-range-why = El programa da por hecho que nadie más usa su bloque de puertos: kube-proxy abre NodePorts cuando se crea un Service, mosh toma uno para cada sesión, libvirt uno para cada migración. Si entretanto alguno se le entregó a una conexión, eso falla.
finding-known-block-in-range-fix = `portolan range set LO-HI --persist` con un rango que no toque el bloque
finding-known-block-in-range-price = los puertos del bloque ya no se entregan a conexiones

finding-range-begins-below-1024-why = Las conexiones corrientes reciben puertos de servicios que ejecuta root, como ssh y DNS, y los bloquean en su próximo reinicio; y quedan engañados los extremos que toman un puerto bajo por señal de root (NFS, rsh).
finding-range-begins-below-1024-fix = `portolan range set 32768-60999 --persist`
finding-range-begins-below-1024-price = menos puertos para conexiones: los que están por debajo de 1024

finding-small-range-why = Desde una dirección hacia un destino puede haber abiertas a la vez tantas conexiones como puertos y ni una más, contando las que están en TIME-WAIT; y un puerto recién usado vuelve pronto, a lo que el TIME-WAIT del otro extremo o de un cortafuegos responde con silencio.
finding-small-range-fix = `portolan range set 32768-60999 --persist`, o menos puertos en `net.ipv4.ip_local_reserved_ports`
finding-small-range-price = los puertos que se añaden pueden ser de servidores: `portolan range set` muestra cuáles

finding-destination-filling-why = Desde la mitad, `connect()` se vuelve de 50 a 200 veces más lento: prueba primero los puertos de una paridad (pares o impares), y esos están casi agotados.
finding-destination-filling-fix = reutilizar conexiones (keep-alive, un pool), repartirlas entre más direcciones del destino o propias, o mantener rápido `connect()`: `portolan pilot`
finding-destination-filling-price = un pool mantiene abiertas conexiones ociosas en el servidor; más direcciones necesitan rutas; `portolan pilot` exige root, o una biblioteca dentro del programa

finding-destination-past-cliff-why = Cada intento de conexión prueba en vano la mitad del rango antes de probar la otra mitad: cerca de un milisegundo de procesador en vez de unos pocos microsegundos, y con un cerrojo tomado, así que también esperan los intentos de otros procesadores.
finding-destination-past-cliff-fix = `portolan pilot run -- PROGRAM`, o `portolan pilot on`; véase también `destination-filling`
finding-destination-past-cliff-price = los sockets que pasan por `portolan pilot` muestran `SO_REUSEADDR`; los puertos que enlaza `portolan pilot` los pasan por alto las conexiones que no pasan por él

finding-exhaustion-within-a-day-why = Entonces `connect()` falla con `Cannot assign requested address` (`EADDRNOTAVAIL`) en todo programa que vaya allí desde esta dirección.
finding-exhaustion-within-a-day-fix = averiguar qué abre las conexiones (`portolan room` lo nombra) y hacer que las cierre o las reutilice; o añadir direcciones de origen: `portolan range plan`
finding-exhaustion-within-a-day-price = depende del programa; cada dirección de origen añade un rango entero hacia cada destino

finding-udp-ports-full-why = Un puerto UDP se entrega a un solo socket, hable con quien hable: cuando todos están ocupados, nada en esta máquina puede resolver un nombre.
finding-udp-ports-full-fix = averiguar quién los tiene: `portolan ls -u --sort process`
finding-udp-ports-full-price = nada

finding-binds-source-address-why = El núcleo tiene que elegir el puerto en `bind()`, antes de conocer el destino: cada una de esas conexiones quita su puerto a todas las demás, hacia cualquier destino. El rango da para 28 000 conexiones en total en vez de 28 000 hacia cada destino.
finding-binds-source-address-fix = poner `IP_BIND_ADDRESS_NO_PORT` en el programa: nginx, HAProxy y Envoy lo hacen, o tienen una opción para ello
finding-binds-source-address-price = `bind()` ya no da a conocer el puerto: lo hace `getsockname()` después de `connect()`

finding-binds-before-connect-why = El puerto se elige antes de conocer el destino y así se les quita a todos, hacia cualquier destino: véase `binds-source-address`. Además, `bind()` busca un puerto que no tenga absolutamente nadie, y falla con `EADDRINUSE` donde `connect()` aún encontraría miles.
finding-binds-before-connect-fix = quitar el `bind()`: `connect()` elige un puerto por sí solo
finding-binds-before-connect-price = nada

finding-close-wait-pile-why = CLOSE-WAIT significa que el otro extremo ha terminado y nuestro programa no ha cerrado su descriptor. No acaba por sí solo: cada conexión así conserva su puerto, un descriptor y memoria hasta que el programa la cierra o termina. Si son muchas, es una fuga.
finding-close-wait-pile-fix = hacer que el programa cierre las conexiones cuyo fin le indica `read()`; hasta entonces, reiniciarlo
finding-close-wait-pile-price = un reinicio acaba también con sus otras conexiones

finding-bound-never-listening-why = Impide a todos usar el puerto, y `ss` y `netstat` no lo muestran: quien quiere el puerto recibe `Address already in use` sin que se vea a nadie que lo tenga.
finding-bound-never-listening-fix = preguntar al autor del programa o terminar el proceso
finding-bound-never-listening-price = lo que hace el proceso termina con él

finding-time-wait-pile-why = Quien cierra primero conserva el puerto un minuto, para que los segmentos que llegan tarde no se tomen por los de la conexión siguiente. Eso es sano; pero un cliente que cierra primero solo puede tener `range / 60` conexiones por segundo hacia un destino, 470 por omisión.
finding-time-wait-pile-fix = dejar que cierre primero el servidor o mantener abiertas las conexiones (keep-alive, un pool)
finding-time-wait-pile-price = entonces es el servidor el que tiene el TIME-WAIT, en su propio puerto, donde no le quita nada a `connect()`

finding-tw-reuse-everywhere-why = Con 1 se prestan hacia todo extremo cuyas marcas de tiempo permiten distinguir los segmentos viejos de los nuevos; con 2, el valor por omisión, solo hacia loopback; con 0, nunca. Ayuda a los clientes que cierran primero, no hace nada por los servidores y rompe conexiones allí donde, en el camino, un NAT o un balanceador pone tras una misma dirección máquinas con marcas de tiempo distintas.
finding-tw-reuse-everywhere-fix = si nadie lo pidió: `sysctl -w net.ipv4.tcp_tw_reuse=2`
finding-tw-reuse-everywhere-price = con 2 los puertos descansan el minuto entero, así que son posibles menos conexiones por segundo. La documentación del núcleo advierte que no debe cambiarse sin el consejo o la petición de expertos técnicos.

finding-tw-reuse-off-why = Ni siquiera hacia loopback, donde nada llega nunca tarde, se prestan los puertos en TIME-WAIT. Desde Linux 4.19 el valor por omisión es 2, solo loopback.
finding-tw-reuse-off-fix = `sysctl -w net.ipv4.tcp_tw_reuse=2`, el valor por omisión del núcleo
finding-tw-reuse-off-price = nada que se sepa, mientras sea solo hacia loopback. La documentación del núcleo advierte que no debe cambiarse sin el consejo o la petición de expertos técnicos.

finding-time-wait-buckets-full-why = Por encima de `tcp_max_tw_buckets`, las conexiones se saltan TIME-WAIT y sus puertos quedan libres al instante: los segmentos que llegan tarde pueden tomarse por los de la conexión siguiente.
finding-time-wait-buckets-full-fix = `sysctl -w net.ipv4.tcp_max_tw_buckets=TWICE`
finding-time-wait-buckets-full-price = unos 300 bytes de memoria por cada socket

finding-conntrack-nearly-full-why = Cuando está llena, los paquetes de conexiones nuevas se descartan, en silencio salvo por `nf_conntrack: table full, dropping packet` en el registro del núcleo. Las entradas sobreviven a las conexiones: las de `TIME_WAIT`, dos minutos; las de conexiones establecidas, cinco días.
finding-conntrack-nearly-full-fix = `sysctl -w net.netfilter.nf_conntrack_max=TWICE`, donde `TWICE` es el doble del valor actual, y `nf_conntrack_buckets`, un cuarto de eso
finding-conntrack-nearly-full-price = unos 400 bytes de memoria por cada entrada en uso

finding-nat-pool-nearly-full-why = Las conexiones que salen con esta dirección reciben un puerto de ella que esté libre hacia su destino. Donde no hay ninguno, se descartan.
finding-nat-pool-nearly-full-fix = traducir a un rango de direcciones: `--to-source FIRST-LAST`
finding-nat-pool-nearly-full-price = las direcciones añadidas deben tener ruta hasta esta máquina

finding-reserved-ports-skew-why = `connect()` pasa los puertos reservados uno por uno y, cuando va a parar dentro del bloque, toma uno de los puertos que están justo detrás: esos vuelven una y otra vez, y poco después de su último uso. Reservar puertos de una sola paridad acerca el precipicio.
finding-reserved-ports-skew-fix = un rango que acabe antes del bloque o empiece detrás de él: `portolan range set LO-HI --persist`
finding-reserved-ports-skew-price = los puertos del otro lado del bloque ya no se entregan

finding-listener-only-loopback-talks-to-why = Se puede llegar a él desde todas las redes en las que está esta máquina, aunque nadie allí parece necesitarlo.
finding-listener-only-loopback-talks-to-fix = hacer que el programa escuche en `127.0.0.1` y `[::1]`
finding-listener-only-loopback-talks-to-price = quien sí lo necesite desde fuera, y no estuviera conectado justo ahora, queda excluido

finding-port-shared-by-programs-why = Con `SO_REUSEPORT`, el núcleo reparte las conexiones entre todos los que escuchan en el puerto. Está pensado para los procesos de un mismo servidor; de dos programas, cada uno recibe parte de las conexiones del otro.
finding-port-shared-by-programs-fix = terminar el que no debería estar ahí o darle otro puerto
finding-port-shared-by-programs-price = sus conexiones terminan con él

finding-listener-without-process-why = Las conexiones hacia él las acepta el núcleo y nadie más: los otros extremos se quedan colgados. Su proceso ya no existe o lo ha cerrado, y lo retiene un mensaje entre procesos que nadie recibió, o es del propio núcleo (por ejemplo, de NFS).
finding-listener-without-process-fix = averiguar quién lo retuvo: algo a lo que se le pasaron descriptores, como un gestor de servicios o un proxy que se actualizó; reiniciar eso
finding-listener-without-process-price = sus conexiones terminan con él

finding-owner-is-gone-why = Por su nombre nadie descubre quién responde ahora en el puerto: el socket se heredó o se pasó a otro. Es inofensivo donde eso era lo previsto, como con los procesos de trabajo de un servidor.
finding-owner-is-gone-fix = `portolan PORT` nombra a quien lo tiene ahora
finding-owner-is-gone-price = nada

finding-listen-queue-overflow-why = Una conexión que encuentra llena la cola se descarta en su último paso: el cliente cree que está conectado y espera o envía en vano.
finding-listen-queue-overflow-fix = una cola más larga: el backlog del propio programa, y `net.core.somaxconn` donde ese sea el límite menor; o un servidor que acepte más deprisa
finding-listen-queue-overflow-price = las conexiones que esperan en una cola más larga esperan más

finding-descriptors-nearly-full-why = Cada socket necesita un descriptor: entonces `accept()`, `socket()` y `open()` fallan con `EMFILE` (un proceso) o `ENFILE` (el sistema).
finding-descriptors-nearly-full-fix = `LimitNOFILE=` en la unidad del servicio, o `prlimit --pid PID --nofile=SOFT:HARD`; para el sistema, `sysctl -w fs.file-max=N`
finding-descriptors-nearly-full-price = memoria, y una fuga se descubre más tarde

finding-stale-lease-why = Una concesión mantiene su puerto fuera del alcance de todos los demás. Esta no le sirve a nadie: el proceso para el que se tomó ha terminado mientras su titular sigue en marcha, o nadie ha escuchado ahí desde que se tomó, hace un día o más.
finding-stale-lease-fix = terminar su titular, que `portolan lease ls` nombra: la concesión termina con él
finding-stale-lease-price = quien aún pensara enlazar el puerto puede encontrarlo ocupado

finding-recorder-off-why = Qué tiene un puerto se sabe de ahora y no de entonces: no puede decirse quién lo tenía cuando algo falló ni a qué ritmo llegan las conexiones.
finding-recorder-off-fix = `systemctl enable --now portolan`, o `portolan record`
finding-recorder-off-price = menos de un microsegundo y medio de procesador por cada socket; 15 bytes de disco por cada tenencia

finding-recorder-loses-events-why = El registro tiene huecos: las preguntas sobre esos momentos se responden con «no se sabe».
finding-recorder-loses-events-fix = `portolan record --buffer 32M`
finding-recorder-loses-events-price = otra tanta memoria del núcleo

finding-recorder-out-of-disk-why = Ya no se registra nada, o pronto dejará de registrarse.
finding-recorder-out-of-disk-fix = hacer sitio en el disco o dejarle menos al registro: `portolan record --max-size 500M`
finding-recorder-out-of-disk-price = los registros más antiguos se descartan antes
