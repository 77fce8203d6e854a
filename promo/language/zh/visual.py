"""Visuals: layouts, fonts, photos, logos, and files that cannot be used."""

MESSAGES = {
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
