# What every page has, and what the pages of the service itself say.

skip-to-content = Skip to the content
nav-label = Pages
nav-chart = Chart
nav-list = Sockets
nav-watch = Watch
nav-room = Room
nav-doctor = Doctor
nav-leases = Leases
search-label = Search a port, a service or words
search-button = Search
languages-label = Languages
theme-label = Day or night
footer-about = Served by this machine itself: nothing is loaded from elsewhere, and nobody is told that you read this.

chart-title = The chart of every port

port-heading = Port { $port }
breadcrumb-label = Where you are
breadcrumb-ports = Ports

column-proto = Protocol
column-state = State
column-local = Local
column-remote = Remote
column-owner = Owner
column-user = User
column-place = Where
column-role = What it does
column-from = From
column-lasted = For
column-ended = Ended
column-time = Time
column-event = Event
column-ends = Ends
column-outcome = Outcome
column-page = Page
column-languages = Languages
column-last = Last

list-title = Sockets
list-count = { $count ->
    [0] No socket is like that.
    [one] One socket.
   *[other] { $count } sockets.
}
list-more = { $count ->
    [one] One more is not shown: filter to see it.
   *[other] { $count } more are not shown: filter to see them.
}
list-hidden = Some have owners that are not yours to see, and may be meant too.
filter-port = Port
filter-process = Process
filter-user = User
filter-unit = Unit
filter-container = Container
filter-state = State
filter-proto = Protocol
filter-sort = Order
filter-listening = Only those that wait for others
filter-button = Show
sort-port = Port
sort-local = Local end
sort-remote = Far end
sort-state = State
sort-pid = Process id
sort-process = Process
sort-user = User
sort-recv-q = Waiting to be read
sort-send-q = Waiting to be sent

watch-title = What happens
watch-about = Binds, connects, accepts and closes, as they happen. Load the page again to see more where scripts are off.
watch-live = Watching.
watch-lost = Not live: what happens cannot be followed at the moment. It is tried again in a few seconds.
watch-again = Watching again. Something may have been missed in between.
watch-missed = Some events were missed: too many at once.
verb-listen = listen
verb-connect = connect
verb-incoming = incoming
verb-bind = bind
verb-accept = accept
verb-take = take over
verb-close = close
verb-fail = fail

search-title = Search
search-hint = A number, a service’s name, or words: 60440, ssh, message queue.
search-for = Found for “{ $asked }”
search-nothing = Nothing in the registry is like that.
search-more = { $count ->
    [one] One more is not shown.
   *[other] { $count } more are not shown.
}
unofficial = unofficial

feedback-question = Was this page helpful?
face-sad = No
face-doubtful = Not sure
face-glad = Yes
feedback-thanks = Thank you. You can change it whenever you like.
feedback-failed = That could not be kept. Try again in a minute.
feedback-title = What readers said
feedback-none = Nobody has said anything yet.
feedback-order = The pages that helped least come first.

sign-in-title = Sign in
sign-in-why = This machine can be looked at from elsewhere only by those who have its token.
sign-in-token = Token
sign-in-button = Sign in
sign-in-wrong = That is not the token.
