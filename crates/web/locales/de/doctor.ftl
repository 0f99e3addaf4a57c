# Was mit den Ports dieser Maschine nicht stimmt.

doctor-title = Diagnose
doctor-about = Was mit den Ports dieser Maschine nicht stimmt, woher das bekannt ist und was hilft.
doctor-healthy = Gesund.
doctor-unhealthy = Nicht gesund.
doctor-errors = { $count ->
    [0] Keine Fehler,
    [one] Ein Fehler,
   *[other] { $count } Fehler,
}
doctor-warnings = { $count ->
    [0] keine Warnungen,
    [one] eine Warnung,
   *[other] { $count } Warnungen,
}
doctor-notes = { $count ->
    [0] keine Hinweise.
    [one] ein Hinweis.
   *[other] { $count } Hinweise.
}
severity-error = Fehler
severity-warning = Warnung
severity-note = Hinweis
doctor-evidence = Woher das bekannt ist
doctor-why = Warum es wichtig ist
doctor-fix = Was hilft
doctor-price = Was das kostet
doctor-source = Wer das sagt
doctor-again = Noch einmal nachsehen
doctor-private = Was der Rekorder und die Grenzen von Prozessen verraten, ist nur für den bestimmt, der diese Seite bereitstellt, und wurde weggelassen.
