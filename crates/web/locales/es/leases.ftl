# Los puertos en concesión.

leases-title = Puertos en concesión
leases-about = Puertos que `portolan lease` guarda para alguien: no se entregan a nadie más y ninguna conexión los toma.
leases-none = Ningún puerto está en concesión.
leases-count = { $count ->
    [one] Un puerto está en concesión.
   *[other] { $count } puertos están en concesión.
}
column-port = Puerto
column-name = Nombre
column-project = Proyecto
column-since = Desde
column-serves = Sirve en él
leases-hidden = A algunos titulares usted no puede verlos.
leases-unnamed = sin nombre
