"""The Chinese words of the built-in connectors folder, webhook, calendar and print."""

MESSAGES: dict[str, str] = {
    "HEAD was answered with {status}": "HEAD 请求返回 {status}",
    "the webhook's address is not a web address": "webhook 地址不是有效网址",
    "the webhook's address is not encrypted": "webhook 地址未加密",
    "use https://, or set allow_http: true inside your own network": "请使用 https://;仅在内网可设 allow_http: true",
    "the webhook's signing secret is malformed": "webhook 签名密钥格式不正确",
    "whsec_ followed by base64 of 24 to 64 bytes": "应为 whsec_ 加 24 至 64 字节的 base64",
    "the webhook's receiver is gone: it answered 410": "webhook 接收方已停用(返回 410)",
    "the webhook's receiver is still busy with the earlier try": "webhook 接收方仍在处理上一次请求",
    "{file} is a file, a folder is needed there": "{file} 是文件,此处需要文件夹",
}
