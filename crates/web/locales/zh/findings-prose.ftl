# 诊断可能发现的问题：为何重要、如何解决、有何代价。

finding-listener-in-range-why = 服务器停着的时候，也就是下次重启服务器或下次开机时，任何传出连接都可能分到它的端口。此时服务器会以 `Address already in use` 失败，这种情况出于偶然，也不常见，要等那个连接消失且其 TIME-WAIT 结束才会恢复。要求任意端口（绑定端口 0）的服务器不受影响。
finding-listener-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`，或者改用范围之外的端口
finding-listener-in-range-price = 服务器停着时，通往每个目的地的连接少一个可用端口；运行时一个也不少，因为内核本来就会跳过它的端口

finding-assigned-service-in-range-why = 该服务固定在这个端口上：客户端、防火墙和其他机器都认定它在这里。如果它停着时端口分给了某个连接，它无法换到别处。
finding-assigned-service-in-range-fix = `portolan range set RANGE --reserve-listeners --persist`，或者使用起点高于该服务端口的范围
finding-assigned-service-in-range-price = 每个服务少一个端口；若缩小范围，缩小多少就少多少

finding-known-block-in-range-why = 软件认定没有别人使用它的那一块端口：kube-proxy 在创建 Service 时打开 NodePort，mosh 每个会话占用一个端口，libvirt 每次迁移占用一个。如果其中某个端口在此期间分给了连接，相应的操作就会失败。
finding-known-block-in-range-fix = `portolan range set LO-HI --persist`，使用避开这一块的范围
finding-known-block-in-range-price = 这一块的端口不再分给连接

finding-range-begins-below-1024-why = 普通连接会分到 ssh、DNS 等由 root 运行的服务的端口，在这些服务下次重启时挡住它们；把低端口当作 root 标志的对端（NFS、rsh）会受骗。
finding-range-begins-below-1024-fix = `portolan range set 32768-60999 --persist`
finding-range-begins-below-1024-price = 可供连接使用的端口变少：少了 1024 以下的那些

finding-small-range-why = 从一个地址到一个目的地，最多只能同时打开这么多连接，处于 TIME-WAIT 的也算在内；而且刚用过的端口很快又会被用到，对端或防火墙若仍处于 TIME-WAIT，便以沉默回应。
finding-small-range-fix = `portolan range set 32768-60999 --persist`，或在 `net.ipv4.ip_local_reserved_ports` 中少保留一些端口
finding-small-range-price = 增加的端口可能属于服务器：`portolan range set` 会显示是哪些

finding-destination-filling-why = 占用到一半时，`connect()` 会慢 50 到 200 倍：它优先尝试同一奇偶性的端口，而这些端口已几乎用尽。
finding-destination-filling-fix = 复用连接（keep-alive 或连接池），把连接分散到目的地或本机的更多地址上，或者让 `connect()` 保持快速：`portolan pilot`
finding-destination-filling-price = 连接池会在服务器上保持空闲连接；更多地址必须有路由；`portolan pilot` 需要 root，或者在程序中加载一个库

finding-destination-past-cliff-why = 每次连接都要先白白尝试范围的一半，然后才尝试另一半：耗费大约一毫秒而不是几微秒的处理器时间，而且持有锁，使其他处理器上的连接也要等待。
finding-destination-past-cliff-fix = `portolan pilot run -- PROGRAM`，或者 `portolan pilot on`；另见 `destination-filling`
finding-destination-past-cliff-price = 经过 `portolan pilot` 的套接字会显示 `SO_REUSEADDR`；它绑定的端口，不经过它的连接会跳过

finding-exhaustion-within-a-day-why = 届时，凡是从这个地址前往那里的程序，其 `connect()` 都会以 `Cannot assign requested address`（`EADDRNOTAVAIL`）失败。
finding-exhaustion-within-a-day-fix = 查明是什么打开了这些连接（`portolan room` 会列出名称），让它关闭或复用连接；或者增加源地址：`portolan range plan`
finding-exhaustion-within-a-day-price = 取决于程序；每个源地址都会为每个目的地增加一整个范围

finding-udp-ports-full-why = 一个 UDP 端口只分给一个套接字，不论它与谁通信：端口全部占用后，本机上什么都无法再解析域名。
finding-udp-ports-full-fix = 查明谁占用着它们：`portolan ls -u --sort process`
finding-udp-ports-full-price = 无

finding-binds-source-address-why = 内核在 `bind()` 时就必须选定端口，而那时还不知道目的地：每个这样的连接都会让其他所有连接用不了它的端口，无论通往何处。这样，范围总共只够 28,000 个连接，而不是每个目的地 28,000 个。
finding-binds-source-address-fix = 在程序中设置 `IP_BIND_ADDRESS_NO_PORT`：nginx、HAProxy 和 Envoy 已经设置，或有相应的选项
finding-binds-source-address-price = `bind()` 之后不再能得知端口：要在 `connect()` 之后由 `getsockname()` 得知

finding-binds-before-connect-why = 端口在知道目的地之前就已选定，因此所有人都用不了它，无论通往何处：见 `binds-source-address`。此外，`bind()` 要找的是完全没有人占用的端口，在 `connect()` 还能找到数千个端口时，它就会以 `EADDRINUSE` 失败。
finding-binds-before-connect-fix = 去掉 `bind()`：`connect()` 会自行选择端口
finding-binds-before-connect-price = 无

finding-close-wait-pile-why = CLOSE-WAIT 表示对端已经结束，而我们的程序没有关闭它的描述符。它不会自行结束：每一个都占着端口、一个描述符和内存，直到程序关闭它或程序结束。数量一多，就是泄漏。
finding-close-wait-pile-fix = 让程序在 `read()` 告知连接结束时关闭该连接；在此之前，重启程序
finding-close-wait-pile-price = 重启也会中断它的其他连接

finding-bound-never-listening-why = 它让谁都用不了这个端口，而 `ss` 和 `netstat` 不显示它：想用这个端口的程序会得到 `Address already in use`，却看不到是谁占用。
finding-bound-never-listening-fix = 询问程序的作者，或者结束该进程
finding-bound-never-listening-price = 该进程正在做的事也随之结束

finding-time-wait-pile-why = 先关闭的一方会把端口保留一分钟，以免迟到的报文段被当作下一个连接的。这是健康的；但先关闭的客户端每秒到一个目的地最多只能有 `range / 60` 个连接，默认为 470。
finding-time-wait-pile-fix = 让服务器先关闭，或者保持连接打开（keep-alive 或连接池）
finding-time-wait-pile-price = 这时由服务器承担 TIME-WAIT，在它自己的端口上，不会占去 `connect()` 的任何端口

finding-tw-reuse-everywhere-why = 为 1 时，只要对端的时间戳足以区分新旧报文段，就会出借通往它的这些端口；为 2（默认值）时，只对环回出借；为 0 时从不出借。它对先关闭的客户端有帮助，对服务器毫无作用；若途中的 NAT 或负载均衡器把时间戳各异的主机放在同一个地址后面，它会使连接出错。
finding-tw-reuse-everywhere-fix = 如果并非有意为之：`sysctl -w net.ipv4.tcp_tw_reuse=2`
finding-tw-reuse-everywhere-price = 为 2 时，端口会闲置整整一分钟，因此每秒可建立的连接更少。内核文档警告：未经技术专家建议或要求，不应更改。

finding-tw-reuse-off-why = 即使是对不会有任何东西迟到的环回，也不出借处于 TIME-WAIT 的端口。自 Linux 4.19 起，默认值为 2，即只对环回出借。
finding-tw-reuse-off-fix = `sysctl -w net.ipv4.tcp_tw_reuse=2`，即内核的默认值
finding-tw-reuse-off-price = 只对环回而言，未知有任何代价。内核文档警告：未经技术专家建议或要求，不应更改。

finding-time-wait-buckets-full-why = 超过 `tcp_max_tw_buckets` 后，连接会跳过 TIME-WAIT，其端口立即空闲：迟到的报文段可能被当作下一个连接的。
finding-time-wait-buckets-full-fix = `sysctl -w net.ipv4.tcp_max_tw_buckets=TWICE`
finding-time-wait-buckets-full-price = 每个套接字约 300 字节内存

finding-conntrack-nearly-full-why = 表满之后，新连接的数据包会被丢弃，除了内核日志中的 `nf_conntrack: table full, dropping packet` 之外没有任何提示。条目比连接存在得更久：`TIME_WAIT` 保留两分钟，已建立的连接保留五天。
finding-conntrack-nearly-full-fix = `sysctl -w net.netfilter.nf_conntrack_max=TWICE`，其中 `TWICE` 为当前值的两倍，并把 `nf_conntrack_buckets` 设为它的四分之一
finding-conntrack-nearly-full-price = 每个使用中的条目约 400 字节内存

finding-nat-pool-nearly-full-why = 从这个地址出去的连接，会分到该地址上一个对其目的地空闲的端口。若没有空闲端口，连接会被丢弃。
finding-nat-pool-nearly-full-fix = 转换为一段地址：`--to-source FIRST-LAST`
finding-nat-pool-nearly-full-price = 增加的地址必须路由到本机

finding-reserved-ports-skew-why = `connect()` 逐个跳过保留端口，落在这一块里面时，会取紧接在它后面的端口：这些端口会反复用到，而且距上次使用不久。只保留同一奇偶性的端口会让悬崖更近。
finding-reserved-ports-skew-fix = 使用在这一块之前结束或在它之后开始的范围：`portolan range set LO-HI --persist`
finding-reserved-ports-skew-price = 这一块另一侧的端口不再分出

finding-listener-only-loopback-talks-to-why = 从本机所在的每个网络都能访问它，尽管那里似乎没有人需要它。
finding-listener-only-loopback-talks-to-fix = 让程序监听 `127.0.0.1` 和 `[::1]`
finding-listener-only-loopback-talks-to-price = 确实需要从外部访问、只是刚才没有连接的一方，会被拒之门外

finding-port-shared-by-programs-why = 使用 `SO_REUSEPORT` 时，内核会把连接分给监听该端口的所有套接字。这是为同一个服务器的多个进程设计的；若是两个程序，每个都会得到对方的一部分连接。
finding-port-shared-by-programs-fix = 结束不该在那里的程序，或者给它另一个端口
finding-port-shared-by-programs-price = 它的连接随之结束

finding-listener-without-process-why = 到它的连接由内核接受，此外没有人接受：对端会一直挂起。它的进程已经消失或已将它关闭，它留在一条没有人接收的进程间消息里，或者属于内核自身（例如 NFS）。
finding-listener-without-process-fix = 查明是谁留住了它：即收到过描述符的程序，例如服务管理器或升级过的代理；重启那个程序
finding-listener-without-process-price = 它的连接随之结束

finding-owner-is-gone-why = 凭它的名称，没有人能查到现在是谁在这个端口上应答：套接字是继承或转交而来的。若本意如此则无害，例如服务器的工作进程。
finding-owner-is-gone-fix = `portolan PORT` 会列出现在由谁持有
finding-owner-is-gone-price = 无

finding-listen-queue-overflow-why = 遇到队列已满的连接会在最后一步被丢弃：客户端以为已经连接，于是白白等待或发送。
finding-listen-queue-overflow-fix = 更长的队列：程序自身的 backlog；若 `net.core.somaxconn` 更小，则还有它；或者接受得更快的服务器
finding-listen-queue-overflow-price = 在更长的队列中等待的连接，等得也更久

finding-descriptors-nearly-full-why = 每个套接字都需要一个描述符：达到上限后，`accept()`、`socket()` 和 `open()` 会以 `EMFILE`（进程）或 `ENFILE`（系统）失败。
finding-descriptors-nearly-full-fix = 服务单元中的 `LimitNOFILE=`，或者 `prlimit --pid PID --nofile=SOFT:HARD`；整个系统则用 `sysctl -w fs.file-max=N`
finding-descriptors-nearly-full-price = 内存，而且泄漏会更晚才被发现

finding-stale-lease-why = 租约让其他人都用不了它的端口。这个租约对谁都没有用：为之租用的进程已经结束，而持有者仍在运行；或者自一天前或更早租用以来，一直没有人在那里监听。
finding-stale-lease-fix = 结束它的持有者（`portolan lease ls` 会列出）：租约随之结束
finding-stale-lease-price = 仍打算绑定这个端口的程序，可能会发现它已被占用

finding-recorder-off-why = 只知道端口现在由谁占用，不知道当时由谁占用：出错时端口属于谁、连接来得有多快，都无从得知。
finding-recorder-off-fix = `systemctl enable --now portolan`，或者 `portolan record`
finding-recorder-off-price = 每个套接字不到 1.5 微秒的处理器时间；每次占用 15 字节磁盘空间

finding-recorder-loses-events-why = 记录有空缺：对于那些时间的问题，回答是“不知道”。
finding-recorder-loses-events-fix = `portolan record --buffer 32M`
finding-recorder-loses-events-price = 同样多的内核内存

finding-recorder-out-of-disk-why = 已经不再记录任何内容，或者很快就不再记录。
finding-recorder-out-of-disk-fix = 在磁盘上腾出空间，或者让记录少占一些：`portolan record --max-size 500M`
finding-recorder-out-of-disk-price = 较旧的记录会更早被丢弃
