"""Looking at pictures before they go out: check, plan, apply, and publishing itself."""

MESSAGES = {
    "{what} ({picture} → {channel})": "{what}（{picture} → {channel}）",
    "{count} picture more is like that": "另有 {count} 张图片也是如此",
    "{count} pictures more are like that": "另有 {count} 张图片也是如此",
    "see the spot: promo render --explain {name}": "查看位置：promo render --explain {name}",
    "looking at pictures": "检查图片",
    "Do not look at pictures: quicker where many are new.": "不检查图片：新图片很多时更快。",
    "Do not look at pictures; applying will.": "不检查图片；应用时仍会检查。",
    "the picture breaks the style guide: {what}": "图片违反品牌规范：{what}",
    "mend it, then: promo apply, promo retry": "请先改正，再运行 promo apply 和 promo retry",
    # the explained picture
    "What the style guide says": "品牌规范检查结果",
    "The style guide finds no fault": "符合品牌规范",
    "no one spot": "整幅画面",
    "measured {value}, asked for {limit}": "实测 {value}，要求 {limit}",
}
