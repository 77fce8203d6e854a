"""The Chinese words of the connector API."""

MESSAGES: dict[str, str] = {
    "{connector} cannot look up a post": "{connector} 无法查找已发布的内容",
    "{connector} cannot delete a post": "{connector} 无法删除已发布的内容",
    "{what}: the server answered {status}": "{what}:服务器返回 {status}",
    "the address has moved; correct it in the settings": "地址已迁移,请在设置中更正",
    "{what}: the server did not answer the call": "{what}:连接服务器超时",
    "{what}: the server's certificate is not trusted": "{what}:服务器证书不受信任",
    "{what}: the server cannot be reached": "{what}:无法连接服务器",
    "{what}: the connection broke before the answer": "{what}:收到答复前连接中断",
    "{what}: no answer in time": "{what}:服务器未在限定时间内答复",
    "{what}: the address in the settings is not a web address": "{what}:设置中的地址不是有效网址",
    "{what}: a setting holds a character that no header may hold": "{what}:某项设置含有请求头不允许的字符",
    "{what}: the answer could not be read": "{what}:无法解析服务器的答复",
    "this channel takes no first comment": "该渠道不支持首条评论",
    "a title is needed": "缺少标题",
    "a body text is needed": "缺少正文",
    "{count} posts in the thread, {limit} allowed": "串文共 {count} 条,上限 {limit} 条",
    "the text counts {length}, {limit} allowed": "文字计 {length},上限 {limit}",
    "{count} pictures or videos, {limit} allowed": "图片或视频共 {count} 个,上限 {limit} 个",
    "{file} is missing": "缺少文件 {file}",
    "{file} is {mime}, allowed: {types}": "{file} 的格式为 {mime},允许:{types}",
    "{file} has {size} bytes, {limit} allowed": "{file} 有 {size} 字节,上限 {limit} 字节",
    "{file} has {pixels} pixels, {limit} allowed": "{file} 有 {pixels} 像素,上限 {limit} 像素",
    "the alternative text of {file} has {length} characters, {limit} allowed": (
        "{file} 的替代文字有 {length} 个字符,上限 {limit} 个"
    ),
    "{file} is too tall: width ÷ height is {ratio}": "{file} 过高:宽高比为 {ratio}",
    "{file} is too wide: width ÷ height is {ratio}": "{file} 过宽:宽高比为 {ratio}",
    "cannot write in {folder}: {reason}": "无法写入 {folder}:{reason}",
    "cannot remove {folder}: {reason}": "无法删除 {folder}:{reason}",
    "{name} is no id of this channel": "{name} 不是该渠道的编号",
}
