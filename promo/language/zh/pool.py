"""Chinese words of drawing in several processes and of the picture cache."""

MESSAGES: dict[str, str] = {
    "the process that drew {layout} was ended by the system": "绘制 {layout} 的进程被系统终止",
    "most often there was not enough memory: use smaller photos or fewer processes": "多半是内存不足：请换小一些的照片，或减少进程数",
    "a shared picture store needs the package s3fs": "共享图片库需要 s3fs 软件包",
    "install it with: pip install 'promo[s3]'": "安装命令：pip install 'promo[s3]'",
}
