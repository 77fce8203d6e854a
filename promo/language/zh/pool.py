"""Chinese words of drawing in several processes and of the picture cache."""

MESSAGES: dict[str, str] = {
    "the process that drew {layout} was ended by the system": "绘制 {layout} 的进程被系统终止",
    "most often there was not enough memory: use smaller photos or fewer processes": "多半是内存不足：请换小一些的照片，或减少进程数",
    "a shared picture store needs the package s3fs": "共享图片库需要 s3fs 软件包",
    "install it with: pip install 'promo[s3]'": "安装命令：pip install 'promo[s3]'",
    "A secret that holds the access key's id.": "存放访问密钥 ID 的密钥项。",
    "A secret that holds the secret access key.": "存放访问密钥的密钥项。",
    "A store of finished pictures that several machines share; without keys those of the machine are used.": "多台机器共用的成品图片库，未写密钥时用本机已有的密钥。",
    "Address of the service, unless it is Amazon's.": "服务地址，使用亚马逊时不必填写。",
    "Share finished pictures: s3://bucket/prefix, or with endpoint (needs promo[s3]).": "共享成品图片：s3://bucket/prefix，或写明 endpoint（需要 promo[s3]）。",
    "The picture cache's size on disk.": "图片缓存在磁盘上的大小。",
    "Where the secret is kept: an environment variable or an entry of the system keyring.": "密钥存放在哪里：环境变量或系统密钥环中的条目。",
    "s3://bucket/prefix": "s3://bucket/prefix",
}
