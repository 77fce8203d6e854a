"""Brand files and wording."""

MESSAGES = {
    'a colour is written as "#1a2b3c", with quotation marks': '颜色写作 "#1a2b3c"，要加引号',
    "no colour is named for: {roles}": "以下用途没有指定颜色：{roles}",
    "write for example {example}": "例如写 {example}",
    "the palette has no colour {name}": "色板里没有颜色 {name}",
    "{file} is a web font, which is not read": "{file} 是网页字体，无法读取",
    "{file} is none of: {types}": "{file} 不是以下类型：{types}",
    "there is no file {file} beside the brand file": "品牌文件旁没有文件 {file}",
    "{text} on {ground} has a contrast of {ratio}:1": "{text} 置于 {ground} 之上，对比度只有 {ratio}:1",
    "text needs 4.5:1 (WCAG AA), large headlines at least 3:1: make one of the two darker": (
        "正文需达到 4.5:1（WCAG AA），大标题至少 3:1：请加深其中一色"
    ),
    "there is no brand {name} in assets/brands": "assets/brands 中没有品牌 {name}",
    "{brand} does not say “{word}”": "{brand}不用“{word}”一词",
}
