# 这台机器的端口有什么问题。

doctor-title = 诊断
doctor-about = 这台机器的端口有什么问题、如何得知，以及什么有帮助。
doctor-healthy = 健康。
doctor-unhealthy = 不健康。
doctor-errors = { $count ->
    [0] 没有错误，
   *[other] { $count } 个错误，
}
doctor-warnings = { $count ->
    [0] 没有警告，
   *[other] { $count } 个警告，
}
doctor-notes = { $count ->
    [0] 没有提示。
   *[other] { $count } 个提示。
}
severity-error = 错误
severity-warning = 警告
severity-note = 提示
doctor-evidence = 如何得知
doctor-why = 为何重要
doctor-fix = 如何解决
doctor-price = 有何代价
doctor-source = 出自何处
doctor-again = 再看一次
doctor-private = 记录器和进程限制透露的内容只供提供本页的人查看，此处已略去。
