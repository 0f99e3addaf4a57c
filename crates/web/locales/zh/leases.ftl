# 已租用的端口。

leases-title = 已租用的端口
leases-about = `portolan lease` 为某人保留的端口：不会分给别人，也没有连接会占用它们。
leases-none = 没有端口被租用。
leases-count = { $count } 个端口已租用。
column-port = 端口
column-name = 名称
column-project = 项目
column-since = 始于
column-serves = 在此服务
leases-hidden = 有些持有者您无权查看。
leases-unnamed = 未命名
