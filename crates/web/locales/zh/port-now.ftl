# 端口页面上实时的部分。

now-heading = 现在
now-none = 没有套接字占用它。
now-count = { $count } 个套接字。
now-more = 还有 { $count } 个未显示。
role-listens = 监听
role-bound = 已绑定
role-incoming = 传入
role-outgoing = 传出
role-connected = 已连接
role-lingers = 已关闭，尚存
role-client = 从这里连接
role-talks = 与别处的它通信
who-hidden = 对您隐藏
who-maybe = 可能是 { $name }
who-gone = 已消失
who-kernel = 内核
who-unaccepted = 尚未被接受
who-unseen = 未见到
process-since = 自 { $time }
process-by = 启动者

bind-heading = 我能绑定它吗？
answer-yes = 可以
answer-no = 不行
answer-unknown = 也许
bind-answer = { $everywhere ->
    [yes] { $proto }
   *[no] { $proto }，地址 { $addresses }
}
bind-holder = { $others ->
    [0] { $name }
   *[other] { $name } 及另外 { $others } 个
}
bind-holder-hidden = 一个对您隐藏的进程
bind-holder-nobody = 一个没有进程的套接字
bind-reason-listening = { $who } 在监听它
bind-reason-dual-stack = { $who } 通过 :: 上的双栈套接字也占用了 IPv4
bind-reason-bound-silent = { $who } 绑定了它但没有监听
bind-reason-connected = { $who } 正从它建立连接
bind-reason-time-wait = { $who } 关闭连接后把它留在 TIME-WAIT
bind-reason-udp-bound = { $who } 已绑定它
bind-reason-privileged = 这么低的端口需要特权
bind-reason-address-absent = 本机没有这个地址
bind-reason-family-absent = 本机没有这个地址族
bind-reason-unseen = 被某个看不见的东西占用
bind-reason-refused = 内核拒绝
bind-remedy-reuseaddr = 用 SO_REUSEADDR 可以绕过
bind-remedy-reuseaddr-perhaps = 只有占用者也设置了，SO_REUSEADDR 才能绕过
bind-remedy-v6only = 用 IPV6_V6ONLY 可以绕过
bind-remedy-wait = SO_REUSEADDR 没有用；内核会自行释放它
bind-remedy-release = SO_REUSEADDR 没有用
bind-remedy-privilege = CAP_NET_BIND_SERVICE 或更低的 net.ipv4.ip_unprivileged_port_start 可以解决
bind-remedy-address = 必须有已启用的设备拥有它，且 IPv6 未被禁用
bind-told = 这是根据套接字表、针对提供本页的进程推断的；没有为此绑定任何东西。portolan PORT 会真正尝试。

before-heading = 之前
before-unrecorded = 没有记录：portolan record 会从现在起记录。
before-forbidden = 有记录，但本服务无权读取，也没有运行中的记录器可问。
before-late = 查明需要更久。
before-load = 显示之前谁占用它
before-spans = 时间
span-hour = 小时
span-day = 天
span-week = 周
span-month = 月
zoom-earlier = 更早
zoom-in = 放大
zoom-out = 缩小
zoom-later = 更晚
before-count = { $count ->
    [0] 这段时间里没有人占用它。
   *[other] 这段时间里有 { $count } 个套接字占用过它。
}
before-unknown = 不得而知：这段时间没有记录，或没有全部记录。
before-more = 这些是最新的；还有更多。
was-bound = 绑定
was-listening = 监听
was-outgoing = 传出
was-incoming = 传入
ended-closed = 已关闭
ended-time-wait = 已关闭，TIME-WAIT
ended-fin-wait = 已关闭，FIN-WAIT-2
ended-fin-wait-briefly = 已关闭，FIN-WAIT-2
ended-aborted = 被我方重置
ended-reset = 被对端重置
ended-refused = 被拒绝
ended-timed-out = 超时
ended-failed = 失败
ended-unseen = 未见到结束
ended-not = 仍然打开
gap-before = { $time } 之前没有记录。
gap-not-running = 没有记录：
gap-events-lost = 事件丢失：
gap-disk-full = 磁盘已满：
gap-journal-cut = 日志被截断：
gap-segment-lost = 记录缺失或无法读取：
gap-sampled = 只有抽样：
gap-lasts = 现在
