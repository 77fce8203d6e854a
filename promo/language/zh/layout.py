"""Layouts: what is wrong in their files, and what placing finds."""

MESSAGES = {
    # promo/visual/layout/length.py
    "a length is written as 12, 5%, 40px, 12mm or 9pt": "长度写作 12、5%、40px、12mm 或 9pt",
    "this length must be more than 0": "这个长度须大于 0",
    "this length must be 0 or more": "这个长度不能小于 0",
    "a box is a list of four lengths": "box 由四个长度组成",
    "write [left, top, width, height]": "写作 [左, 上, 宽, 高]",
    "a box must be wider and higher than 0": "box 的宽和高须大于 0",
    "margins are one length, two or four": "边距写一个、两个或四个长度",
    "write [top, right, bottom, left]": "写作 [上, 右, 下, 左]",
    "proportions are written as 16:9, or as a number: width divided by height": "比例写作 16:9，或写宽除以高的数值",
    "a page is [width, height] in px or mm, or a sheet such as A4": "页面写作 [宽, 高]（px 或 mm），或写纸张名，如 A4",
    "write [1080, 1350], [210mm, 297mm], A4 or A4 landscape": "写作 [1080, 1350]、[210mm, 297mm]、A4 或 A4 landscape",
    # promo/visual/layout/condition.py
    "a condition is a short text such as `price and not badge`": "条件是一小段文字，如 `price and not badge`",
    "use names of fields, `not`, `and`, `or`, `==`, `!=`, `in`, and brackets": (
        "可用字段名、`not`、`and`、`or`、`==`、`!=`、`in` 和括号"
    ),
    "the condition cannot be understood at {part}": "条件在 {part} 处看不懂",
    "the condition ends too early": "条件没写完",
    # promo/visual/layout/binding.py
    "a single {brace} in a text of a layout": "版式文字里有落单的 {brace}",
    "write `{{{{` for a brace, and a field as `{{title}}`": "花括号本身写作 `{{{{`，字段写作 `{{title}}`",
    # promo/visual/layout/layers.py
    "this text has no words": "这个文字层没有内容",
    "give it `bind: title`, or a `text`": "写上 `bind: title`，或写 `text`",
    "this shape has no colour": "这个形状没有颜色",
    "give it `fill: accent`": "写上 `fill: accent`",
    "the stops of a gradient stand in order": "渐变的色标须按位置先后排列",
    "a group repeated for rows says how they are stacked": "按行重复的组须写明各行怎么排",
    "add `stack: vertical`": "加上 `stack: vertical`",
    "a layer says its `kind`": "图层须写明 `kind`",
    "there is no kind of layer {kind}": "没有 {kind} 这种图层",
    "a layer is a mapping: {{kind: text, …}}": "图层写作键值对：{{kind: text, …}}",
    "{value} is no edge of a layer": "{value} 不是图层的边",
    "write such as `left of title`; edges: {words}": "写法如 `left of title`；可用的边：{words}",
    # promo/visual/layout/check.py, check_layer.py
    "at most {count} layers are allowed": "图层最多 {count} 个",
    "two layers are called {name}": "有两个图层都叫 {name}",
    "a page of {size} pixels cannot be drawn": "画不出 {size} 像素的页面",
    "between {least} and {most} pixels a side, {area} million in all; lower its dpi": (
        "每边 {least} 到 {most} 像素，总共不超过 {area} 百万像素；可调低 dpi"
    ),
    "the formats inherit in a circle: {names}": "规格的继承绕成了圈：{names}",
    "no layer shows the field {name}": "没有图层用到字段 {name}",
    "the format {name} has no size": "规格 {name} 没有尺寸",
    "write `size: [1080, 1080]`, or `inherit:` another format": "写上 `size: [1080, 1080]`，或用 `inherit:` 继承别的规格",
    "no brand has a colour {name}": "没有品牌有颜色 {name}",
    "there is no platform {name}": "没有平台 {name}",
    "the layout has no layer {name}": "版式里没有图层 {name}",
    "the layout has no field {name}": "版式里没有字段 {name}",
    "{name} is known only inside a group with `each`": "{name} 只能用在带 `each` 的组里",
    "the table {table} has no column {name}": "表格 {table} 没有 {name} 这一列",
    "there is no page {number}, the layout has {count}": "没有第 {number} 页，版式共 {count} 页",
    "write `pages: 2` in the layout": "在版式里写 `pages: 2`",
    "in this stack the layer needs a {key}": "在这个堆叠里，图层须写 {key}",
    "the field {name} is of kind {kind}, {wanted} is needed here": "字段 {name} 的类型是 {kind}，这里要 {wanted}",
    "{key} has no sense in a stack, which gives its layers their places": "堆叠会自己排位置，{key} 在这里不起作用",
    "use `gap`": "用 `gap`",
    "the layer {name} stands in another group: only neighbours can be leant on": "图层 {name} 在另一个组里：只能参照同组的图层",
    "{name} stands in a circle: its place follows from itself": "{name} 的位置绕成了圈：取决于它自己",
    "groups may be nested {count} deep": "组最多嵌套 {count} 层",
    # promo/visual/layout/filling.py
    "the layout {layout} needs the field {name}": "版式 {layout} 需要字段 {name}",
    "the field {name} takes a text": "字段 {name} 要填文字",
    "{length} characters are too many for the field {name}: it takes {most}": (
        "字段 {name} 写了 {length} 个字符，太多了：最多 {most} 个"
    ),
    "there is no file {file} in {folder}": "{folder} 里没有文件 {file}",
    # promo/visual/supply.py
    "there is no table {file}": "没有表格 {file}",
    "tables are looked for in the workspace": "表格从工作区目录里找",
    # promo/visual/place
    "the layer {name} is far larger than the page": "图层 {name} 远大于页面",
    "bare numbers are in the unit of the canvas, {unit}": "不带单位的数字按画布的单位算：{unit}",
    "the brand {brand} has no colour {name}, which the layout uses": "版式用到颜色 {name}，品牌 {brand} 里没有",
    "`hide` it there, and write a layer of its own with `visible_if: format == '{format}'`": (
        "请在那里用 `hide` 隐去它，另写一个带 `visible_if: format == '{format}'` 的图层"
    ),
    "the layout {layout} has no format {name}": "版式 {layout} 没有规格 {name}",
    "no brand has a size of type {name}": "没有品牌有字号 {name}",
    "write a length, or name it in the brand's scale": "写一个长度，或在品牌的 scale 中命名",
    "`min_size` {least} is larger than the size, {size}": "`min_size` {least} 大于字号 {size}",
    "a format cannot change what kind of layer {name} is": "规格不能改变图层 {name} 的类型",
    "the brand {brand} has no size of type {name}, which the layout uses": "版式用到字号 {name}，品牌 {brand} 里没有",
    "the table {table} has {value} rows, the layout shows {limit}": "表格 {table} 有 {value} 行，版式只能放 {limit} 行",
}
