# 终端里的卡片。

card-system-ports = { $many ->
    [one] 系统端口
   *[many] 系统端口
}
card-user-ports = { $many ->
    [one] 用户端口
   *[many] 用户端口
}
card-dynamic-ports = { $many ->
    [one] 动态端口
   *[many] 动态端口
}
card-mixed-ports = 跨多个区域的端口

card-territory = 所属区域
card-this-host = 本机
card-elsewhere = 其他系统
card-host = 主机
card-service = 服务

card-territory-system = 系统端口 { $range }：由 IANA 经 IETF 分配（RFC 6335）
card-territory-user = 用户端口 { $range }：由 IANA 应申请分配（RFC 6335）
card-territory-dynamic = 动态端口 { $range }：IANA 在此不作分配（RFC 6335）
card-unread = 无法读取其设置
card-outside = 在临时端口范围 { $range } 之外
card-reserved = 在临时端口范围 { $range } 之内，但已保留：从不分发
card-inside = 在临时端口范围 { $range } 之内：任何传出连接都可能得到它
card-partly-reserved = 在临时端口范围 { $range } 之内，部分已保留
card-partly-inside = { $all } 个中有 { $inside } 个在临时端口范围 { $range } 之内
card-privileged = ；绑定 { $start } 以下的端口需要特权
card-elsewhere-on = 在 { $systems } 上默认是临时端口
card-other-host = 没有查看 { $host }：以下说的是这台机器
card-none-assigned = 未分配
card-unofficial = — 非官方，不属于 IANA
card-registry = 注册表中有 { $count } 行：portolan registry { $span }

card-now = 现在
card-no-socket = 没有套接字
card-sockets = { $count } 个套接字
card-more-sockets = 另有 { $count } 个：portolan ls --port { $target }
card-nobodys-socket = 一个没有进程的套接字
card-listens = { $many ->
    [one] { $who } 在监听它
   *[many] { $who } 在监听其中一些
}
card-bound = { $who } 绑定了它，但没有监听
card-incoming = 有 { $count } 个连接从它进来
card-outgoing-one = { $who } 的一个传出连接占用它
card-outgoing = { $who } 有 { $count } 个连接从它出去
card-connected = { $who } 的 { $count } 个连接占用它
card-connected-nobody = { $count } 个没有进程的连接占用它
card-lingers = { $count } 个连接已关闭，仍在其上处于 TIME-WAIT
card-queued = 有 { $count } 个来自它的连接在这里等待被接受
card-client-over = 从这里到它的 { $count } 个连接已关闭，处于 TIME-WAIT
card-client = { $who } 从这里连接到它
card-client-nobody = 从这里到它的 { $count } 个连接没有进程
card-talks-over = 到别处 { $ports } 的 { $count } 个连接已关闭，处于 TIME-WAIT
card-talks = { $who } 正与别处的 { $ports } 通信
card-talks-nobody = 到别处 { $ports } 的 { $count } 个连接没有进程
card-hidden-process = 一个对您隐藏的进程
card-hidden-by = 一个对您隐藏的进程（其套接字由 { $user } 创建）
card-and-hidden = { $who } 和一个对您隐藏的进程
card-with-others = { $who } 及另外 { $count } 个
card-hidden = 隐藏
card-hidden-maybe = 隐藏，可能是 { $who }
card-gone = 已消失
card-kernel = 内核
card-unaccepted = 尚未被接受
card-unaccepted-by = 尚未被 { $who } 接受
card-not-seen = 未见到
card-since = 自 { $since }
card-by = 由 { $parents } 启动

card-free = 空闲
card-free-of = { $all } 个中有 { $free } 个没有套接字
card-first-free = ；第一个是 { $port }

card-bind = 绑定
card-yes = 可以
card-no = 不行
card-unknown = 不确定
card-for = { $proto }
card-for-on = { $proto }，地址 { $addresses }
card-not-tried = { $proto } 未尝试
card-from-table = 根据套接字表推断；未尝试
card-reason-listening = { $kind ->
    [known] { $who } 在监听它
   *[socket] 有套接字在监听它
}
card-reason-dual-stack = { $kind ->
    [known] { $who } 通过 :: 上的双栈套接字也占用了 IPv4
   *[socket] :: 上的双栈套接字也占用了 IPv4
}
card-reason-bound-silent = { $kind ->
    [known] { $who } 绑定了它但没有监听
   *[socket] 有套接字绑定了它但没有监听
}
card-reason-connected = { $kind ->
    [known] { $who } 正从它建立连接
   *[socket] 有连接在使用它
}
card-reason-time-wait = { $kind ->
    [known] { $who } 关闭连接后把它留在 TIME-WAIT
   *[socket] 一个已关闭的连接使它处于 TIME-WAIT
}
card-reason-udp-bound = { $kind ->
    [known] { $who } 已绑定它
   *[socket] 有 UDP 套接字已绑定它
}
card-reason-privileged = { $start } 以下的端口需要特权
card-reason-address-absent = 本机没有这个地址
card-reason-family-absent = 本机没有这个地址族
card-reason-unseen = 被某个看不见的东西占用
card-reason-refused = 内核拒绝：{ $error }
card-remedy-reuseaddr = 用 SO_REUSEADDR 可以绕过
card-remedy-reuseaddr-perhaps = 只有占用者也设置了，SO_REUSEADDR 才能绕过
card-remedy-v6only = 用 IPV6_V6ONLY 可以绕过
card-remedy-wait = SO_REUSEADDR 没有用；内核会自行释放它
card-remedy-release = SO_REUSEADDR 没有用
card-remedy-privilege = CAP_NET_BIND_SERVICE 或更低的 net.ipv4.ip_unprivileged_port_start 可以解决
card-remedy-address = 必须有已启用的设备拥有它，且 IPv6 未被禁用

card-before = 之前
card-unrecorded = 没有记录：`portolan record` 会从现在起记录
card-forbidden = 有记录，但您无权读取，也没有运行中的记录器可问
card-late = 查明需要更久：portolan who { $target }
card-failed = 无法读取记录：{ $why }
card-since-recording = 自 { $since } 开始记录以来
card-last-day = 过去 24 小时内
card-nobody = { $span }没有人
card-nobody-seen = { $span }没有见到任何人
card-only-trials = { $span }卡片自身的试探太多，其余只有 `portolan who` 能列出
card-tenures = { $kind ->
    [more] { $span }超过 { $count } 次占用，最新的在前
   *[exact] { $span }{ $count } 次占用，最新的在前
}
card-more-tenures = { $kind ->
    [more] 另有超过 { $count } 次：portolan who { $target }
   *[exact] 另有 { $count } 次：portolan who { $target }
}
card-more-gaps = 此前还有 { $count } 次没有：portolan who { $target }
card-until-now = 现在
card-refused = 被拒绝
card-timed-out = 超时
card-connect-failed = 失败
card-listened = 曾监听 { $local }
card-was-bound = 曾绑定 { $local }
card-gap-before = { $until } 之前没有记录
card-gap-at = { $from } 没有记录
card-gap-from-to = { $from } 至 { $until } 没有记录
card-gap-since = 自 { $from } 起没有记录
card-gap-unbegun = 尚未开始记录
card-gap-not-running = 没有记录器在运行
card-gap-events-lost = 事件来得比处理得快
card-gap-disk = 磁盘已满或无法写入
card-gap-journal = 日志末尾损坏，已截去
card-gap-segment = 有一个记录文件缺失或无法读取
card-gap-sampled = 两次查看之间出现又消失的可能缺失
card-sampled-before = { $until } 之前只有抽样记录
card-sampled-at = { $from } 只有抽样记录
card-sampled-from-to = { $from } 至 { $until } 只有抽样记录
card-sampled-since = 自 { $from } 起只有抽样记录
card-gap-lost = ，丢失 { $count } 个事件

card-note = 注
card-note-proc-net = 读自 /proc/net，因为 sock_diag 失败（{ $why }）：不知道已绑定但沉默的套接字、cgroup 和 v6only
card-note-bound-unlisted = 此内核不列出已绑定但未监听的 TCP 套接字（Linux 6.8 及以后会列出）
card-note-unreadable = 有 { $count } 个进程无法查看；更高权限也许有用
card-note-invisible = 可能有进程没有出现在 /proc 中：{ $why }
card-note-narrowed = 有 { $count } 个可能性较小的进程没有搜索：--full-walk 会查看全部
card-note-netns-unreadable = 无法进入网络命名空间 { $netns }：{ $why }
card-note-netns-hidden = 有 { $count } 个进程的网络命名空间未知；更高权限也许有用
card-note-interrupted = 读取时套接字表发生了变化：可能缺一行或重复一行
card-note-recalled = 这些套接字是记录器所知、内核现有的；未完成的握手（SYN-RECV）不在其中
card-note-owners-recalled = 所有者是记录器见到打开或接手套接字且仍在运行的进程：--full-walk 会查看还有谁持有
