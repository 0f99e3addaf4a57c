# 端口页面上的标签。

what-heading = 它是什么
how-heading = 它如何工作
why-heading = 未分配端口为何重要
check-heading = 如何检查
neighbours-heading = 相邻端口
sources-heading = 资料来源

port-heading-proto = 端口 { $port }，{ $proto }
port-protos-label = 协议
port-proto-all = 所有协议

fact-territory = 所属区域
fact-territory-system = 系统端口 { $range }
fact-territory-user = 用户端口 { $range }
fact-territory-dynamic = 动态端口 { $range }
fact-assigned = 分配给
fact-assigned-none = 无
fact-assigned-reserved = 无：由 IANA 保留
fact-unofficial = 非官方用途
fact-host = 本机
fact-host-inside = 在临时端口范围 { $range } 之内
fact-host-reserved = 在临时端口范围 { $range } 之内，但已保留
fact-host-outside = 在临时端口范围 { $range } 之外
fact-host-unknown = 未知
fact-elsewhere = 在其他系统上属临时端口
fact-elsewhere-some = { $systems }
fact-elsewhere-none = 常见系统上都不是
fact-privilege = 绑定所需权限
fact-privilege-yes = 需要（低于 { $start }）
fact-privilege-no = 不需要

neighbours-below = 下方最近的已分配端口
neighbours-above = 上方最近的已分配端口
neighbours-none-below = 下方没有已分配的端口。
neighbours-none-above = 上方没有已分配的端口。
neighbours-previous = 端口 { $port }
neighbours-next = 端口 { $port }

sources-manual = 手册页：{ $pages }

copy-button = 复制
copy-done = 已复制
check-prints = 此刻它在这里的输出
check-prints-nothing = 此刻它在这里没有任何输出。
check-example = 按该工具格式、用本机真实套接字制作的示例
check-example-nothing = 此刻本机没有套接字会出现在其中。

missing-title = 没有这个端口
missing-number = { $read } 不是端口：端口从 0 到 65535。
missing-name = 没有什么叫“{ $read }”：既不是端口，也不是 IANA 注册表中的服务。
missing-proto = “{ $read }”不是带端口的协议：有 TCP、UDP、SCTP 和 DCCP。
missing-page = 这里没有 { $read } 这个页面。
missing-nothing = 这里什么都没有
missing-guess = 您是不是要找这些？
missing-search = 或者搜索号码、名称或词语。
missing-cut = { $port }，去掉最后一位
missing-wrapped = { $port }，截成十六位后剩下的
missing-last = { $port }，最大的端口
