"""The descriptions of keys that editors show for layouts."""

MESSAGES = {
    # promo/visual/layout/layers.py: all layers
    "Its name, by which formats and other layers speak of it.": "图层名，规格和别的图层用它来指代。",
    "[left, top, width, height]; numbers are percent of the page or group around it.": (
        "[左, 上, 宽, 高]；数字是所在页面或组的百分比。"
    ),
    "Where it is held in its box, where it does not fill it.": "没填满 box 时靠在哪里。",
    "The layer it stands below.": "排在这个图层下面。",
    "The layer it stands above.": "排在这个图层上面。",
    "The layer it stands to the right of.": "排在这个图层右边。",
    "The layer it stands to the left of.": "排在这个图层左边。",
    "How far from the layer it stands below, above or beside; in a stack, from the last.": (
        "与所参照图层的距离；在堆叠里，与前一层的距离。"
    ),
    "Edges it shares: `left of title`, `bottom of safe`, `center of page`.": (
        "对齐的边：`left of title`、`bottom of safe`、`center of page`。"
    ),
    "Its width, instead of its box's.": "宽度，代替 box 的宽。",
    "Its height, instead of its box's.": "高度，代替 box 的高。",
    "Its smallest width.": "最小宽度。",
    "Its largest width.": "最大宽度。",
    "Its smallest height.": "最小高度。",
    "Its largest height.": "最大高度。",
    "Its proportions: 16:9.": "宽高比：16:9。",
    "From 0, not seen, to 1.": "0（看不见）到 1。",
    "Degrees, clockwise around its middle.": "绕中心顺时针转的角度。",
    "When it is drawn: `price and not badge`.": "何时画出：`price and not badge`。",
    "The page it stands on; without it, on all.": "在第几页；不写则每页都有。",
    # text
    "What it says; `{title}` is filled by the campaign.": "文字内容；`{title}` 由推广活动填写。",
    "The field it shows; of several, the first that is filled.": "显示的字段；写几个时取第一个有内容的。",
    "The voice of the brand's typography.": "品牌字体规范里的一种。",
    "A role of the palette, or a colour's own name.": "色板里的用途名，或颜色自己的名字。",
    "The language of these words.": "这段文字的语言。",
    "The direction it is read in.": "阅读方向。",
    "The size of the type, or its name in the brand's scale.": "字号，或品牌字号表里的名字。",
    "How small it may become; six tenths of its size.": "最小缩到多大；不写则为字号的六成。",
    "The most lines it may take.": "最多几行。",
    "What does not fit becomes smaller and then is cut, is cut at once, or is an error.": (
        "放不下时：先缩小再截断、直接截断，或算错误。"
    ),
    "Lines alike in length; up to four lines are, by default.": "各行长短相近；默认四行以内如此。",
    "Where lines stand: as its stack says, or at the `start`, where reading begins.": (
        "各行靠哪边：随堆叠，或靠 `start`（阅读起始的一边）。"
    ),
    "Where it stands in its box.": "在 box 里的上下位置。",
    "The least contrast to the ground; by its size, 4.5 or 3.": "与底色的最低对比度；不写则按字号取 4.5 或 3。",
    "The colour of a rounded plate behind it.": "文字背后圆角底板的颜色。",
    "Struck through: a price no longer asked.": "加删除线：如原价。",
    "In capital letters.": "用大写字母。",
    "Em between letters; else the style's.": "字间距（em）；不写则随样式。",
    "Of the type size; else the style's.": "行高，字号的倍数；不写则随样式。",
    # image, shape, gradient, logo, qr
    "A field, or a file below assets/: art/paper.jpg.": "字段名，或 assets/ 下的文件：art/paper.jpg。",
    "Fill the box, or be seen whole.": "填满 box，或完整显示。",
    "The point that stays in sight: across, down.": "裁切时保住的点：横向、纵向。",
    "The fewest pixels an inch in print.": "印刷时每英寸最少像素。",
    "How far its corners are rounded.": "圆角大小。",
    "Whether it is toned as the brand's photos are.": "是否按品牌的照片处理调色。",
    "The colours that stand in for a picture that is not there.": "没有图片时代替的颜色。",
    "What it is.": "形状。",
    "Its colour.": "颜色。",
    "The colour of its border, or of the line.": "边框或线的颜色。",
    "How thick its border, or the line, is.": "边框或线的粗细。",
    "Where, from 0 to 1; else stops stand at like distances.": "位置，0 到 1；不写则均匀分布。",
    "Its colours in order: [primary, shade].": "依次的颜色：[primary, shade]。",
    "180 runs downwards, 90 to the right.": "180 向下，90 向右。",
    "Evenly, instead of eased.": "匀速过渡，不做缓动。",
    "How dense it may become where words on it cannot be read.": "上面的文字看不清时，最多可以加到多浓。",
    "The drawing for this ground; `auto` looks at the pixels.": "用哪种底色的标志；`auto` 看底下的像素。",
    "The colour of the code.": "二维码的颜色。",
    "The colour of the plate below it.": "二维码底板的颜色。",
    "How much may be lost: about 7, 15, 25 or 30 percent.": "容错：约 7%、15%、25% 或 30%。",
    "The smallest side of one module.": "单个模块的最小边长。",
    # group
    "Set its layers one below, or one beside the other.": "其中的图层上下堆叠，或左右排列。",
    "Between two layers of a stack.": "堆叠中两层之间的距离。",
    "Where layers stand across the stack.": "图层在堆叠横向上的位置。",
    "Where layers stand along the stack: at its start, or as the stack around it says.": (
        "图层在堆叠方向上的位置：靠起始端，或随外层堆叠。"
    ),
    "The table whose rows it is repeated for: `{row.name}`.": "按哪个表格逐行重复：`{row.name}`。",
    "The most rows it shows.": "最多放几行。",
    "Room kept free inside its box.": "box 内侧留白。",
    "The colour of its ground.": "底色。",
    "Whether what stands out of it is cut away.": "超出的部分是否裁掉。",
    "What it holds; drawn in order.": "其中的图层，依次画出。",
    "What it draws, in order.": "图层，依次画出。",
    # promo/visual/layout/schema.py
    "back to what it is without the layout's word": "恢复为版式没写时的默认值",
    # promo/visual/layout/model.py
    "What belongs there.": "该填什么。",
    "A text, a picture below assets/, or a table (a file, or rows written out).": (
        "文字、assets/ 下的图片，或表格（文件，或直接写出的行）。"
    ),
    "Whether a campaign must fill it.": "推广活动是否必须填写。",
    "What stands there where a campaign says nothing.": "推广活动没写时用的内容。",
    "The most characters it takes.": "最多几个字符。",
    "The columns a table must have.": "表格必须有的列。",
    "The kind of file.": "文件类型。",
    "Of a JPEG or WebP: 50 to 100.": "JPEG 或 WebP 的质量：50 到 100。",
    "The unit of bare numbers in layers.": "图层里不带单位的数字用什么单位。",
    "Pixels an inch; 72, or 300 for pages in mm.": "每英寸像素；默认 72，毫米页面为 300。",
    "Paper that is cut away, around the page; in mm.": "出血，单位 mm。",
    "The margin that words, logo and code must keep to the edge.": "文字、标志和二维码与页边须保持的距离。",
    "The colour under all layers.": "所有图层之下的底色。",
    "The format whose sayings hold here too.": "继承哪个规格。",
    "Width and height of the trimmed page, or a sheet: A4.": "成品页面的宽和高，或纸张名：A4。",
    "The unit of bare numbers in `size`.": "`size` 里不带单位的数字用什么单位。",
    "Pixels an inch.": "每英寸像素。",
    "The place it is shown at, whose safe area holds.": "展示在哪个平台的位置，按其安全区检查。",
    "How many pages it has.": "共几页。",
    "How it is saved.": "怎么保存。",
    "Layers that are not drawn here.": "这个规格里不画的图层。",
    "What differs in a layer, by its id.": "各图层的不同之处，按图层名写。",
    "What it is for.": "做什么用。",
    "The fields a campaign may fill; without it, those that layers name.": "推广活动可填的字段；不写则为图层用到的那些。",
    "How many pages it has; a layer's `page` says where it stands.": "共几页；图层用 `page` 写在第几页。",
    "The page sizes it comes in.": "有哪些规格。",
}
