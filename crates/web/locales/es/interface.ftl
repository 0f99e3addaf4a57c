# Lo que tiene cada página.

skip-to-content = Ir al contenido
nav-label = Páginas
nav-chart = Carta
nav-list = Sockets
nav-watch = En vivo
nav-room = Capacidad
nav-doctor = Diagnóstico
nav-leases = Concesiones
search-label = Buscar un puerto, un servicio o palabras
search-button = Buscar
theme-label = Día o noche
footer-about = Esta página la sirve la propia máquina: nada se carga de otro sitio y nadie sabe que la está leyendo.

chart-title = La carta de todos los puertos

port-heading = Puerto { $port }
breadcrumb-label = Dónde está
breadcrumb-ports = Puertos

column-proto = Protocolo
column-state = Estado
column-local = Local
column-remote = Remoto
column-owner = Propietario
column-user = Usuario
column-place = Dónde

languages-label = Idiomas

column-role = Qué hace
column-from = Desde
column-lasted = Duración
column-ended = Fin
column-time = Hora
column-event = Suceso
column-ends = Extremos
column-outcome = Resultado
column-page = Página
column-languages = Idiomas
column-last = Último

list-title = Sockets
list-count = { $count ->
    [0] Ningún socket es así.
    [one] Un socket.
   *[other] { $count } sockets.
}
list-more = { $count ->
    [one] Hay uno más que no se muestra: filtre para verlo.
   *[other] Hay { $count } más que no se muestran: filtre para verlos.
}
list-hidden = Algunos tienen propietarios que usted no puede ver y que también podrían ser los buscados.
filter-port = Puerto
filter-process = Proceso
filter-user = Usuario
filter-unit = Unidad
filter-container = Contenedor
filter-state = Estado
filter-proto = Protocolo
filter-sort = Orden
filter-listening = Solo los que esperan a otros
filter-button = Mostrar
sort-port = Puerto
sort-local = Extremo local
sort-remote = Extremo remoto
sort-state = Estado
sort-pid = Número de proceso
sort-process = Proceso
sort-user = Usuario
sort-recv-q = Pendiente de leer
sort-send-q = Pendiente de enviar

watch-title = Qué está pasando
watch-about = Enlaces, conexiones, aceptaciones y cierres en cuanto ocurren. Sin scripts, vuelva a cargar la página para ver más.
watch-live = Observando.
watch-lost = No es en directo: ahora mismo no se puede seguir lo que sucede. Se intentará de nuevo en unos segundos.
watch-again = Observando de nuevo. Puede que entretanto se haya perdido algo.
watch-missed = Se perdieron algunos sucesos: eran demasiados a la vez.
verb-listen = escucha
verb-connect = conecta
verb-incoming = entra
verb-bind = enlaza
verb-accept = acepta
verb-take = toma
verb-close = cierra
verb-fail = falla

search-title = Búsqueda
search-hint = Un número, el nombre de un servicio o palabras: 60440, ssh, message queue.
search-for = Encontrado para «{ $asked }»
search-nothing = No hay nada así en el registro.
search-more = { $count ->
    [one] Hay uno más que no se muestra.
   *[other] Hay { $count } más que no se muestran.
}
unofficial = no oficial

feedback-question = ¿Le ha servido esta página?
face-sad = No
face-doubtful = No estoy seguro
face-glad = Sí
feedback-thanks = Gracias. Puede cambiarlo cuando quiera.
feedback-failed = No se pudo guardar. Inténtelo de nuevo dentro de un minuto.
feedback-title = Lo que han dicho los lectores
feedback-none = Nadie ha dicho nada todavía.
feedback-order = Primero, las páginas que menos sirvieron.

sign-in-title = Iniciar sesión
sign-in-why = Desde otro lugar, solo puede mirar esta máquina quien tenga su token.
sign-in-token = Token
sign-in-button = Entrar
sign-in-wrong = Ese no es el token.
