"""Chinese words of the plan room."""

MESSAGES: dict[str, str] = {
    # The plan file
    "the plan {file} was changed or cut after it was written": "计划文件 {file} 写成后被改动或截断",
    "{file} is no plan of promo": "{file} 不是 promo 的计划文件",
    "{file} was made by another version of promo (format {version})": "{file} 由另一版本的 promo 生成（格式 {version}）",
    "make a new one with: promo plan --out FILE": "请重新生成：promo plan --out FILE",
    "make one with: promo plan --out FILE": "请这样生成：promo plan --out FILE",
    "the plan cannot be written to {file}: {why}": "计划写不进 {file}：{why}",
    "the plan {file} cannot be read: {why}": "计划文件 {file} 读不出来：{why}",
    # Limits of channels
    "characters": "字符",
    "bytes": "字节",
    "half-width characters": "半角字符",
    "due before its embargo ends at {until}": "排期早于解禁时间 {until}",
    "{channel} cannot answer its own post: the first comment is left out": "{channel} 不能回复自己的帖子：首评不会发出",
    "shorten it, or write a variant for {channel}": "请缩短，或为 {channel} 另写一版",
    "write a variant for {channel} with `thread: []`": "为 {channel} 另写一版，并写上 `thread: []`",
    "{channel} needs a title": "{channel} 需要标题",
    "{channel} needs a body or a text": "{channel} 需要正文或文案",
    "{channel} takes no pictures: it will go out without its picture": "{channel} 不支持图片：将不带图发出",
    "the picture for {channel} has no alt text": "给 {channel} 的图片没有替代文字",
    "say in `alt` what it shows, for people who do not see it": "请在 `alt` 里写明图片内容，方便看不到图的人",
    "{channel}: {length} of {limit} {unit} (links count {cost}), {over} too many": (
        "{channel}：{length} / {limit} {unit}（每个链接按 {cost} 计），超出 {over}"
    ),
    "{channel}: {length} of {limit} {unit}, {over} too many": "{channel}：{length} / {limit} {unit}，超出 {over}",
    "{channel}: {length} of {limit} {unit}": "{channel}:{length} / {limit} {unit}",
    "{channel} takes no threads": "{channel} 不支持串帖",
    "{channel} takes threads of {count} post, this one has {posts}": "{channel} 的串帖至多 {count} 条，现有 {posts}",
    "{channel} takes threads of {count} posts, this one has {posts}": "{channel} 的串帖至多 {count} 条，现有 {posts}",
    "{channel}: the alt text has {length} of {limit} characters": "{channel}：替代文字 {length} / {limit} 字符",
    "{channel}: {count} other delivery in the same minute": "{channel}：同一分钟另有 {count} 次投放",
    "{channel}: {count} other deliveries in the same minute": "{channel}：同一分钟另有 {count} 次投放",
    "{channel} takes {calls} in {per}: it will wait for its turn": "{channel} 每 {per} 最多 {calls} 次：届时要排队",
    # Words
    "there is no file {name}": "没有文件 {name}",
    "the file {name} is not UTF-8": "文件 {name} 不是 UTF-8 编码",
    # The difference to the ledger
    "its time has passed: it will be missed": "时间已过：会记为错过",
    "{state}; the change is not applied": "{state}；改动不生效",
    "was {state}; planned again": "原为{state}；重新排入计划",
    "publishing": "发布中",
    "pending": "平台处理中",
    "handed over": "已移交",
    "published": "已发布",
    "done": "已完成",
    "uncertain": "结果不明",
    "failed": "失败",
    "missed": "已错过",
    "rejected": "已驳回",
    "cancelled": "已取消",
    # Schedules
    "it fires more than {most} times between {lower} and {upper}": "{lower} 到 {upper} 之间触发超过 {most} 次",
    "{written} comes twice in {zone}: the clock goes back; the first is taken": (
        "{zone} 的 {written} 出现两次（时钟拨慢）：取第一次"
    ),
    "`also` has an effect with cron and slots only": "`also` 只对 cron 和 slots 有效",
    "`jitter` has no effect with slots: a slot is an exact time": "`jitter` 对 slots 无效：时段是准点",
    "{campaign}/{activity} on {channel}: {count} occurrence has passed and is not sent later": (
        "{campaign}/{activity} → {channel}：{count} 个场次已过，不补发"
    ),
    "{campaign}/{activity} on {channel}: {count} occurrences have passed and are not sent later": (
        "{campaign}/{activity} → {channel}：{count} 个场次已过，不补发"
    ),
    "two posts of this activity would go out on {channel} at the same time, {time}": (
        "这个活动项会在同一时刻 {time} 往 {channel} 发两条"
    ),
    "with a table, give each row its own time by `slots`": "用表格时，请用 `slots` 让每行各有时间",
    "this activity has more than {most} deliveries": "这个活动项的投放超过 {most} 次",
    "the rule names no hour and fires at midnight": "规则没写钟点，会在零点触发",
    "add BYHOUR and BYMINUTE to it, or a `start` with a time": "请加上 BYHOUR 和 BYMINUTE，或带钟点的 `start`",
    "{campaign}/{activity}: {count} delivery waits for a free slot of {channel}": (
        "{campaign}/{activity}：{count} 次投放在等 {channel} 的空档"
    ),
    "{campaign}/{activity}: {count} deliveries wait for a free slot of {channel}": (
        "{campaign}/{activity}：{count} 次投放在等 {channel} 的空档"
    ),
    "the channel {channel} has no slot plan in promo.yaml": "promo.yaml 里渠道 {channel} 没有时段表",
    "there is no slot plan {name} in promo.yaml": "promo.yaml 里没有时段表 {name}",
    "{channel} has no free slot left for all posts of this activity": "{channel} 的空档不够这个活动项用",
    "give the slot plan more times, or a later `until`": "给时段表多加几个时间，或把 `until` 往后移",
    "update chinese-calendar once the notice is out, or name the days in `skip`": (
        "放假通知发布后请更新 chinese-calendar，或在 `skip` 里写明日期"
    ),
    # The plan on the screen
    "Plan until {horizon}: {parts}.": "计划至 {horizon}：{parts}。",
    "Nothing to do: {count} delivery is as the files want it.": "无需改动：{count} 次投放与文件一致。",
    "Nothing to do: {count} deliveries are as the files want them.": "无需改动：{count} 次投放与文件一致。",
    ", ": "、",
    "{count} to add": "新增 {count}",
    "{count} to change": "改动 {count}",
    "{count} to cancel": "取消 {count}",
    "{count} unchanged": "不变 {count}",
    "{count} kept as they went out": "已发出、保持原样 {count}",
    "first comment": "首评",
    "time: {old} → {new}": "时间：{old} → {new}",
    "… {count} more line": "……还有 {count} 行",
    "… {count} more lines": "……还有 {count} 行",
    "text": "文案",
    "title": "标题",
    "body": "正文",
    "thread": "串帖",
    "link": "链接",
    "link's target": "链接去向",
    "time of the event": "活动时间",
    "tasks": "任务",
    "placements": "点位",
    "outlets": "媒体",
    "embargo": "禁发至",
    "alt text": "替代文字",
    "hashtags": "话题标签",
    "picture": "视觉稿",
    "picture: its photo, layout or the brand's style": "视觉稿：照片、版式或品牌规范有变",
    "approval": "审批",
    "{mistake} (row {row})": "{mistake}（{row} 行）",
}
