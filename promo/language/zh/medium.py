"""Chinese words for files that a channel does not take, and for those that are gone."""

MESSAGES: dict[str, str] = {
    "{channel} takes no {kind}, which {picture} makes; it takes {types}": (
        "{channel} 不收 {kind}，而 {picture} 输出的正是它；可收：{types}"
    ),
    "choose another layout or format for it, or give the format another `output`": (
        "为该渠道另选版式或尺寸，或改写该尺寸的 `output`"
    ),
    "{file} was deleted from the cache before it could be copied": "{file} 还没来得及复制，就已从缓存中删除",
    "run it again": "请再执行一次",
    "the layout {name} has errors, it cannot be drawn": "版式 {name} 有错误，无法绘制",
    "{what} has errors: nothing was drawn": "{what} 有错误，未绘制任何图片",
    "layout {name}": "版式 {name}",
    "brand {name}": "品牌 {name}",
}
