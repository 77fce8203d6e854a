"""The engine room: what lanes, the writer and claims say."""

MESSAGES = {
    "its lease was over before it could be sent": "还没发出，租约就到期了",
    "the clock was set back while it waited for its moment": "等待发布时刻期间，系统时钟被调回了",
    "what became of delivery {id} cannot be written into the ledger": "投放 {id} 的结果无法写入台账",
    "the channel {name} is busy with other deliveries": "渠道 {name} 正忙于其他投放",
    "How many publications may be under way at once.": "最多同时进行多少次发布。",
    "Who publishes: `promo run` itself, or workers on any number of machines.": "由谁发布：`promo run` 本身，或任意多台机器上的工作进程。",
    "Where `promo run` and `promo worker` answer monitors: 127.0.0.1:9464.": "`promo run` 和 `promo worker` 应答监控的地址：127.0.0.1:9464。",
    "RabbitMQ, for `engine: celery`: an address without password, or {env: NAME}.": "`engine: celery` 所用的 RabbitMQ：不含密码的地址，或 {env: NAME}。",
}
