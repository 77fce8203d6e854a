"""The Chinese words of the mastodon connector."""

MESSAGES: dict[str, str] = {
    "the server's description": "服务器信息",
    "the account": "账号",
    "the post": "帖文",
    "the thread": "串文",
    "taking the post down": "删除帖文",
    "the account's posts": "账号的帖文",
    "the home timeline": "主页时间线",
    "the upload": "上传",
    "the server is still processing {file}": "服务器仍在处理 {file}",
    "{what}: the server sends us to another address": "{what}：服务器要求转到其他地址",
    "{what}: the access token is not valid": "{what}：访问令牌无效",
    "mend api_base_url": "请更正 api_base_url",
    "the server takes {limit} characters: max_characters may say so": (
        "该服务器上限为 {limit} 字符：可在 max_characters 中写明"
    ),
    "pictures and a video cannot share one post": "图片与视频不能放在同一条帖文中",
    "the post is empty": "帖文没有内容",
    "{done} of {total} posts of the thread are out ({url}): {reason}": (
        "串文共 {total} 条，已发出 {done} 条（{url}）：{reason}"
    ),
    "option {name}: {reason}": "选项 {name}：{reason}",
    "the account's posts: the answer could not be read": "账号的帖文：无法解析服务器的答复",
    "the post: the answer could not be read": "帖文：无法解析服务器的答复",
    "text and content warning count {length}, {limit} allowed": "文字与内容警告共计 {length}，上限 {limit}",
    "api_base_url is the server's address, such as https://social.example": (
        "api_base_url 应为服务器地址，例如 https://social.example"
    ),
    "api_base_url must begin with https: the access token would travel in the clear": (
        "api_base_url 须以 https 开头：否则访问令牌会明文传输"
    ),
    "too many newer posts to search through": "较新的帖文过多，无法逐条查找",
}
