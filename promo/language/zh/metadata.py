"""Metadata of files: credits, alt texts, labels of machine-made pictures."""

MESSAGES = {
    "title, alt text and credits are together too long for a picture's metadata": (
        "标题、替代文本和署名合起来太长，写不进图片的元数据"
    ),
    "shorten the alt text to one or two sentences": "请把替代文本缩短为一两句话",
    "{file} has no credit": "{file} 没有署名",
    "say below `photos:` whose it is": "请在 `photos:` 下写明是谁的作品",
    "the photo was made by a machine, and nothing in the picture says so large enough": (
        "照片由 AI 生成，画面中却没有足够大的文字标明"
    ),
    "no edge of the picture is free for the label of machine-made pictures: shorten the texts": (
        "画面四边都没有空位放“AI 生成”标识：请删减文字"
    ),
    "the picture has no alt text for people who do not see it: say in `alt` what it shows": (
        "图片没有替代文本，看不见图的人无从得知内容：请在 `alt` 里写明画的是什么"
    ),
    # what is refused
    "{file} is empty: 0 bytes": "{file} 是空文件（0 字节）",
    "the logo {file} is drawn in too many or too deeply nested parts": "标志文件 {file} 的图形过多或嵌套过深",
    "simplify it, or export it as PNG": "请简化图形，或导出为 PNG",
    "it needs a size, or a viewBox": "须写明尺寸或 viewBox",
    "{size} cannot be drawn": "{size} 无法绘制",
    "the size of the logo {file} cannot be told: {why}": "无法确定标志文件 {file} 的尺寸：{why}",
    "give it a viewBox around what it draws, such as 0 0 200 80": "请写上围住图形的 viewBox，例如 0 0 200 80",
    "the logo {file} draws nothing": "标志文件 {file} 没有画出任何内容",
    "huge coordinates ({key})": "过大的坐标（{key}）",
    "copy it again": "请重新拷贝",
    "{file} is larger than {size} MB": "{file} 超过 {size} MB",
    "save it as JPEG": "请存为 JPEG",
    "{file} is {kind}, which is not read": "{file} 是 {kind}，不支持这种格式",
    "{file} is stored in a way that is not read ({mode})": "{file} 的存储方式（{mode}）不受支持",
    "save it in RGB with 8 bits a channel": "请存为每通道 8 位的 RGB",
    # fonts
    "{file} is {kind}, not a font file": "{file} 是 {kind}，不是字体文件",
    "its tables are broken": "其中的数据表已损坏",
    "{file} is no font one can use: {reason}": "{file} 不是可用的字体：{reason}",
    "get it again from where it comes from": "请从来源处重新获取",
    "it lacks the table {name}": "缺少数据表 {name}",
    "its em has {count} units": "每个全身框有 {count} 个单位，超出规范",
    "it gives widths for glyphs it has not": "为不存在的字形给出了宽度",
    "it lacks the shapes of some glyphs": "部分字形没有轮廓",
    "it names no characters": "没有字符映射",
    "its characters lead to glyphs it has not": "字符指向了不存在的字形",
    # content credentials
    "there is no certificate {file}": "没有证书文件 {file}",
    "name a PEM file of the workspace in promo.yaml: visuals: c2pa: certificate:": (
        "请在 promo.yaml 的 visuals： c2pa： certificate： 中写工作区内的 PEM 文件"
    ),
    "signing pictures needs a package that is not installed": "为图片签名所需的软件包尚未安装",
    "install it with: pip install 'promo[c2pa]'": "请安装：pip install 'promo[c2pa]'",
    "pictures cannot be signed with {file}: {reason}": "无法用 {file} 为图片签名：{reason}",
    "check that the certificate, its key and the algorithm belong together": "请检查证书、私钥与算法是否配套",
    "the secret {name} holds no private key": "密钥变量 {name} 中没有私钥",
    "put the PEM text of the key into it, or the path of its file": "请在其中放入私钥的 PEM 文本或私钥文件的路径",
    "Content credentials (C2PA): pictures are signed with one's own certificate.": (
        "内容凭证（C2PA）：用自己的证书为图片签名。"
    ),
    "PEM file of the certificate and those above it, below the workspace.": "工作区内的 PEM 文件：证书及其上级证书。",
    "The private key: a secret that holds its PEM text or its file's path.": (
        "私钥：一个密钥引用，其值为 PEM 文本或私钥文件的路径。"
    ),
    "The algorithm of the key.": "私钥的算法。",
    "Address of a timestamp authority (RFC 3161).": "时间戳机构的地址（RFC 3161）。",
    "How pictures are made on this machine.": "图片如何生成。",
    "Sign pictures (needs promo[c2pa]).": "为图片签名（需要 promo[c2pa]）。",
    "Pictures.": "图片。",
}
