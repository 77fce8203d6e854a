"""Visuals: layouts, fonts, photos, logos, and what is found on finished pictures."""

MESSAGES = {
    # findings
    "“{text}” has a contrast of {ratio}:1 on its ground, it needs {needed}:1": (
        "“{text}”与背景的对比度为 {ratio}：1，需达到 {needed}：1"
    ),
    "“{text}” does not fit and was cut: make it shorter": "“{text}”放不下，已截断：请改短",
    "the texts together are higher than their area, by {percent} %: shorten one": (
        "文字总高超出区域 {percent} %：请删减"
    ),
    "“{text}” is set in {size}, the smallest the brand allows is {smallest}": (
        "“{text}”字号为 {size}，品牌规定最小 {smallest}"
    ),
    "{characters}: a script written from right to left is not set correctly": "{characters}：不支持从右向左书写的文字，排出来不对",
    "no font has the characters {characters}: leave them out, or add a font to the brand": (
        "没有字体含有字符 {characters}：请去掉，或给品牌添加字体"
    ),
    "{characters} came from {font}, a font of this machine: another one may draw it differently": (
        "{characters} 用的是本机字体 {font}：换一台机器可能不同"
    ),
    "the font {font} is not installed: the next one in the brand file was used": (
        "未安装字体 {font}：已改用品牌文件中的下一种"
    ),
    "the QR code cannot be read in the finished picture": "成图中的二维码无法识读",
    "the QR code's modules are {size}, they need {needed}: use a larger format or a shorter link": (
        "二维码每格为 {size}，至少需要 {needed}：请用更大的版面或更短的链接"
    ),
    "the logo is {size} high, the brand asks for at least {needed}": "标志高 {size}，品牌规定不小于 {needed}",
    "the logo has a contrast of {ratio}:1 on its ground: add a variant for this ground": (
        "标志与背景的对比度为 {ratio}：1：请为这种背景增加一个标志版本"
    ),
    "{other} stands in the logo's clear space": "{other} 侵入了标志的保护空间",
    "the text runs into the QR code: shorten it": "文字压到了二维码：请改短",
    "the photo is enlarged {factor} times and will look soft: use a larger one": (
        "照片被放大 {factor} 倍，会发虚：请换更大的照片"
    ),
    # layouts
    "a text names a field, a text or a rule": "一段文字要写明 field、text 或 rule",
    "the layout has no format {name}": "版式中没有规格 {name}",
    "there is no layout {name}": "没有版式 {name}",
    "there is no brand {name}": "没有品牌 {name}",
    # text and fonts
    "a text of {count} characters is too long for a picture: “{start}…”": (
        "一段 {count} 字的文字放不进画面：“{start}…”"
    ),
    "write at most {count} characters": "最多写 {count} 个字",
    "no font with Chinese characters": "没有含中文字符的字体",
    "{font}, {count} characters": "{font}，{count} 个字符",
    "no font is installed": "没有安装任何字体",
    "install the package justmytype-intl-cjk": "请安装软件包 justmytype-intl-cjk",
    "{file} is no font one can read": "{file} 不是可读的字体文件",
    # photos and logos
    "there is no photo {file}": "没有照片 {file}",
    "photos are looked for in assets/": "照片从 assets/ 中查找",
    "{file} has too many pixels": "{file} 的像素过多",
    "scale it down to 80 megapixels or less": "请缩小到 8000 万像素以内",
    "{file} is animated": "{file} 是动图",
    "save one frame as PNG or JPEG": "请取其中一帧存为 PNG 或 JPEG",
    "{file} is no picture one can read: it is broken or cut short": "{file} 不是可读的图片：文件损坏或不完整",
    "save it again as JPEG or PNG": "请重新存为 JPEG 或 PNG",
    "there is no logo {file}": "没有标志文件 {file}",
    "the logo {file} is larger than 2 MB": "标志文件 {file} 超过 2 MB",
    "the logo {file} cannot be read: it is broken": "标志文件 {file} 无法读取：文件损坏",
    "the logo {file} holds {what}, which a logo must not": "标志文件 {file} 含有 {what}，标志中不允许出现",
    "export it again as plain SVG, texts converted to paths": "请重新导出为普通 SVG，并将文字转为轮廓",
    "the link is too long for a QR code: {link}…": "链接太长，生成不了二维码：{link}…",
}
