"""Chinese words of the print files."""

MESSAGES: dict[str, str] = {
    "the logo {file} holds what a print file cannot draw as a vector: save it as plain paths": "标志 {file} 含有印刷文件无法以矢量绘制的内容：请另存为纯路径",
    "the print profile is for {space}, not for CMYK": "印刷特性文件的色彩空间是 {space}，不是 CMYK",
    "ask the print shop for the ICC profile of its press": "向印刷厂索取其印刷机的 ICC 特性文件",
    "the print profile {file} cannot be read": "印刷特性文件 {file} 无法读取",
    "the print profile cannot be read": "印刷特性文件无法读取",
    "a picture in print may have {limit} pixels a side at most": "印刷图片每边最多 {limit} 像素",
    "the print file is in RGB: give the brand the ICC profile of the press, `print: {{profile: …}}`": "印刷文件为 RGB：请在品牌文件中用 `print: {{profile: …}}` 写明印刷机的 ICC 特性文件",
}
