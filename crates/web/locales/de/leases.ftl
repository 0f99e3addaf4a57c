# Die geleasten Ports.

leases-title = Geleaste Ports
leases-about = Ports, die `portolan lease` für jemanden freihält: Niemand sonst bekommt sie, und keine Verbindung nimmt sie.
leases-none = Kein Port ist geleast.
leases-count = { $count ->
    [one] Ein Port ist geleast.
   *[other] { $count } Ports sind geleast.
}
column-port = Port
column-name = Name
column-project = Projekt
column-since = Seit
column-serves = Bedient ihn
leases-hidden = Manche Inhaber dürfen Sie nicht sehen.
leases-unnamed = ohne Namen
