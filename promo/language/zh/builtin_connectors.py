"""The Chinese words of the built-in connectors folder, webhook, calendar and print."""

MESSAGES: dict[str, str] = {
    "{file} is a file, a folder is needed there": "{file} 是文件,此处需要文件夹",
}
