"""Whether anybody publishes."""

MESSAGES = {
    "last seen {moment}": "最近一次工作：{moment}",
    "nothing waits for it": "暂无待处理的投放",
    "what was handed out waits, and no worker was seen since {moment}": "已派发的投放无人处理，自 {moment} 起未见工作进程",
    "what was handed out waits, and no worker was ever seen": "已派发的投放无人处理，从未见过工作进程",
    "what is due waits, and no process was seen since {moment}": "到期的投放无人发布，自 {moment} 起未见任何进程",
    "what is due waits, and no process was ever seen": "到期的投放无人发布，从未见过任何进程",
    "what was handed out waits, and the worker that was seen at {moment} takes nothing": (
        "已派发的投放无人处理，工作进程 {moment} 仍在运行，但未取走任何投放"
    ),
    "what is due waits, and the process that was seen at {moment} takes nothing": (
        "到期的投放无人发布，进程 {moment} 仍在运行，但未取走任何投放"
    ),
    "promo run, and promo worker where none runs": "promo run；没有工作进程时再启动 promo worker",
    "promo run, or promo tick": "promo run 或 promo tick",
    "Nobody is at work: {found}  → {start}": "无人值守：{found}  → {start}",
    "Nothing goes out: {found}  → {start}": "没有投放发出：{found}  → {start}",
    "ask it: {commands}": "请检查：{commands}",
    "start it: {commands}": "请启动：{commands}",
    "at work": "值守",
}
