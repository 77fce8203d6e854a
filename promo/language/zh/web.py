"""Chinese words of the web server."""

MESSAGES: dict[str, str] = {
    "This page does not exist": "页面不存在",
    "The link may be misspelt, or what it led to is over.": "链接可能有误，或对应的活动已经结束。",
    "cannot answer on {host}, port {port}: {why}": "无法在 {host} 的 {port} 端口提供服务：{why}",
    "choose another; --port 0 takes a free one": "请换一个端口；--port 0 自动选一个空闲的",
}
