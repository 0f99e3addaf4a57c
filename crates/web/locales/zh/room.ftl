# 还能建立多少连接，以及还有什么限制它们。

room-title = 连接余量
room-about = 每个目的地：可分给通往它的连接的端口中，有多少已被占用。最先出问题的排在最前。
room-open = { $all } 个端口中有 { $open } 个可以分给连接；范围是 { $range }。
room-reserved = { $count } 个已保留。
room-closed = { $count } 个因有套接字绑定或监听而不能分给连接。
room-udp = { $count ->
    [0] UDP 没有占用。
   *[other] UDP 占用 { $count } 个。
}
room-none = 没有连接从范围内的端口传出。
room-more = 还有 { $count } 个目的地未显示。
column-fill = 占用率
column-taken = 已占用
column-waiting = 处于 TIME-WAIT
column-rate = 每秒新建
column-full-in = 多久占满
column-source = 来源
column-destination = 目的地
column-held-by = 占用者
column-last-hour = 过去一小时
room-of = { $taken } / { $of }
room-full = 现在
room-later = 一天以上
room-never = 永不
room-near = 临近悬崖
room-past = 越过悬崖
room-cliff = 越过悬崖：每两个端口中，connect() 会优先尝试其中一个，而这些端口已经一个不剩，因此每次连接都要白白尝试范围的一半。`portolan room --probe` 测量其代价，`portolan pilot` 可以消除它。
room-unserved = 据记录，有 { $count } 次从 { $source } 到 { $remote } 的连接找不到端口。
room-hour = { $least } 至 { $most } 个端口
room-unrecorded = 没有记录
room-rates-log = 速率来自最近几分钟的记录。
room-rates-looks = 速率由两次查看和处于 TIME-WAIT 的连接推算；有记录器会更准。
room-rates-none = 不知道新建连接的速率。
holder-time-wait = 无：TIME-WAIT
holder-kernel = 内核
holder-hidden = 对您隐藏

limits-heading = 还有什么限制连接
column-used = 已用
column-what = 项目
column-whose = 所属
column-set-by = 由何设定
limit-time-wait-buckets = 处于 TIME-WAIT 的套接字
limit-conntrack = 被跟踪的连接
limit-listen-queue = 监听队列
limit-nat-pool = NAT 端口
limit-system-files = 打开的文件，全系统
limit-process-files = 单个进程打开的文件
limits-unlimited = 无限制
limits-overflows = 本机启动以来，有 { $count } 个连接遇到监听队列已满。
limits-skipped = 有 { $count } 个连接因空间不足跳过了 TIME-WAIT。
limits-untracked = 连接跟踪表不存在或不可见。
