"""The Chinese words of everything that sends mail: the mail API, and the connectors email, task and press."""

MESSAGES: dict[str, str] = {
    "{address} is not a mail address": "{address} 不是有效的邮箱地址",
    "{address}: the part before @ must be ASCII": "{address}：@ 之前的部分只能用英文字符",
    "{file} cannot be read: {reason}": "无法读取 {file}：{reason}",
    "the mail server answered {code} to {step}: {words}": "邮件服务器对 {step} 返回 {code}：{words}",
    "the mail server's answer was lost: the mail may have been sent": "未收到邮件服务器的最终答复：邮件可能已发出",
    "the mail server does not speak SMTP": "对方不是 SMTP 邮件服务器",
    "ca_file: there is no file {file} in the workspace": "ca_file：工作区中没有文件 {file}",
    "security none is only for a server on this machine; use starttls or tls": (
        "security: none 只能用于本机邮件服务器；请改用 starttls 或 tls"
    ),
    "username and password go together": "username 与 password 必须同时填写",
    "the mail has {size} bytes, the server takes {limit}": "邮件有 {size} 字节，服务器上限为 {limit}",
    "smaller pictures or attachments, or a link to them": "请压缩图片或附件，或改为附上链接",
    "the mail server refuses the user name or password ({code})": "邮件服务器拒绝了用户名或密码（{code}）",
    "the mail server offers no way to log in that we know": "邮件服务器不提供可用的登录方式",
    "the mail server refuses us ({code})": "邮件服务器拒绝连接（{code}）",
    "the mail server is not ready ({code})": "邮件服务器暂不可用（{code}）",
    "the mail server's certificate is not trusted": "邮件服务器证书不受信任",
    "the mail server speaks no TLS on this port": "邮件服务器在该端口不支持 TLS",
    "the mail server did not answer in time; nothing was sent": "邮件服务器未在限定时间内答复；邮件未发出",
    "the mail server closed the connection; nothing was sent": "邮件服务器断开了连接；邮件未发出",
    "the mail server cannot be reached; nothing was sent": "无法连接邮件服务器；邮件未发出",
    "the mail server offers no STARTTLS": "邮件服务器不支持 STARTTLS",
    "security: tls, or ask who runs the server": "请设为 security: tls，或联系服务器管理员",
    "sent or not? {names}": "是否已送达？{names}",
    "{reason}; still to send: {names}": "{reason}；尚待发送：{names}",
    "ask them; decided as not published, the delivery goes to these again and to nobody twice": (
        "请向对方确认；如判定为未发布，只会补发给这些人，不会重复发给其他人"
    ),
    "takes mails of up to {size} bytes": "单封邮件上限 {size} 字节",
    "email knows no option {name}": "email 没有选项 {name}",
    "the mail is empty": "邮件没有内容",
    "option to: 1 to {limit} addresses": "选项 to：请填写 1 至 {limit} 个地址",
    "option to: {reason}": "选项 to：{reason}",
    "list_unsubscribe is a mailto: or https: address": "list_unsubscribe 应为 mailto: 或 https: 地址",
    "no tasks to hand over": "没有可移交的任务",
    "tasks: in the campaign, or owner: in the channel": "请在推广活动中写 tasks：，或在渠道设置中写 owner:",
    "task {task}: {owner} has no mail address": "任务“{task}”：{owner} 没有邮箱地址",
    "write an address, or put the name into the channel's people": "请直接写邮箱地址，或在渠道设置的 people 中登记此人",
    "no outlets to write to": "没有可联络的媒体",
    "outlets: a table with the columns name and email": "outlets：媒体名单表，须有 name 和 email 两列",
    "held until the embargo ends; no outlet has it yet": "禁发期结束前暂不发送；尚未发给任何媒体",
    "before_embargo: marked sends it now, with the embargo in the subject": (
        "设为 before_embargo: marked 可立即发出，并在主题中标明禁发时间"
    ),
    "outlet {name}: {reason}": "媒体 {name}：{reason}",
}
