"""The descriptions of keys that editors show, from the JSON Schema of campaigns and of promo.yaml."""

MESSAGES = {
    # promo/campaign/model.py: campaign
    "One campaign file. `campaign` is its identity; the file may be renamed.": (
        "一个推广活动文件。`campaign` 是它的标识，文件可以改名。"
    ),
    "The campaign's identity: it stays when the file is renamed.": "推广活动的标识：文件改名，它不变。",
    "One of assets/brands.": "assets/brands 中的一个品牌。",
    "Who is in charge: an e-mail address or a name.": "负责人：电子邮件地址或姓名。",
    "Zone of all its local times; default: the workspace's.": "文件中各本地时间的时区；默认用工作区的时区。",
    "First and last day.": "首日与末日。",
    "First and last day, both included, in the campaign's zone.": "首日与末日（都算在内），按推广活动的时区。",
    "First day.": "首日。",
    "Last day, included.": "末日（算在内）。",
    "Whom it speaks to.": "面向的人群。",
    "What it wants to reach.": "目标。",
    "What the campaign wants to reach; each is a total over the whole period.": "推广目标；各项都是整个活动期的总数。",
    "Distinct people.": "触达人数（去重）。",
    "Times shown.": "展示次数。",
    "Clicks on the links.": "链接点击数。",
    "People who come.": "到场人数。",
    "Pieces published by the press.": "媒体报道篇数。",
    "What may be spent: 20000 CNY.": "可用花费：20000 CNY。",
    "The money.": "预算。",
    "The money: a total, and lines that may not exceed it.": "预算：总额，以及合计不得超过总额的各科目。",
    "The whole budget with its currency: 20000 CNY.": "预算总额及币种：20000 CNY。",
    "Parts of the total by name, in the same currency.": "各科目的金额，币种同总额。",
    "Who must approve before anything goes out.": "投放前由谁审批。",
    "Who must approve, in order; not approved `deadline` before its time, a delivery is held.": (
        "依次由谁审批；投放前 `deadline` 仍未批准则搁置。"
    ),
    "Who approves, in this order.": "审批环节，按此顺序。",
    "How long before its time it must be approved: 24h.": "须在投放前多久批准：24h。",
    "Variables of the templates.": "模板变量。",
    "What every activity takes over.": "各活动项沿用的内容。",
    "What every activity takes over unless it says otherwise.": "各活动项沿用的内容，自己另写的除外。",
    "Where activities go out.": "投放渠道。",
    "Where links lead.": "链接去向。",
    "Layout, photo and fields of pictures.": "画面的版式、照片和字段。",
    "How late something may still go out.": "最晚还能迟多久投放。",
    "The words' language.": "文案语言。",
    "What is to be done.": "要做的事。",
    # promo/campaign/model.py: activity
    "One thing to do.": "一个活动项。",
    "Its identity in this campaign.": "在本推广活动中的标识。",
    "online: posts; offline: posters, leaflets, events, expos; media: the press.": (
        "online：线上帖文；offline：海报、传单、活动、展会；media：媒体。"
    ),
    "What exactly; needed for offline and media.": "具体类型；offline 和 media 必填。",
    "What people call it.": "名称。",
    "Where it goes out; default: the campaign's default channels.": "投放渠道；默认用推广活动的默认渠道。",
    "When it goes out.": "投放时间。",
    "The words.": "文案。",
    "The picture.": "画面。",
    "A CSV or YAML table beside the campaign's file: one activity per row, columns are row.…": (
        "推广活动文件旁的 CSV 或 YAML 表格：每行一个活动项，各列为 row.…"
    ),
    "Own variables of the templates.": "自己的模板变量。",
    "Own approval rule; none: nobody has to approve.": "自己的审批规则；none 表示无须审批。",
    "Where posters hang or leaflets lie.": "海报、传单的点位。",
    "What people do for it.": "需要人做的事。",
    "Where an event is held.": "活动地点。",
    "The media written to: a table, or a list.": "联系的媒体：表格或列表。",
    "Not to be published by the press before.": "媒体不得早于此时发布。",
    "The line of the budget that pays for it.": "由预算的哪个科目支出。",
    # promo/campaign/model.py: words and pictures
    "The words. Texts are Jinja2 templates; `body` may name a Markdown file below the campaign's folder.": (
        "文案。文字是 Jinja2 模板；`body` 可写推广活动文件夹内的 Markdown 文件。"
    ),
    "The post's text, a template: {{ link }}, {{ row.name }}, …": "帖文，可用模板：{{ link }}、{{ row.name }} 等。",
    "Title or subject.": "标题或主题。",
    "The long text, or a Markdown file beside the campaign's file.": "长文，或推广活动文件旁的 Markdown 文件。",
    "The posts that follow the text as a thread.": "接在正文后的串帖。",
    "An answer to one's own post, some time after it.": "发帖一段时间后的首评。",
    "Hashtags, without #.": "话题，不带 #。",
    "Text for people who do not see the picture.": "替代文字，供看不到图的人。",
    "Where the link leads.": "链接去向。",
    "Whom the press may ask.": "媒体联系人。",
    "The words' language: dates and numbers follow it.": "文案语言，日期和数字随之。",
    "Files to send along, beside the campaign's file.": "随附文件，放在推广活动文件旁。",
    "What differs, by channel.": "各渠道的不同之处。",
    "What differs on one channel. Other keys are that channel's own options (`visibility`, …).": (
        "某一渠道的不同之处。其余键是该渠道自己的选项(`visibility` 等)。"
    ),
    "The text on this channel.": "此渠道的帖文。",
    "The title on this channel.": "此渠道的标题。",
    "The long text, or a Markdown file.": "长文，或 Markdown 文件。",
    "The posts of a thread.": "串帖的各帖。",
    "An answer to one's own post.": "首评。",
    "An answer to one's own post, `after` it is published.": "首评，在发布后 `after` 发出。",
    "The answer's text.": "首评文字。",
    "How long after the post: 30m.": "发帖后多久：30m。",
    "Where it leads, and the UTM fields; values are templates.": "链接去向和 UTM 字段；值可用模板。",
    "UTM fields: source, medium, campaign, …": "UTM 字段：source、medium、campaign 等。",
    "Whether clicks are counted by a tracked link.": "是否用跟踪链接统计点击。",
    "The picture: a layout and what fills it. Other keys are the layout's own fields (templates).": (
        "画面：版式及其内容。其余键是版式自己的字段（可用模板）。"
    ),
    "The layout, one of assets/layouts or a built-in one.": "版式：assets/layouts 中的或内置的。",
    "Photo, a path below assets/.": "照片，assets/ 之下的路径。",
    "One of the layout's formats; default: what the channel shows best.": "版式的一种尺寸；默认取渠道最合适的。",
    "The title in the picture.": "画面标题。",
    "The line below the title.": "标题下的一行。",
    "The running text in the picture.": "画面正文。",
    # promo/campaign/model.py: schedule
    "When: exactly one of `at`, `cron`, `rrule`, `slots`. Times are local to the campaign's zone.": (
        "时间：`at`、`cron`、`rrule`、`slots` 只取其一。按推广活动的时区。"
    ),
    "One time, or a list: 2027-03-08 10:00.": "一个时间或列表：2027-03-08 10:00。",
    "minute hour day month weekday: 30 9 * * MON-FRI.": "分 时 日 月 周：30 9 * * MON-FRI。",
    "A rule of RFC 5545: FREQ=WEEKLY;BYDAY=TU;BYHOUR=9.": "RFC 5545 规则：FREQ=WEEKLY;BYDAY=TU;BYHOUR=9。",
    "The next free slot of this plan; `channel`: of each channel's own plan.": (
        "此时段计划的下一个空档；`channel` 表示各渠道自己的计划。"
    ),
    "First time of `rrule` (DTSTART); default: `from`, else the period's first day.": (
        "`rrule` 的首次时间（DTSTART）；默认取 `from`，否则取活动期首日。"
    ),
    "Not before; default: the period's first day.": "不早于；默认活动期首日。",
    "Not after; default: the period's last day.": "不晚于；默认活动期末日。",
    "Not on these: 2027-04-05, weekends, holidays CN, days off CN, make-up days CN.": (
        "跳过：2027-04-05、weekends（周末）、holidays CN（法定节日）、days off CN（休息日）、"
        "make-up days CN（调休上班日）。"
    ),
    "Days on which cron or slots fire too, such as make-up days CN.": "cron 或时段另外触发的日子，如 make-up days CN。",
    "Spread at random over this long.": "在此时长内随机错开。",
    "How late it may still go out: 2h, never, always; default 1h.": "最晚还能迟多久投放：2h、never、always；默认 1h。",
    "How long an event lasts: 6h.": "活动持续多久：6h。",
    "Publish this long before the occurrence: an event is announced ahead.": "提前多久发布：活动预告用。",
    "At most so many occurrences.": "最多多少场次。",
    # promo/campaign/model.py: places, tasks, media
    "One physical place.": "一个点位。",
    "Its identity; it has its own tracked link and QR code.": "点位标识；有自己的跟踪链接和二维码。",
    "What people call the place.": "点位名称。",
    "How many copies hang or lie there.": "该处的份数。",
    "Where it is.": "位置。",
    "One thing a person does, and the proof that closes it.": "一项需要人做的事，以及用来结案的凭证。",
    "Who does it: an e-mail address, or a name that the channel knows.": "由谁做：电子邮件地址，或渠道认识的姓名。",
    "Until when.": "截止时间。",
    "What closes it.": "用什么凭证结案。",
    "One medium the press desk writes to.": "一家媒体。",
    "The medium.": "媒体名称。",
    "Where the press desk writes to.": "媒体邮箱。",
    "Who is in charge there.": "对接编辑。",
    "Readers a month; estimates of reach use it.": "月访问量，用于估算触达。",
    # promo/workspace.py
    "All that `promo.yaml` may say.": "`promo.yaml` 的全部内容。",
    "The workspace's name.": "工作区名称。",
    "Language of messages and pages.": "消息和网页的语言。",
    "Time zone of campaigns that name none.": "未写时区的推广活动所用时区。",
    "The ledger: an address without password, or {env: NAME} that holds the address.": (
        "账本：不带密码的地址，或存放地址的 {env: NAME}。"
    ),
    "What wakes the publisher.": "由什么唤起发布。",
    "How far ahead is planned: 35d.": "提前规划多久：35d。",
    "Brands in use; default: every folder of assets/brands.": "启用的品牌；默认 assets/brands 的所有文件夹。",
    "The channels by name.": "各渠道。",
    "Plans of posting slots by name.": "各时段计划。",
    "Tracked links.": "跟踪链接。",
    "Defaults of every campaign.": "各推广活动的默认内容。",
    "Folder for pictures, hand-overs and reports, below the workspace.": (
        "存放画面、交付件和报告的文件夹，在工作区之内。"
    ),
    "One channel: a connector, its own settings, and what promo itself keeps for it.": (
        "一个渠道：连接器及其设置，以及 promo 自己为它保存的设置。"
    ),
    "The connector that speaks to it; `promo connectors` lists them.": "所用连接器；`promo connectors` 可列出。",
    "What people call the channel.": "渠道名称。",
    "The connector's own settings.": "连接器自己的设置。",
    "A rate limit below the connector's own.": "比连接器更严的频率限制。",
    "The channel's slot plan, one of `slots:`.": "渠道的时段计划，取自 `slots:`。",
    "Language of what is posted there.": "此渠道的文案语言。",
    "How hashtags stand in the text: #tag, #tag# (as on Weibo), or not at all.": (
        "话题在文中的写法：#话题、#话题#（如微博），或不写入正文。"
    ),
    "Lease of one publication: longer than it can take.": "一次发布的时限，要长于实际所需。",
    "The tracked links: where `promo serve` answers, as the public sees it. Without it links go out untracked.": (
        "跟踪链接：`promo serve` 的公开地址。不写则链接不作跟踪。"
    ),
    "Public address of `promo serve`.": "`promo serve` 的公开地址。",
    "How many days visitors are told apart by one salt.": "同一盐值区分访客的天数。",
    "One's own reverse proxies before `promo serve`; 0: it is reached directly.": (
        "`promo serve` 前自有反向代理的层数；0 表示直接访问。"
    ),
    "At most `calls` publications in any `per`.": "任意 `per` 内最多发布 `calls` 次。",
    "How many publications.": "发布次数。",
    "In how long a time: 15m, 3h, 1d.": "时间段：15m、3h、1d。",
    "A plan of posting slots: on these days, at these times, in this zone (default: the workspace's).": (
        "时段计划：在这些日子的这些时刻，按此时区（默认用工作区的）。"
    ),
    "Days of the week.": "星期几。",
    "Local times of day, such as 19:30.": "本地时刻，如 19:30。",
    "Time zone of the times; default: the workspace's.": "这些时刻的时区；默认用工作区的。",
}
