"""Looking at pictures: render, layouts, the live page."""

MESSAGES: dict[str, str] = {
    # promo/cli/__init__.py, promo/cli/visuals.py, promo/cli/picking.py
    "Render pictures: of campaigns, deliveries, layouts; live while one edits.": "渲染视觉稿：推广活动、投放、版式，可边改边看。",
    "List the layouts with their formats and fields.": "列出版式及其规格和字段。",
    "List the layouts with their formats and fields; with NAME what each of its fields is.": (
        "列出版式及其规格和字段；写明名称则显示该版式的各个字段。"
    ),
    "Render pictures into out/visuals. Campaigns and activities are taken from their files as they are now, "
    "applied or not, each picture once; a DELIVERY, and everything with --ledger, as it was applied, each with "
    "its own QR code. Without a name: everything.": (
        "把视觉稿渲染到 out/visuals。推广活动和活动项按文件现在的内容渲染，不论是否已写入台账，"
        "每个画面只渲染一次；投放（以及加上 --ledger 时的全部）按写入台账的内容渲染，每张带自己的二维码。"
        "不写名称：全部。"
    ),
    "Campaigns as they were applied, not as their files are now.": "按写入台账的内容，而不是文件现在的内容。",
    "A layout by itself, in sample words.": "单看一个版式，填入示例文字。",
    "With --layout: whose style. Default: the first brand.": "配合 --layout：用哪个品牌的规范，默认第一个品牌。",
    "With --layout: the words of a field; also photo=FILE and link=URL.": (
        "配合 --layout：某个字段的文字，也可写 photo=文件、link=网址。"
    ),
    "Formats of the layout, or all. Default: each channel's own.": "版式的规格，all 为全部，默认用各渠道自己的规格。",
    "Only these languages.": "只要这些语言。",
    "--brand and --set go with --layout": "--brand 和 --set 要与 --layout 一起用",
    "--layout shows a layout by itself: name no campaign and no --ledger with it": (
        "--layout 是单看一个版式：不要同时写推广活动或 --ledger"
    ),
    "--set is written as FIELD=TEXT, not {text}": "--set 写成 字段=文字，不能是 {text}",
    "there is no language {name}: zh or en": "没有语言 {name}：只有 zh 或 en",
    "Nothing here has a picture.": "这里没有带视觉稿的投放。",
    "{first} and {count} more": "{first}，另有 {count} 次",
    "layout": "版式",
    "name": "名称",
    "formats": "规格",
    "fields": "字段",
    "field": "字段",
    "format": "规格",
    "size": "尺寸",
    "for example": "示例",
    "See it with: promo render --layout {name} --format all": "看效果：promo render --layout {name} --format all",
    "{width} × {height} mm at {dpi} dpi": "{width} × {height} 毫米，{dpi} dpi",
    "bleed {bleed} mm": "出血 {bleed} 毫米",
    # promo/app
    "no layout here has a format {name}": "这里的版式都没有规格 {name}",
    "the folder {folder} cannot be made: {why}": "无法建立文件夹 {folder}：{why}",
    "choose another with --out": "可用 --out 另选一个",
    "there is no campaign {name} in the files that can be read": "读得懂的文件中没有推广活动 {name}",
    "there is no campaign, activity or delivery {name}": "没有推广活动、活动项或投放 {name}",
    "the campaign {campaign} has no activity {activity}": "推广活动 {campaign} 没有活动项 {activity}",
    "{count} error: something is missing here": "{count} 个错误：这里少了一些画面",
    "{count} errors: something is missing here": "{count} 个错误：这里少了一些画面",
    "there is no brand to draw it in": "没有可用的品牌规范",
    "see: promo check": "请运行：promo check",
    "the layout {layout} has no field {name}": "版式 {layout} 没有字段 {name}",
    # contact sheet, comparison
    "Put all pictures on one contact sheet instead, a PDF or PNG.": "不单独输出，而是排成一份小样总览，PDF 或 PNG。",
    "Compare with the last approved pictures; show where they differ.": "与上次批准的画面比较，标出不同之处。",
    "With --diff: exit code 1 when a picture differs.": "配合 --diff：有画面不同则退出码为 1。",
    "--exit-code goes with --diff": "--exit-code 要与 --diff 一起用",
    "choose one of {options}": "{options} 只能选一个",
    "a contact sheet is a PDF or PNG, not {file}": "小样总览须是 PDF 或 PNG，不能是 {file}",
    "write --sheet sheet.pdf": "写成 --sheet sheet.pdf",
    "{file} cannot be written: {why}": "无法写入 {file}：{why}",
    "no approved picture yet": "还没有批准过的画面",
    "approved by {by}, {when}, on another machine: its picture is not here": (
        "{by} 于 {when} 在另一台机器上批准：画面不在本机"
    ),
    "as approved by {by}, {when}": "与 {by} 于 {when} 批准的一致",
    "{share} % of the pixels differ from what {by} approved, {when}; likeness {likeness}": (
        "与 {by} 于 {when} 批准的画面相比，{share}% 的像素不同，相似度 {likeness}"
    ),
    "its size is another": "尺寸也变了",
    "approved by {by}, {when}": "{by} 批准于 {when}",
    "now": "现在",
    "{share} % of the pixels changed": "{share}% 的像素有变化",
    # the live page
    "A live page: pictures in every format, drawn again as files change.": "打开实时页面：所有规格的画面，文件一改就重新渲染。",
    "With --watch: the page's port. Default: a free one.": "配合 --watch：页面的端口，默认自动选一个空闲的。",
    "--port goes with --watch": "--port 要与 --watch 一起用",
    "Watching: {url} (Ctrl-C ends)": "实时页面：{url}（按 Ctrl-C 结束）",
    "this is a fault of promo itself ({kind})": "这是 promo 自身的故障（{kind}）",
    "promo has ended: start it again with promo render --watch": "promo 已结束：请重新运行 promo render --watch",
    "the files have errors": "文件有错误",
    "drawing …": "正在渲染……",
    "drawn at {time}, in {seconds} s": "{time} 渲染完成，用时 {seconds} 秒",
    "nothing to mend": "没有要改的",
    "and {count} more: promo check": "另有 {count} 个：promo check",
    "Below: the pictures as they were last drawn.": "下面是上次渲染的画面。",
    "Beside each picture what the style guide says of it, each spot marked.": "在每个画面旁列出规范检查的结果，并标出位置。",
    "picture": "画面",
    "How many processes draw. Default: one for each core.": "用几个进程渲染，默认每个核心一个。",
}
