"""The brand file's further checks: rules, print, voice."""

MESSAGES = {
    "{name} takes {total} % of ink, the limit is {limit} %": "{name} 的总墨量为 {total}%，上限是 {limit}%",
    "take away some cyan, magenta and yellow alike, or raise `print: total_ink`": (
        "等量减少青、品红、黄，或提高 `print: total_ink`"
    ),
    "{file} is no ICC profile": "{file} 不是 ICC 色彩配置文件",
    "{file} is a profile for {space}, print wants one for CMYK": "{file} 是 {space} 色彩配置文件，印刷要用 CMYK 的",
    "ask the printer which profile the press is run by": "请向印厂询问印刷机使用的色彩配置文件",
    "the size {name} is smaller than the smallest type, {smallest}": "字号 {name} 小于最小字号 {smallest}",
    "there is no rule {name}": "没有 {name} 这条规则",
    "say why {phrase} may be used: `reason:`": "请写明为何可用{phrase}：`reason:`",
    "“{word}”: {note} ({article})": "“{word}”{note}（{article}）",
    "{law}, {article}": "《{law}》{article}",
    "sponsored content does not say that it is: “{mark}”": "付费推广内容没有标明“{mark}”",
    "write {mark} into the text or the picture": "请在文案或画面中写上{mark}",
    "“{words}” must be said": "必须写明“{words}”",
    "“{word}” is said without “{words}”": "写了“{word}”，却没有写“{words}”",
    "Paid for: the brand's mark (广告, Ad) must be in it.": "付费推广，必须带品牌的广告标记（“广告”“Ad”）。",
    "What is posted there is paid for, and must be marked as an ad.": "在此发布的都是付费推广，必须标明广告。",
}
