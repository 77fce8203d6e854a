"""Chinese words for files that a channel does not take."""

MESSAGES: dict[str, str] = {
    "{channel} takes no {kind}, which {picture} makes; it takes {types}": (
        "{channel} 不收 {kind}，而 {picture} 输出的正是它；可收：{types}"
    ),
    "choose another layout or format for it, or give the format another `output`": (
        "为该渠道另选版式或尺寸，或改写该尺寸的 `output`"
    ),
}
