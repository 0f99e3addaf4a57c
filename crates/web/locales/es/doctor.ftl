# Qué les pasa a los puertos de esta máquina.

doctor-title = Diagnóstico
doctor-about = Qué va mal en los puertos de esta máquina, cómo se sabe y qué ayuda.
doctor-healthy = En buen estado.
doctor-unhealthy = En mal estado.
doctor-errors = { $count ->
    [0] Ningún error,
    [one] Un error,
   *[other] { $count } errores,
}
doctor-warnings = { $count ->
    [0] ninguna advertencia,
    [one] una advertencia,
   *[other] { $count } advertencias,
}
doctor-notes = { $count ->
    [0] ninguna nota.
    [one] una nota.
   *[other] { $count } notas.
}
severity-error = Error
severity-warning = Advertencia
severity-note = Nota
doctor-evidence = Cómo se sabe
doctor-why = Por qué importa
doctor-fix = Qué ayuda
doctor-price = Qué cuesta
doctor-source = Quién lo dice
doctor-again = Volver a mirar
doctor-private = Lo que cuentan el grabador y los límites de los procesos es solo para quien sirve esta página, y se ha omitido.
