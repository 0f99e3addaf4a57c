# The ports that are leased.

leases-title = Leased ports
leases-about = Ports that `portolan lease` keeps for somebody: nobody else is given them, and no connection takes them.
leases-none = No port is leased.
leases-count = { $count ->
    [one] One port is leased.
   *[other] { $count } ports are leased.
}
column-port = Port
column-name = Name
column-project = Project
column-since = Since
column-serves = Serves there
leases-hidden = Some holders are not for you to see.
leases-unnamed = without a name
