# Las partes vivas de la página de un puerto.

now-heading = Ahora
now-none = Ningún socket lo tiene.
now-count = { $count ->
    [one] Un socket.
   *[other] { $count } sockets.
}
now-more = { $count ->
    [one] Hay uno más que no se muestra.
   *[other] Hay { $count } más que no se muestran.
}
role-listens = escucha
role-bound = lo tiene enlazado
role-incoming = entró
role-outgoing = salió
role-connected = conectado
role-lingers = cerrado, persiste
role-client = conectado desde aquí
role-talks = habla con él en otra máquina
who-hidden = oculto para usted
who-maybe = quizá { $name }
who-gone = terminado
who-kernel = el núcleo
who-unaccepted = aún sin aceptar
who-unseen = no visto
process-since = desde { $time }
process-by = iniciado por

bind-heading = ¿Puedo enlazarlo?
answer-yes = Sí
answer-no = No
answer-unknown = Quizá
bind-answer = { $everywhere ->
    [yes] para { $proto }
   *[no] para { $proto } en { $addresses }
}
bind-holder = { $others ->
    [0] { $name }
    [one] { $name } y otro más
   *[other] { $name } y { $others } más
}
bind-holder-hidden = un proceso oculto para usted
bind-holder-nobody = un socket sin proceso
bind-reason-listening = { $who } escucha en él
bind-reason-dual-stack = { $who } lo tiene también para IPv4, por un socket de doble pila en ::
bind-reason-bound-silent = { $who } lo tiene enlazado sin escuchar
bind-reason-connected = { $who } está conectado desde él
bind-reason-time-wait = { $who } lo dejó en TIME-WAIT al cerrar una conexión
bind-reason-udp-bound = { $who } lo tiene enlazado
bind-reason-privileged = los puertos tan bajos exigen privilegios
bind-reason-address-absent = esta máquina no tiene la dirección
bind-reason-family-absent = esta máquina no tiene la familia de direcciones
bind-reason-unseen = lo tiene algo que no se puede ver
bind-reason-refused = el núcleo se negó
bind-remedy-reuseaddr = SO_REUSEADDR lo resuelve
bind-remedy-reuseaddr-perhaps = SO_REUSEADDR lo resuelve solo si quien lo tiene también lo puso
bind-remedy-v6only = IPV6_V6ONLY lo resuelve
bind-remedy-wait = SO_REUSEADDR no serviría; el núcleo lo libera por sí solo
bind-remedy-release = SO_REUSEADDR no serviría
bind-remedy-privilege = CAP_NET_BIND_SERVICE o un net.ipv4.ip_unprivileged_port_start menor servirían
bind-remedy-address = debe tenerla un dispositivo activo, y IPv6 no debe estar desactivado
bind-told = Según la tabla de sockets, para el proceso que sirve esta página; no se enlazó nada para saberlo. portolan PORT lo prueba de verdad.

before-heading = Antes
before-unrecorded = Sin registrar: portolan record lo haría desde ahora.
before-forbidden = Registrado, pero este servicio no puede leerlo, y no hay un grabador en marcha a quien preguntar.
before-late = Averiguarlo tarda más.
before-load = Mostrar quién lo tuvo antes
before-spans = Tiempo
span-hour = Hora
span-day = Día
span-week = Semana
span-month = Mes
zoom-earlier = Antes
zoom-in = Acercar
zoom-out = Alejar
zoom-later = Después
before-count = { $count ->
    [0] Nadie lo tuvo en ese tiempo.
    [one] Un socket lo tuvo en ese tiempo.
   *[other] { $count } sockets lo tuvieron en ese tiempo.
}
before-unknown = No se sabe: este tiempo no se registró, o no entero.
before-more = Estos son los más recientes; hubo más.
was-bound = enlazado
was-listening = escuchaba
was-outgoing = salió
was-incoming = entró
ended-closed = cerrado
ended-time-wait = cerrado, TIME-WAIT
ended-fin-wait = cerrado, FIN-WAIT-2
ended-fin-wait-briefly = cerrado, FIN-WAIT-2
ended-aborted = restablecido por nosotros
ended-reset = restablecido por el otro extremo
ended-refused = rechazado
ended-timed-out = tiempo agotado
ended-failed = fallido
ended-unseen = final no visto
ended-not = sigue abierto
gap-before = Sin registrar antes de { $time }.
gap-not-running = Sin registrar:
gap-events-lost = Se perdieron sucesos:
gap-disk-full = El disco estaba lleno:
gap-journal-cut = El diario se cortó:
gap-segment-lost = Faltan registros o no se pueden leer:
gap-sampled = Solo muestreado:
gap-lasts = ahora
