# Lo que tiene cada página.

skip-to-content = Ir al contenido
nav-label = Páginas
nav-chart = Carta
nav-list = Sockets
nav-watch = En vivo
nav-registry = Registro
search-label = Buscar un puerto, un servicio o palabras
search-button = Buscar
theme-label = Colores
footer-about = Esta página la sirve la propia máquina, y solo a usted: nada se carga de otro sitio y nadie sabe que la está leyendo.

chart-title = La carta de todos los puertos
chart-listening = A la escucha aquí

port-heading = Puerto { $port }
breadcrumb-label = Dónde está
breadcrumb-ports = Puertos

now-heading = Ahora
now-none = Ningún socket lo tiene.
bind-heading = ¿Puedo enlazarlo?
before-heading = Antes

column-proto = Protocolo
column-state = Estado
column-local = Local
column-remote = Remoto
column-owner = Propietario
column-user = Usuario
column-place = Dónde

languages-label = Idiomas
