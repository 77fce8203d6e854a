"""Several machines: the engines, their queues and workers."""

MESSAGES = {
    # promo/source/address.py, promo/workspace.py
    "Redis is no broker for promo: it hands a task out again while the first worker still holds it": (
        "promo 不用 Redis 作消息代理：任务还在第一个工作进程手里时，Redis 就会再派发一次"
    ),
    "use RabbitMQ, broker: amqp://user@host/vhost, or engine: procrastinate without any broker": (
        "请改用 RabbitMQ（broker: amqp://user@host/vhost），或用无需消息代理的 engine: procrastinate"
    ),
    "a broker is written as amqp://user@host/vhost (RabbitMQ)": "消息代理要写成 amqp://user@host/vhost（RabbitMQ）",
    "put the whole address into an environment variable: broker: {{env: PROMO_BROKER}}": (
        "请把完整地址放进环境变量：broker: {{env: PROMO_BROKER}}"
    ),
    "several machines need one PostgreSQL: engine {name} does not run on SQLite": (
        "多台机器须共用一个 PostgreSQL：引擎 {name} 不能用 SQLite"
    ),
    "name it in promo.yaml, database: postgresql+psycopg://user@host/name, or keep engine: embedded": (
        "请在 promo.yaml 中写 database: postgresql+psycopg://user@host/name，或保留 engine: embedded"
    ),
    "engine celery needs a broker": "引擎 celery 需要消息代理",
    "name a RabbitMQ in promo.yaml, broker: amqp://user@host/vhost or {{env: NAME}}": (
        "请在 promo.yaml 中写明 RabbitMQ：broker: amqp://user@host/vhost，或 {{env: 名称}}"
    ),
    # promo/cli/publishing.py, promo/app/workspace.py
    "Publish what `promo run` hands out, on this machine (engine procrastinate or celery).": (
        "在本机发布 `promo run` 派发的投放（引擎 procrastinate 或 celery）。"
    ),
    "Publish what `promo run` or `promo tick` hands out, until Ctrl-C or SIGTERM; a call under way is finished first. Start as many as wanted, on any machine that has the workspace.": (
        "发布 `promo run` 或 `promo tick` 派发的投放，直到 Ctrl-C 或 SIGTERM；正在进行的调用会先完成。可在任何有此工作区的机器上启动任意多个。"
    ),
    "How many deliveries at once. Default: all that the channels allow, from 4 to 64.": "同时进行多少个投放。默认：各渠道允许数之和，4 到 64。",
    "engine embedded has no workers: `promo run` publishes by itself": "引擎 embedded 没有工作进程：`promo run` 自己发布",
    "for several machines, write engine: procrastinate into promo.yaml": (
        "要用多台机器，请在 promo.yaml 中写 engine: procrastinate"
    ),
    # promo/doctor.py
    "engine": "引擎",
    # promo/engine/queue.py, celery.py
    "engine {name} needs the Python package {package}": "引擎 {name} 需要 Python 包 {package}",
    "install it with: pip install 'promo[{name}]'": "安装命令：pip install 'promo[{name}]'",
    "the broker takes no messages: its memory or its disk is short": "消息代理暂不接收消息：内存或磁盘不足",
    "the broker does not answer: {reason}": "消息代理没有应答：{reason}",
    "check `broker:` in promo.yaml and that RabbitMQ runs": "请检查 promo.yaml 中的 `broker:`，并确认 RabbitMQ 正在运行",
}
