"""A workspace of 10,000 activities for the benchmarks: 20 campaign files, half of the activities recurring."""

import os
import struct
import time
from datetime import date, timedelta

import yaml

START = date(2027, 3, 1)
HORIZON = 35  # days
CHANNELS = ("mastodon", "bluesky", "wechat", "newsletter")
WEEKDAYS = (("MO", "MON"), ("TU", "TUE"), ("WE", "WED"), ("TH", "THU"), ("FR", "FRI"))

SETTINGS = """\
workspace: benchmark
timezone: Asia/Shanghai
slots:
  evenings: {days: [mon, tue, wed, thu], times: ["19:30", "21:00"]}
channels:
""" + "".join(f"  {name}: {{connector: folder, slots: evenings}}\n" for name in CHANNELS)

BRAND = """\
name: Benchmark
positioning: {audience: [residents], core_value: Green, proposition: A garden for all, slogan: Come in}
logo: {variants: [{file: logo.svg}]}
palette:
  colors: {green: "#12513f", white: "#ffffff", gold: "#c8963e", ink: "#1c1c1c"}
  roles: {primary: green, on_primary: white, accent: gold, background: white, text: ink}
"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#12513f"/></svg>'

HEAD = """\
campaign: spring-{number:02}
name: {{zh: 春季推广 {number}, en: Spring campaign {number}}}
brand: benchmark
owner: wang.li@benchmark.example
period: {{from: 2027-03-01, until: 2027-06-30}}
audience: [residents, neighbours]
goals: {{reach: 50000, clicks: 1200}}
budget: {{total: 20000 CNY, lines: {{print: 6000, media: 8000}}}}
defaults:
  link: {{url: https://benchmark.example/spring, utm: {{source: "{{{{ channel }}}}", medium: social}}}}
  language: zh
activities:
"""

ACTIVITY = """\
  - id: post-{number}
    name: {{zh: 第 {number} 帖, en: Post {number}}}
    kind: online
    channels: [{channel}]
    schedule: {schedule}
    content:
      text: |
        距离开放日还有 {{{{ days_until('2027-07-01') }}}} 天,第 {number} 号花园的故事。
        欢迎报名 👉 {{{{ link }}}}
      hashtags: [锦绣开放日, 社区更新]
      alt: 社区庭院里的春花,第 {number} 张
    visual:
      layout: event-card
      title: 第 {number} 号花园
      subtitle: "{{{{ date(occurrence, 'M月d日') }}}}"
"""


def write_workspace(folder, *, activities=10_000, files=20):
    """Write the workspace into `folder`; return the paths of its campaign files."""
    (folder / "campaigns").mkdir(parents=True)
    (folder / "assets" / "brands" / "benchmark").mkdir(parents=True)
    (folder / "promo.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "assets" / "brands" / "benchmark" / "brand.yaml").write_text(BRAND, encoding="utf-8")
    (folder / "assets" / "brands" / "benchmark" / "logo.svg").write_text(LOGO, encoding="utf-8")
    paths = []
    share = activities // files
    for file in range(files):
        numbers = range(file * share, (file + 1) * share)
        text = HEAD.format(number=file) + "".join(
            ACTIVITY.format(number=n, channel=CHANNELS[n % len(CHANNELS)], schedule=_schedule(n)) for n in numbers
        )
        paths.append(folder / "campaigns" / f"spring-{file:02}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return paths


def _schedule(number):
    """Every second activity recurs, once a week by cron or RRULE; the others go out once inside the horizon."""
    hour, minute = 8 + number // 60 % 12, number % 60
    if number % 2 == 0:
        day = START + timedelta(days=number % HORIZON)
        return f"{{at: {day} {hour:02}:{minute:02}, late: 2h}}"
    rule_day, cron_day = WEEKDAYS[number // 4 % 5]
    if number % 4 == 1:
        span = "from: 2027-03-01, until: 2027-06-30, skip: [holidays CN]"
        return f'{{cron: "{minute} {hour} * * {cron_day}", {span}, late: 2h}}'
    rule = f"FREQ=WEEKLY;BYDAY={rule_day};BYHOUR={hour};BYMINUTE={minute}"
    return f'{{rrule: "{rule}", from: 2027-03-01, until: 2027-06-30, late: 2h}}'


def parse(paths):
    """The bare parse: PyYAML's C loader over each file."""
    for path in paths:
        with path.open("rb") as file:
            yaml.load(file, Loader=yaml.CSafeLoader)


def cpu_in_child(work, argument):
    """Run `work` in a child process, so that no run finds what an earlier one cached; return its CPU seconds."""

    def timed(given):
        start = time.process_time()
        work(given)
        return time.process_time() - start

    return figure_in_child(timed, argument)


def figure_in_child(work, argument):
    """Run `work` in a child process, so that no run finds what an earlier one cached; return the number it returns."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writing, struct.pack("d", work(argument)))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    _pid, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"{work.__name__} failed")
    return struct.unpack("d", data)[0]
