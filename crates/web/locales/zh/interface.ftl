# 每个页面都有的文字。

skip-to-content = 跳到正文
nav-label = 页面
nav-chart = 海图
nav-list = 套接字
nav-watch = 实时
nav-room = 余量
nav-doctor = 诊断
nav-leases = 租约
search-label = 搜索端口、服务或关键词
search-button = 搜索
theme-label = 日间或夜间
footer-about = 本页由这台机器自己提供：不从别处加载任何内容，也没有人知道您在看它。

chart-title = 全部端口的海图

port-heading = 端口 { $port }
breadcrumb-label = 当前位置
breadcrumb-ports = 端口

column-proto = 协议
column-state = 状态
column-local = 本地
column-remote = 远端
column-owner = 所有者
column-user = 用户
column-place = 所在

languages-label = 语言

column-role = 作用
column-from = 开始
column-lasted = 持续
column-ended = 结束
column-time = 时间
column-event = 事件
column-ends = 两端
column-outcome = 结果
column-page = 页面
column-languages = 语言
column-last = 最近

list-title = 套接字
list-count = { $count ->
    [0] 没有符合的套接字。
   *[other] { $count } 个套接字。
}
list-more = 还有 { $count } 个未显示：请筛选后查看。
list-hidden = 有些套接字的所有者您无权查看，它们也可能符合条件。
filter-port = 端口
filter-process = 进程
filter-user = 用户
filter-unit = 单元
filter-container = 容器
filter-state = 状态
filter-proto = 协议
filter-sort = 排序
filter-listening = 只看等待连接的
filter-button = 显示
sort-port = 端口
sort-local = 本地端
sort-remote = 远端
sort-state = 状态
sort-pid = 进程号
sort-process = 进程
sort-user = 用户
sort-recv-q = 待读取
sort-send-q = 待发送

watch-title = 正在发生
watch-about = 绑定、连接、接受和关闭，发生即显示。没有脚本时，请重新加载页面查看更多。
watch-live = 正在观察。
watch-lost = 现在不是实时：暂时无法跟踪正在发生的事。几秒钟后会再试。
watch-again = 已恢复观察。其间可能漏掉了一些事件。
watch-missed = 漏掉了一些事件：一下子太多了。
verb-listen = 监听
verb-connect = 连接
verb-incoming = 传入
verb-bind = 绑定
verb-accept = 接受
verb-take = 接手
verb-close = 关闭
verb-fail = 失败

search-title = 搜索
search-hint = 号码、服务名或词语：60440、ssh、message queue。
search-for = “{ $asked }”的搜索结果
search-nothing = 注册表中没有这样的内容。
search-more = 还有 { $count } 条未显示。
unofficial = 非官方

feedback-question = 这个页面有帮助吗？
face-sad = 没有
face-doubtful = 不确定
face-glad = 有
feedback-thanks = 谢谢。您随时可以更改。
feedback-failed = 没能保存。请一分钟后再试。
feedback-title = 读者的反馈
feedback-none = 还没有人反馈。
feedback-order = 帮助最小的页面排在最前。

sign-in-title = 登录
sign-in-why = 只有持有令牌的人才能从别处查看这台机器。
sign-in-token = 令牌
sign-in-button = 登录
sign-in-wrong = 令牌不对。
