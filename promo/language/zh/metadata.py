"""Metadata of files: credits, alt texts, labels of machine-made pictures."""

MESSAGES = {
    "title, alt text and credits are together too long for a picture's metadata": "标题、替代文本和署名合起来太长，写不进图片的元数据",
    "shorten the alt text to one or two sentences": "请把替代文本缩短为一两句话",
}
