# La ficha en la terminal.

card-system-ports = { $many ->
    [one] puerto del sistema
   *[many] puertos del sistema
}
card-user-ports = { $many ->
    [one] puerto de usuario
   *[many] puertos de usuario
}
card-dynamic-ports = { $many ->
    [one] puerto dinámico
   *[many] puertos dinámicos
}
card-mixed-ports = puertos de varios territorios

card-territory = Territorio
card-this-host = Esta máquina
card-elsewhere = Otros
card-host = Host
card-service = Servicio

card-territory-system = puertos del sistema { $range }: los asigna la IANA a través del IETF (RFC 6335)
card-territory-user = puertos de usuario { $range }: los asigna la IANA a petición (RFC 6335)
card-territory-dynamic = puertos dinámicos { $range }: aquí la IANA no asigna nada (RFC 6335)
card-unread = no se pudo leer su configuración
card-outside = fuera del rango efímero { $range }
card-reserved = dentro del rango efímero { $range }, pero reservado: nunca se entrega
card-inside = { $many ->
    [one] dentro del rango efímero { $range }: cualquier conexión saliente puede recibirlo
   *[many] dentro del rango efímero { $range }: cualquier conexión saliente puede recibir uno
}
card-partly-reserved = dentro del rango efímero { $range }, en parte reservado
card-partly-inside = { $inside } de { $all } dentro del rango efímero { $range }
card-privileged = ; enlazar los puertos por debajo de { $start } exige privilegios
card-elsewhere-on = efímero por omisión en { $systems }
card-other-host = no se ha mirado { $host }: lo que sigue es de esta máquina
card-none-assigned = ninguno asignado
card-unofficial = — no oficial, no es de la IANA
card-registry = { $count ->
    [one] 1 línea en el registro: portolan registry { $span }
   *[other] { $count } líneas en el registro: portolan registry { $span }
}

card-now = AHORA
card-no-socket = ningún socket
card-sockets = { $count ->
    [one] 1 socket
   *[other] { $count } sockets
}
card-more-sockets = y { $count } más: portolan ls --port { $target }
card-nobodys-socket = un socket sin proceso
card-listens = { $many ->
    [one] { $who } escucha en él
   *[many] { $who } escucha en algunos
}
card-bound = { $who } lo tiene enlazado y no escucha
card-incoming = { $count ->
    [one] 1 conexión entró por él
   *[other] { $count } conexiones entraron por él
}
card-outgoing-one = lo tiene una conexión saliente de { $who }
card-outgoing = { $count } conexiones de { $who } salieron desde él
card-connected = { $count ->
    [one] lo tiene 1 conexión de { $who }
   *[other] lo tienen { $count } conexiones de { $who }
}
card-connected-nobody = { $count ->
    [one] lo tiene 1 conexión sin proceso
   *[other] lo tienen { $count } conexiones sin proceso
}
card-lingers = { $count ->
    [one] 1 conexión cerrada sigue en TIME-WAIT en él
   *[other] { $count } conexiones cerradas siguen en TIME-WAIT en él
}
card-queued = { $count ->
    [one] 1 conexión desde él espera aquí a ser aceptada
   *[other] { $count } conexiones desde él esperan aquí a ser aceptadas
}
card-client-over = { $count ->
    [one] 1 conexión de aquí hacia él se cerró, en TIME-WAIT
   *[other] { $count } conexiones de aquí hacia él se cerraron, en TIME-WAIT
}
card-client = { $who } está conectado a él desde aquí
card-client-nobody = { $count ->
    [one] 1 conexión de aquí hacia él no tiene proceso
   *[other] { $count } conexiones de aquí hacia él no tienen proceso
}
card-talks-over = { $count ->
    [one] 1 conexión al { $ports } de otra máquina se cerró, en TIME-WAIT
   *[other] { $count } conexiones al { $ports } de otra máquina se cerraron, en TIME-WAIT
}
card-talks = { $who } habla con el { $ports } de otra máquina
card-talks-nobody = { $count ->
    [one] 1 conexión al { $ports } de otra máquina no tiene proceso
   *[other] { $count } conexiones al { $ports } de otra máquina no tienen proceso
}
card-hidden-process = un proceso oculto para usted
card-hidden-by = un proceso oculto para usted (su socket lo creó { $user })
card-and-hidden = { $who } y un proceso oculto para usted
card-with-others = { $count ->
    [one] { $who } con 1 más
   *[other] { $who } con { $count } más
}
card-hidden = oculto
card-hidden-maybe = oculto, quizá { $who }
card-gone = terminado
card-kernel = núcleo
card-unaccepted = aún sin aceptar
card-unaccepted-by = aún sin aceptar por { $who }
card-not-seen = no visto
card-since = desde { $since }
card-by = iniciado por { $parents }

card-free = LIBRES
card-free-of = { $free } de { $all } no tienen socket
card-first-free = ; el primero es { $port }

card-bind = ENLACE
card-yes = sí
card-no = no
card-unknown = no se sabe
card-for = para { $proto }
card-for-on = para { $proto } en { $addresses }
card-not-tried = no se probó para { $proto }
card-from-table = según la tabla de sockets; no se probó
card-reason-listening = { $kind ->
    [known] { $who } escucha en él
   *[socket] un socket escucha en él
}
card-reason-dual-stack = { $kind ->
    [known] { $who } lo tiene también para IPv4, por un socket de doble pila en ::
   *[socket] un socket de doble pila en :: lo tiene también para IPv4
}
card-reason-bound-silent = { $kind ->
    [known] { $who } lo tiene enlazado sin escuchar
   *[socket] un socket lo tiene enlazado sin escuchar
}
card-reason-connected = { $kind ->
    [known] { $who } está conectado desde él
   *[socket] una conexión lo usa
}
card-reason-time-wait = { $kind ->
    [known] { $who } lo dejó en TIME-WAIT al cerrar una conexión
   *[socket] una conexión cerrada lo mantiene en TIME-WAIT
}
card-reason-udp-bound = { $kind ->
    [known] { $who } lo tiene enlazado
   *[socket] un socket UDP lo tiene enlazado
}
card-reason-privileged = los puertos por debajo de { $start } son privilegiados
card-reason-address-absent = esta máquina no tiene la dirección
card-reason-family-absent = esta máquina no tiene la familia de direcciones
card-reason-unseen = lo tiene algo que no se puede ver
card-reason-refused = el núcleo se negó: { $error }
card-remedy-reuseaddr = SO_REUSEADDR lo resuelve
card-remedy-reuseaddr-perhaps = SO_REUSEADDR lo resuelve solo si quien lo tiene también lo puso
card-remedy-v6only = IPV6_V6ONLY lo resuelve
card-remedy-wait = SO_REUSEADDR no serviría; el núcleo lo libera por sí solo
card-remedy-release = SO_REUSEADDR no serviría
card-remedy-privilege = CAP_NET_BIND_SERVICE o un net.ipv4.ip_unprivileged_port_start menor servirían
card-remedy-address = debe tenerla un dispositivo activo, y IPv6 no debe estar desactivado

card-before = ANTES
card-unrecorded = sin registrar: `portolan record` lo haría desde ahora
card-forbidden = registrado, pero usted no puede leerlo, y no hay un grabador en marcha a quien preguntar
card-late = averiguarlo tarda más: portolan who { $target }
card-failed = no se pudieron leer los registros: { $why }
card-since-recording = desde que empezó el registro a las { $since }
card-last-day = en las últimas 24 h
card-nobody = nadie { $span }
card-nobody-seen = nadie a quien se viera { $span }
card-only-trials = { $span } tantas pruebas de las propias fichas que solo `portolan who` tiene el resto
card-tenures = { $kind ->
    [more] más de { $count } tenencias { $span }, las más recientes primero
   *[exact] { $count ->
        [one] 1 tenencia { $span }
       *[other] { $count } tenencias { $span }, las más recientes primero
    }
}
card-more-tenures = { $kind ->
    [more] y más de { $count } otras: portolan who { $target }
   *[exact] y { $count } más: portolan who { $target }
}
card-more-gaps = ni otras { $count } veces antes: portolan who { $target }
card-until-now = ahora
card-refused = rechazada
card-timed-out = tiempo agotado
card-connect-failed = fallida
card-listened = escuchó en { $local }
card-was-bound = enlazado a { $local }
card-gap-before = sin registrar antes de { $until }
card-gap-at = sin registrar a las { $from }
card-gap-from-to = sin registrar de { $from } a { $until }
card-gap-since = sin registrar desde { $from }
card-gap-unbegun = el registro no había empezado
card-gap-not-running = no había un grabador en marcha
card-gap-events-lost = los sucesos llegaron más deprisa de lo que se recogían
card-gap-disk = el disco estaba lleno o no se podía escribir
card-gap-journal = el final del diario estaba dañado y se cortó
card-gap-segment = falta un archivo de los registros o no se puede leer
card-gap-sampled = lo que apareció y desapareció entre dos miradas puede faltar
card-sampled-before = solo muestreado antes de { $until }
card-sampled-at = solo muestreado a las { $from }
card-sampled-from-to = solo muestreado de { $from } a { $until }
card-sampled-since = solo muestreado desde { $from }
card-gap-lost = { $count ->
    [one] , 1 suceso perdido
   *[other] , { $count } sucesos perdidos
}

card-note = nota
card-note-proc-net = leído de /proc/net, porque sock_diag falló ({ $why }): no se conocen los sockets enlazados en silencio, los cgroups ni v6only
card-note-bound-unlisted = este núcleo no lista los sockets TCP enlazados que no escuchan (Linux 6.8 y posteriores sí)
card-note-unreadable = { $count ->
    [one] no se pudo mirar dentro de 1 proceso; más privilegios pueden ayudar
   *[other] no se pudo mirar dentro de { $count } procesos; más privilegios pueden ayudar
}
card-note-invisible = puede haber procesos que no aparecen en /proc: { $why }
card-note-narrowed = { $count ->
    [one] no se buscó en 1 proceso menos probable: --full-walk los mira todos
   *[other] no se buscó en { $count } procesos menos probables: --full-walk los mira todos
}
card-note-netns-unreadable = no se pudo entrar en el espacio de red { $netns }: { $why }
card-note-netns-hidden = { $count ->
    [one] no se conoce el espacio de red de 1 proceso; más privilegios pueden ayudar
   *[other] no se conoce el espacio de red de { $count } procesos; más privilegios pueden ayudar
}
card-note-interrupted = la tabla de sockets cambió mientras se leía: puede faltar una fila o estar dos veces
card-note-recalled = los sockets son los que conoce el grabador, como el núcleo los tiene ahora; los apretones de manos a medias (SYN-RECV) no están
card-note-owners-recalled = los propietarios son los que el grabador vio abrir o tomar los sockets y siguen en marcha: --full-walk mira quién más los tiene
