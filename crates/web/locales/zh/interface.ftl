# 每个页面都有的文字。

skip-to-content = 跳到正文
nav-label = 页面
nav-chart = 海图
nav-list = 套接字
nav-watch = 实时
nav-registry = 注册表
search-label = 搜索端口、服务或关键词
search-button = 搜索
theme-label = 配色
footer-about = 本页由这台机器自己提供，只给您一人：不从别处加载任何内容，也没有人知道您在看它。

chart-title = 全部端口的海图
chart-listening = 正在这里监听

port-heading = 端口 { $port }
breadcrumb-label = 当前位置
breadcrumb-ports = 端口

now-heading = 现在
now-none = 没有套接字占用它。
bind-heading = 我能绑定它吗？
before-heading = 之前

column-proto = 协议
column-state = 状态
column-local = 本地
column-remote = 远端
column-owner = 所有者
column-user = 用户
column-place = 所在

languages-label = 语言
