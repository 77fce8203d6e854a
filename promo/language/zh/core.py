"""Settings, secrets, the registry, and the values people write."""

MESSAGES = {
    # promo/secret.py
    "the secret {name} has no value": "密钥 {name} 没有值",
    "the secret {name} of {setting} has no value": "{setting} 所指的密钥 {name} 没有值",
    "`broker:` in promo.yaml": "promo.yaml 中的 `broker:`",
    "set the environment variable {name}": "请设置环境变量 {name}",
    "store it with: keyring set promo {name}": "用此命令保存：keyring set promo {name}",
    "a secret is written as {{env: NAME}} or {{keyring: NAME}}, never as its value": "密钥要写成 {{env: 名称}} 或 {{keyring: 名称}}，不可直接写值",
    # promo/registry.py
    "there is no connector {name}": "没有连接器 {name}",
    "the connector {name} of {package} is broken: {reason}": "{package} 的连接器 {name} 无法加载：{reason}",
    "channel {channel}: setting {where}: {what}": "渠道 {channel}：设置项 {where}：{what}",
    "see: promo connectors {name}": "参见：promo connectors {name}",
    # promo/workspace.py
    "a time of day is written as 09:30": "时刻要写成 09:30",
    "no promo.yaml here or in any folder above {folder}": "{folder} 及其上级文件夹中都没有 promo.yaml",
    "make a workspace with: promo init DIR": "新建工作区：promo init 文件夹",
    "{count} problem in promo.yaml": "promo.yaml 中有 {count} 处问题",
    "{count} problems in promo.yaml": "promo.yaml 中有 {count} 处问题",
    # promo/source/suggest.py, value.py
    "did you mean {word}?": "是不是想写 {word}？",
    "known: {words}": "可用的有：{words}",
    "a duration is written as 90s, 15m, 2h, 1d 12h or 2w": "时长要写成 90s、15m、2h、1d 12h 或 2w",
    "more than nothing is needed here: 90s, 15m, 2h": "这里的时长不能为零：90s、15m、2h",
    "a time is written as 2027-03-08 10:00": "时间要写成 2027-03-08 10:00",
    "a day is written as 2027-03-08": "日期要写成 2027-03-08",
    "an amount is written with its currency: 20000 CNY": "金额要带币种：20000 CNY",
    "write a text, or one for each language: {{zh: …, en: …}}": "写一段文字，或分语言写：{{zh: …, en: …}}",
}
