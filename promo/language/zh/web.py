"""Chinese words of the web server."""

MESSAGES: dict[str, str] = {
    "This page does not exist": "页面不存在",
    "The link may be misspelt, or what it led to is over.": "链接可能有误，或对应的活动已经结束。",
    "cannot answer on {host}, port {port}: {why}": "无法在 {host} 的 {port} 端口提供服务：{why}",
    "choose another with: promo serve --port 0": "可改用其他端口：promo serve --port 0",
}
