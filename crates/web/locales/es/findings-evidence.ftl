# Lo que el diagnóstico vio en esta máquina: de qué se trata y cómo se sabe.

subject-destination = { $proto } desde { $source } hacia { $remote }
subject-to = { $what } hacia { $remote }
subject-served = { $what }, { $who }
subject-block = { $name } { $block }
subject-range-begins = el rango empieza en { $port }
subject-ports = { $count ->
    [one] 1 puerto
   *[other] { $count } puertos
}
subject-one-parity = una paridad
subject-port = puerto { $port }
subject-no-recorder = ningún grabador responde
subject-recorder-silent = el grabador no responde
subject-events = { $count ->
    [one] 1 suceso
   *[other] { $count } sucesos
}
subject-since-boot = desde que arrancó la máquina
subject-share = { $share } %
subject-system = el sistema
subject-as-client = { $count } como cliente
subject-as-server = { $count } como servidor
subject-used = { $used } de { $of }

block-libvirt = migraciones de libvirt
block-gluster = bricks de GlusterFS
block-nomad = tareas de Nomad
block-samba = RPC de FreeIPA y Samba

party-hidden = un proceso oculto para usted
party-hidden-of = un proceso de { $user } oculto para usted
party-kernel = el núcleo
party-gone = ya nadie
party-time-wait = lo que está en TIME-WAIT
party-placed = { $who } { $place }
party-times = { $who } ×{ $count }
remark-more = { $count ->
    [one] 1 más
   *[other] { $count } más
}

time-pair = { $large } { $small }
time-days = { $count } d
time-hours = { $count } h
time-minutes = { $count } min
time-seconds = { $count } s

evidence-taken = { $count } de { $of } puertos están ocupados, el { $share } %; de esos, { $waiting } en TIME-WAIT
evidence-held-by = los tienen: { $holders }
evidence-first-half = { $count } de los { $of } puertos que `connect()` prueba primero están ocupados
evidence-no-port = no queda ningún puerto
evidence-fills = { $rate } conexiones nuevas por segundo ocupan el resto en { $time }
evidence-fills-in = en { $time }
evidence-failed = { $count ->
    [one] 1 intento de conexión no encontró ninguno, según el grabador; fue hace { $time }
   *[other] { $count } intentos de conexión no encontraron ninguno, según el grabador; el último, hace { $time }
}
evidence-udp = { $count } de { $of } puertos tienen un socket UDP

evidence-binds-late = { $late } de sus { $count } conexiones desde { $source } hacia { $remote } tienen puertos { $parity ->
    [odd] impares
   *[even] pares
}, que `connect()` toma los últimos y `bind()` los primeros
evidence-usual-source = según las rutas, su dirección de origen sería { $usual }
evidence-bound-silent = { $count ->
    [one] 1 socket: { $ends }
   *[other] { $count } sockets: { $ends }
}

evidence-held-for = { $holder } lo tiene desde hace { $time }
evidence-tenant-ended = el proceso { $pid }, para el que se tomó, ha terminado
evidence-nobody-listens = nadie escucha ahí

evidence-listens = { $who } escucha en { $places }, dentro de { $range }
evidence-assigned = { $port } está asignado a { $name }
evidence-unofficial = { $port } se conoce por costumbre como { $name }
evidence-overlaps = { $program } está en marcha, y { $range } se solapa con { $block }
evidence-range = { $setting } es { $range }
evidence-few = { $count ->
    [one] { $range } tiene 1 puerto, sin contar los reservados
   *[other] { $range } tiene { $count } puertos, sin contar los reservados
}
evidence-reserved-row = { $count } puertos reservados seguidos: { $block }; lo que va a parar ahí recibe { $behind } o uno de los puertos que le siguen
evidence-one-parity = de { $of } puertos que pueden entregarse, { $count } tienen la paridad que `connect()` prueba primero

evidence-events-lost = { $count ->
    [one] el grabador (PID { $pid }) ha perdido 1 suceso desde que arrancó
   *[other] el grabador (PID { $pid }) ha perdido { $count } sucesos desde que arrancó
}
evidence-disk-delayed = lo que sucede espera en memoria: { $why }
evidence-disk-stopped = no se registra nada: { $why }

evidence-loopback = { $count ->
    [one] su única conexión viene de loopback
   *[other] todas sus { $count } conexiones vienen de loopback
}
evidence-shared = en { $end } escuchan a la vez { $programs }
evidence-no-process = { $count ->
    [0] ningún proceso tiene un descriptor de él; ninguna conexión espera a ser aceptada
    [one] ningún proceso tiene un descriptor de él; 1 conexión espera a ser aceptada
   *[other] ningún proceso tiene un descriptor de él; { $count } conexiones esperan a ser aceptadas
}
evidence-opener-ended = { $opener } lo abrió y ha terminado
evidence-queue-full = { $count ->
    [one] 1 conexión espera a ser aceptada, con un backlog de { $backlog }; escucha: { $who }
   *[other] { $count } conexiones esperan a ser aceptadas, con un backlog de { $backlog }; escucha: { $who }
}
evidence-overflows = { $count ->
    [one] 1 conexión encontró llena una cola; ahora mismo, { $now }
   *[other] { $count } conexiones encontraron llena una cola; ahora mismo, { $now } de ellas
}
evidence-somaxconn = { $setting } permite { $most }

evidence-conntrack = { $count ->
    [one] 1 entrada; el límite es { $setting }
   *[other] { $count } entradas; el límite es { $setting }
}
evidence-conntrack-waiting = { $count ->
    [one] 1 de ellas está en `TIME_WAIT`, que aquí dura { $seconds } s
   *[other] { $count } de ellas están en `TIME_WAIT`, que aquí dura { $seconds } s
}
evidence-nat-pool = { $count } de { $of } puertos { $proto } están en uso
evidence-system-files = { $count } archivos están abiertos; el límite es { $setting }
evidence-process-files = { $count } descriptores están abiertos; el límite es { $of }

evidence-close-wait = { $count ->
    [one] 1 conexión en CLOSE-WAIT, desde { $local } hacia { $remote }
   *[other] { $count } conexiones en CLOSE-WAIT, la primera desde { $local } hacia { $remote }
}
evidence-went-out = { $count ->
    [one] 1 conexión en TIME-WAIT que salió de aquí: nuestros programas cierran primero, así que ocupa un puerto efímero
   *[other] { $count } conexiones en TIME-WAIT que salieron de aquí: nuestros programas cierran primero, así que cada una ocupa un puerto efímero
}
evidence-came-in = { $count ->
    [one] 1 conexión en TIME-WAIT que entró: nuestros servidores cierran primero; eso no ocupa ninguno de nuestros puertos efímeros
   *[other] { $count } conexiones en TIME-WAIT que entraron: nuestros servidores cierran primero; eso no ocupa ninguno de nuestros puertos efímeros
}
evidence-clients-wait = { $count ->
    [0] ninguna conexión de clientes en TIME-WAIT
    [one] 1 conexión de clientes en TIME-WAIT
   *[other] { $count } conexiones de clientes en TIME-WAIT
}
evidence-buckets = { $count ->
    [one] 1 socket en TIME-WAIT; el límite es { $setting }
   *[other] { $count } sockets en TIME-WAIT; el límite es { $setting }
}
evidence-skipped = { $count ->
    [one] 1 conexión se lo saltó desde que arrancó la máquina
   *[other] { $count } conexiones se lo saltaron desde que arrancó la máquina
}
