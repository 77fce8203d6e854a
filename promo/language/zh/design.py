"""The examples layouts are shown with."""

MESSAGES: dict[str, str] = {
    # promo/visual/layout/model.py
    "this example is of another kind than its field": "示例与字段类型不符",
    "write rows for a table: `- {{name: …, price: …}}`, and a text for all else": (
        "表格写成多行：`- {{name: …, price: …}}`，其他字段写文字"
    ),
    "an example of {length} characters, where {most} are allowed": "示例有 {length} 个字符，最多 {most} 个",
}
