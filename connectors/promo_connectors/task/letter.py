"""The words of a task mail, and its tasks as calendar entries."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.connector import PublishRequest, Task, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

# These words go to the person in charge in the delivery's language, not in that of the person at this terminal.
WORDS = {
    "en": {
        "what": "To do",
        "due": "Due",
        "when": "Takes place",
        "place": "Place",
        "placements": "Where to put it up",
        "where": "{name}, {address}",
        "copies": "{name}: {copies} copies",
        "link": "Link",
        "proof": "Proof wanted",
        "close": "Close it with",
        "photo": "a photo",
        "headcount": "the number of people who came",
        "document": "a document",
        "subject": "[To do] {what}",
        "subject_due": "[To do] {what} (due {due})",
        "and": ", ",
        "label": "{label}: {value}",
        "short": "{at:%Y-%m-%d %H:%M}",
        "moment": "{at:%Y-%m-%d %H:%M} ({zone})",
    },
    "zh": {
        "what": "任务",
        "due": "截止时间",
        "when": "活动时间",
        "place": "地点",
        "placements": "张贴点位",
        "where": "{name}，{address}",
        "copies": "{name}：{copies} 份",
        "link": "链接",
        "proof": "所需凭证",
        "close": "完成后请登记",
        "photo": "照片",
        "headcount": "到场人数",
        "document": "文件",
        "subject": "【任务】{what}",
        "subject_due": "【任务】{what}，{due}前完成",
        "and": "、",
        "label": "{label}：{value}",
        "short": "{at.month}月{at.day}日 {at:%H:%M} ",
        "moment": "{at.year}年{at.month}月{at.day}日 {at:%H:%M}（{zone}）",
    },
}


def words_of(request: PublishRequest) -> dict[str, str]:
    """Return the words in the delivery's language."""
    return WORDS["zh" if request.language.startswith("zh") else "en"]


def task_subject(request: PublishRequest, tasks: Sequence[Task]) -> str:
    """Return what is to be done, and until when the first of it is due."""
    words = words_of(request)
    what = words["and"].join(one_line(task.what) for task in tasks)
    dues = [task.due for task in tasks if task.due is not None]
    if not dues:
        return words["subject"].format(what=what)
    due = min(dues).astimezone(ZoneInfo(request.timezone))  # the zone's name stands in the text
    return words["subject_due"].format(what=what, due=words["short"].format(at=due))


def task_text(request: PublishRequest, tasks: Sequence[Task], close_url: str | None) -> str:
    """Return the mail as plain text: what it is about, where, each task with its proof and how to close it."""
    words = words_of(request)
    about = [
        request.title or request.text,
        _line("when", _moment(request.occurrence, request, words), words),
        _line("place", request.place, words) if request.place else "",
        _line("link", request.link, words) if request.link and request.link not in request.text else "",
    ]
    blocks = ["\n".join(line for line in about if line)]
    if request.placements:
        lines = [_line("placements", "", words)]
        for place in request.placements:
            name = words["where"].format(name=place.name, address=place.address) if place.address else place.name
            lines.append("- " + words["copies"].format(name=name, copies=place.copies))
        blocks.append("\n".join(lines))
    blocks += [_task_block(request, task, words, close_url) for task in tasks]
    return "\n\n".join(blocks)


def _task_block(request: PublishRequest, task: Task, words: dict[str, str], close_url: str | None) -> str:
    lines = [_line("what", task.what, words)]
    if task.due is not None:
        lines.append(_line("due", _moment(task.due, request, words), words))
    if task.proof != "none":
        lines.append(_line("proof", words[task.proof], words))
    if close_url is not None:
        closing = close_url.replace("{delivery}", request.delivery).replace("{task}", task.id)
    else:
        proof = {"headcount": " headcount=N", "photo": " --proof FILE", "document": " --proof FILE"}.get(task.proof, "")
        closing = f"promo log {request.delivery} --task {task.id}{proof} --by NAME"
    lines.append(_line("close", closing, words))
    return "\n".join(lines)


def task_calendar(request: PublishRequest, tasks: Sequence[Task], now: datetime) -> bytes | None:
    """Return the tasks with a due time as half-hour entries that end then, with an alarm; None where none has one."""
    from icalendar import Alarm, Calendar, Event  # slow to import

    calendar = Calendar()
    calendar.add("prodid", "-//promo//task//EN")
    calendar.add("version", "2.0")
    for task in tasks:
        if task.due is None:
            continue
        entry = Event()
        entry.add("uid", f"{request.key}.{task.id}")
        entry.add("dtstamp", now)
        entry.add("dtstart", task.due - timedelta(minutes=30))
        entry.add("dtend", task.due)
        entry.add("summary", one_line(task.what))
        if request.place:
            entry.add("location", one_line(request.place))
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", one_line(task.what))
        alarm.add("trigger", timedelta(hours=-1))
        entry.add_component(alarm)
        calendar.add_component(entry)
    return calendar.to_ical() if calendar.subcomponents else None


def _moment(moment: datetime, request: PublishRequest, words: dict[str, str]) -> str:
    return words["moment"].format(at=moment.astimezone(ZoneInfo(request.timezone)), zone=request.timezone)


def _line(label: str, value: str, words: dict[str, str]) -> str:
    return words["label"].format(label=words[label], value=value).rstrip()
