# 诊断在本机上看到的：涉及什么，以及如何得知。

subject-destination = { $proto }，从 { $source } 到 { $remote }
subject-to = { $what } 到 { $remote }
subject-served = { $what }，{ $who }
subject-block = { $name } { $block }
subject-range-begins = 范围从 { $port } 开始
subject-ports = { $count } 个端口
subject-one-parity = 同一奇偶性
subject-port = 端口 { $port }
subject-no-recorder = 没有记录器应答
subject-recorder-silent = 记录器没有应答
subject-events = { $count } 个事件
subject-since-boot = 本机启动以来
subject-share = { $share } %
subject-system = 整个系统
subject-as-client = { $count } 个，本机为客户端
subject-as-server = { $count } 个，本机为服务器
subject-used = { $used } / { $of }

block-libvirt = libvirt 迁移
block-gluster = GlusterFS brick
block-nomad = Nomad 任务
block-samba = FreeIPA 和 Samba 的 RPC

party-hidden = 一个对您隐藏的进程
party-hidden-of = { $user } 的一个对您隐藏的进程
party-kernel = 内核
party-gone = 已无人持有
party-time-wait = 处于 TIME-WAIT 的连接
party-placed = { $who } { $place }
party-times = { $who } ×{ $count }
remark-more = 另外 { $count } 个

time-pair = { $large } { $small }
time-days = { $count } 天
time-hours = { $count } 小时
time-minutes = { $count } 分
time-seconds = { $count } 秒

evidence-taken = { $of } 个端口中有 { $count } 个已占用，即 { $share } %；其中 { $waiting } 个处于 TIME-WAIT
evidence-held-by = 占用者：{ $holders }
evidence-first-half = `connect()` 优先尝试的 { $of } 个端口中有 { $count } 个已占用
evidence-no-port = 一个端口也不剩
evidence-fills = 每秒新建 { $rate } 个连接，会在 { $time }后占满其余端口
evidence-fills-in = { $time }后
evidence-failed = 据记录器，有 { $count } 次连接找不到端口；最近一次在 { $time }前
evidence-udp = { $of } 个端口中有 { $count } 个有 UDP 套接字

evidence-binds-late = 它从 { $source } 到 { $remote } 的 { $count } 个连接中，有 { $late } 个使用{ $parity ->
    [odd] 奇数
   *[even] 偶数
}端口，而这些端口 `connect()` 最后才取，`bind()` 却最先取
evidence-usual-source = 按照路由，它们的源地址应是 { $usual }
evidence-bound-silent = { $count } 个套接字：{ $ends }

evidence-held-for = { $holder } 持有它已有 { $time }
evidence-tenant-ended = 为之租用的进程 { $pid } 已结束
evidence-nobody-listens = 没有人在那里监听

evidence-listens = { $who } 监听 { $places }，在 { $range } 之内
evidence-assigned = { $port } 已分配给 { $name }
evidence-unofficial = { $port } 按惯例是 { $name } 的端口
evidence-overlaps = { $program } 正在运行，而 { $range } 与 { $block } 重叠
evidence-range = { $setting } 为 { $range }
evidence-few = { $range } 有 { $count } 个端口，保留端口除外
evidence-reserved-row = 连续 { $count } 个保留端口：{ $block }；落在其中的会分到 { $behind } 及其后的端口
evidence-one-parity = 可以分出的 { $of } 个端口中，有 { $count } 个属于 `connect()` 优先尝试的奇偶性

evidence-events-lost = 记录器（PID { $pid }）启动以来丢失了 { $count } 个事件
evidence-disk-delayed = 发生的事在内存中等待写入：{ $why }
evidence-disk-stopped = 没有记录任何内容：{ $why }

evidence-loopback = 它的 { $count } 个连接全部来自环回
evidence-shared = { $programs } 同时监听 { $end }
evidence-no-process = 没有进程拥有它的描述符；有 { $count } 个连接等待被接受
evidence-opener-ended = { $opener } 打开了它，现已结束
evidence-queue-full = 有 { $count } 个连接等待被 { $who } 接受，而 backlog 为 { $backlog }
evidence-overflows = 有 { $count } 个连接遇到队列已满，其中 { $now } 个就在刚才
evidence-somaxconn = { $setting } 的上限为 { $most }

evidence-conntrack = { $count } 个条目；上限为 { $setting }
evidence-conntrack-waiting = 其中 { $count } 个处于 `TIME_WAIT`，在本机持续 { $seconds } 秒
evidence-nat-pool = { $of } 个 { $proto } 端口中有 { $count } 个正在使用
evidence-system-files = 打开了 { $count } 个文件；上限为 { $setting }
evidence-process-files = 打开了 { $count } 个描述符；上限为 { $of }

evidence-close-wait = { $count } 个连接处于 CLOSE-WAIT，第一个从 { $local } 到 { $remote }
evidence-went-out = { $count } 个从本机发出的连接处于 TIME-WAIT：我们的程序先关闭，所以每个都占用一个临时端口
evidence-came-in = { $count } 个传入的连接处于 TIME-WAIT：我们的服务器先关闭；这不占用我们的临时端口
evidence-clients-wait = 客户端有 { $count } 个连接处于 TIME-WAIT
evidence-buckets = { $count } 个套接字处于 TIME-WAIT；上限为 { $setting }
evidence-skipped = 本机启动以来，有 { $count } 个连接跳过了 TIME-WAIT
