"""The Chinese words of the built-in connectors folder, webhook, calendar and print."""

MESSAGES: dict[str, str] = {
    "another folder stands at {folder}": "{folder} 处已有另一文件夹",
    "there is no picture to print": "没有可印刷的图片",
    "give the activity a visual": "请为该活动项配置视觉稿",
    "no picture for the placement {placements}": "点位 {placements} 没有图片",
    "{file} has changed since it was approved": "{file} 在审批之后被改动",
    "{file} has {dpi} dpi, {limit} are needed": "{file} 为 {dpi} dpi，需要 {limit} dpi",
    "mode caldav needs: {names}": "caldav 模式还需要：{names}",
    "CalDAV: there is no calendar at this address": "CalDAV：该地址没有日历",
    "CalDAV: the server refuses the event: {reason}": "CalDAV：服务器拒绝该日程：{reason}",
    "CalDAV: the answer could not be read": "CalDAV：无法解析服务器的答复",
    "the event was there and is gone": "日程原已存在，现已不见",
    "another event stands at {name}": "{name} 处已有另一日程",
    "HEAD was answered with {status}": "HEAD 请求返回 {status}",
    "the webhook's signing secret is malformed": "webhook 签名密钥格式不正确",
    "whsec_ followed by base64 of 24 to 64 bytes": "应为 whsec_ 加 24 至 64 字节的 base64",
    "the webhook's receiver is gone: it answered 410": "webhook 接收方已停用（返回 410）",
    "the webhook's receiver is still busy with the earlier try": "webhook 接收方仍在处理上一次请求",
    "{file} is a file, a folder is needed there": "{file} 是文件，此处需要文件夹",
}
