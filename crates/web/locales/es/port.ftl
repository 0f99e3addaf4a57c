# Los rótulos de la página de un puerto.

what-heading = Qué es
how-heading = Cómo funciona
why-heading = Por qué importan los puertos sin asignar
check-heading = Cómo comprobarlo
neighbours-heading = Vecinos
sources-heading = Fuentes

port-heading-proto = Puerto { $port }, { $proto }
port-protos-label = Protocolos
port-proto-all = Todos los protocolos

fact-territory = Territorio
fact-territory-system = Puertos del sistema { $range }
fact-territory-user = Puertos de usuario { $range }
fact-territory-dynamic = Puertos dinámicos { $range }
fact-assigned = Asignado a
fact-assigned-none = nadie
fact-assigned-reserved = nadie: reservado por la IANA
fact-unofficial = Uso no oficial
fact-host = Esta máquina
fact-host-inside = dentro del rango efímero { $range }
fact-host-reserved = dentro del rango efímero { $range }, pero reservado
fact-host-outside = fuera del rango efímero { $range }
fact-host-unknown = se desconoce
fact-elsewhere = Efímero en otros sistemas
fact-elsewhere-some = { $systems }
fact-elsewhere-none = en ninguno de los habituales
fact-privilege = Privilegio para enlazarlo
fact-privilege-yes = necesario, por debajo de { $start }
fact-privilege-no = ninguno

neighbours-below = El puerto asignado más próximo por debajo
neighbours-above = El puerto asignado más próximo por encima
neighbours-none-below = No hay ningún puerto asignado por debajo.
neighbours-none-above = No hay ningún puerto asignado por encima.
neighbours-previous = Puerto { $port }
neighbours-next = Puerto { $port }

sources-manual = Páginas del manual: { $pages }

copy-button = Copiar
copy-done = Copiado
check-prints = Lo que imprime aquí ahora mismo
check-prints-nothing = Ahora mismo aquí no imprime nada.
check-example = Un ejemplo en su propio formato, hecho con los sockets de esta máquina
check-example-nothing = Ahora mismo no aparecería ningún socket de esta máquina.

missing-title = Ese puerto no existe
missing-number = { $read } no es un puerto: van del 0 al 65535.
missing-name = Nada se llama «{ $read }»: ni un puerto ni un servicio del registro de la IANA.
missing-proto = «{ $read }» no es un protocolo con puertos: son TCP, UDP, SCTP y DCCP.
missing-page = Aquí no hay ninguna página { $read }.
missing-nothing = Aquí no hay nada
missing-guess = ¿Quería decir alguno de estos?
missing-search = O busque un número, un nombre o una palabra.
missing-cut = { $port }, sin la última cifra
missing-wrapped = { $port }, lo que queda en dieciséis bits
missing-last = { $port }, el puerto más alto
