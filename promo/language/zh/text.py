"""Fonts a brand brings along."""

MESSAGES = {
    "the font {file} is larger than {size} MB": "字体 {file} 超过 {size} MB",
    "{file} is a web font": "{file} 是网页字体",
    "give the TTF or OTF file it was made from": "请提供转换前的 TTF 或 OTF 文件",
}
