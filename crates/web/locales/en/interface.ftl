# What every page has, and what the pages of the service itself say.

-portolan = portolan

skip-to-content = Skip to the content
nav-label = Pages
nav-chart = Chart
nav-list = Sockets
nav-watch = Watch
nav-registry = Registry
search-label = Search a port, a service or words
search-button = Search
theme-label = Colours
footer-about = Served by this machine itself, to you alone: nothing is loaded from elsewhere, and nobody is told that you read this.

chart-title = The chart of every port
chart-listening = Listening here

port-heading = Port { $port }
breadcrumb-label = Where you are
breadcrumb-ports = Ports

now-heading = Now
now-none = No socket has it.
bind-heading = Can I bind it?
before-heading = Before

column-proto = Protocol
column-state = State
column-local = Local
column-remote = Remote
column-owner = Owner
column-user = User
column-place = Where
