# Cuánta capacidad queda para conexiones y qué más las limita.

room-title = Capacidad para conexiones
room-about = Cuántos puertos están ocupados hacia cada destino, de los que puede recibir una conexión hacia él. Primero, lo que antes duele.
room-open = { $open } de { $all } puertos pueden entregarse a conexiones; el rango es { $range }.
room-reserved = { $count ->
    [one] Uno está reservado.
   *[other] { $count } están reservados.
}
room-closed = { $count ->
    [one] Uno no puede entregarse: lo tiene un socket enlazado o a la escucha.
   *[other] { $count } no pueden entregarse: los tienen sockets enlazados o a la escucha.
}
room-udp = { $count ->
    [0] UDP no tiene ninguno.
    [one] UDP tiene uno.
   *[other] UDP tiene { $count }.
}
room-none = Ninguna conexión sale de un puerto del rango.
room-more = { $count ->
    [one] Hay un destino más que no se muestra.
   *[other] Hay { $count } destinos más que no se muestran.
}
column-fill = Llenado
column-taken = Ocupados
column-waiting = En TIME-WAIT
column-rate = Nuevas por segundo
column-full-in = Se llena en
column-source = Origen
column-destination = Destino
column-held-by = Quién los tiene
column-last-hour = La última hora
room-of = { $taken } de { $of }
room-full = ahora
room-later = más de un día
room-never = nunca
room-near = cerca del precipicio
room-past = pasado el precipicio
room-cliff = Pasado el precipicio: de cada dos puertos, connect() prueba uno primero, y de esos no queda ninguno, así que cada conexión prueba en vano la mitad del rango. `portolan room --probe` mide lo que cuesta y `portolan pilot` lo elimina.
room-unserved = { $count ->
    [one] Un intento de conexión desde { $source } hacia { $remote } no encontró puerto, según lo registrado.
   *[other] { $count } intentos de conexión desde { $source } hacia { $remote } no encontraron puerto, según lo registrado.
}
room-hour = de { $least } a { $most } puertos
room-unrecorded = sin registrar
room-rates-log = Ritmos de los últimos minutos, según lo registrado.
room-rates-looks = Ritmos obtenidos mirando dos veces y por lo que está en TIME-WAIT; un grabador lo sabría mejor.
room-rates-none = No se sabe a qué ritmo se abren conexiones.
holder-time-wait = nadie: TIME-WAIT
holder-kernel = el núcleo
holder-hidden = oculto para usted

limits-heading = Qué más limita las conexiones
column-used = En uso
column-what = Qué
column-whose = De quién
column-set-by = Fijado por
limit-time-wait-buckets = sockets en TIME-WAIT
limit-conntrack = conexiones en seguimiento
limit-listen-queue = cola de escucha
limit-nat-pool = puertos de NAT
limit-system-files = archivos abiertos, todos
limit-process-files = archivos abiertos de un proceso
limits-unlimited = sin límite
limits-overflows = { $count ->
    [one] Una conexión encontró llena una cola de escucha desde que arrancó esta máquina.
   *[other] { $count } conexiones encontraron llena una cola de escucha desde que arrancó esta máquina.
}
limits-skipped = { $count ->
    [one] Una conexión se saltó TIME-WAIT por falta de espacio.
   *[other] { $count } conexiones se saltaron TIME-WAIT por falta de espacio.
}
limits-untracked = No hay una tabla de conexiones en seguimiento, o no se puede ver.
