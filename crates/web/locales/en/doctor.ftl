# What is wrong with this machine's ports.

doctor-title = Doctor
doctor-about = What is wrong with this machine’s ports, how that is known, and what helps.
doctor-healthy = Healthy.
doctor-unhealthy = Not healthy.
doctor-errors = { $count ->
    [0] No errors,
    [one] One error,
   *[other] { $count } errors,
}
doctor-warnings = { $count ->
    [0] no warnings,
    [one] one warning,
   *[other] { $count } warnings,
}
doctor-notes = { $count ->
    [0] no notes.
    [one] one note.
   *[other] { $count } notes.
}
severity-error = Error
severity-warning = Warning
severity-note = Note
doctor-evidence = How it is known
doctor-why = Why it matters
doctor-fix = What helps
doctor-price = What that costs
doctor-source = Who says so
doctor-again = Look again
doctor-private = What the recorder and the limits of processes tell is for whoever serves this page, and was left out.
