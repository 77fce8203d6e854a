"""The job ticket for people, in English and Chinese, and the packing list."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from promo_connectors.print.job import Item, Job

STYLE = """
body { font: 15px/1.5 "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 2em; }
table { border-collapse: collapse; margin: 1em 0; } th, td { border: 1px solid #999; padding: .3em .6em; }
th { background: #eee; text-align: left; } td.n { text-align: right; } code { font-size: 11px; word-break: break-all; }
img { max-height: 7em; max-width: 10em; } @media print { body { margin: 0; } }
"""
COLUMNS = (
    "placement",
    "name",
    "address",
    "copies",
    "file",
    "pages",
    "width_mm",
    "height_mm",
    "width_px",
    "height_px",
    "dpi",
    "sha256",
    "link",
)


def facts(job: Job) -> list[tuple[str, str]]:
    """Return the ticket's head as pairs of label and value; empty values are left out."""
    rows = [
        ("Job 任务编号", job.delivery),
        ("Campaign 推广活动", job.campaign),
        ("Activity 活动项", job.activity),
        ("Due 交付期限", _local(job.due, job.timezone)),
        ("Print shop 印刷方", job.contact),
        ("Asked by 委托人", job.asked_by),
        ("Sheets in all 总份数", str(job.copies)),
        ("Instructions 说明", job.instructions),
        ("Note 备注", job.note),
    ]
    return [(label, value) for label, value in rows if value]


def as_text(job: Job) -> str:
    """Return the ticket as plain text."""
    lines = [f"PRINT JOB 印刷任务单: {job.title}", ""]
    lines += [f"{label}: {value}" for label, value in facts(job)]
    for item in job.items:
        lines += ["", f"[{item.copies} ×] {item.name or item.placement or item.file}", f"  File 文件: {_file(item)}"]
        lines += [f"  {label}: {value}" for label, value in _details(item)]
    if job.tasks:
        lines += ["", "Tasks 待办:"]
        lines += [f"  - {_task(task, job.timezone)}" for task in job.tasks]
    return "\n".join(lines) + "\n"


def as_html(job: Job) -> str:
    """Return the ticket as one page to print or open; the pictures are those beside it."""
    head = "".join(f"<tr><th>{escape(label)}</th><td>{escape(value)}</td></tr>" for label, value in facts(job))
    rows = "".join(
        f"<tr><td>{_thumbnail(item)}</td><td>{escape(item.name or item.placement)}<br>{escape(item.address)}</td>"
        f'<td class="n">{item.copies}</td><td>{escape(_file(item))}<br><code>{item.sha256}</code></td>'
        f"<td>{escape(_size(item))}</td><td>{escape(item.link)}</td></tr>"
        for item in job.items
    )
    tasks = "".join(f"<li>{escape(_task(task, job.timezone))}</li>" for task in job.tasks)
    return (
        f'<!doctype html>\n<html lang="zh"><head><meta charset="utf-8"><title>{escape(job.title)}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>Print job 印刷任务单: {escape(job.title)}</h1>\n"
        f"<table>{head}</table>\n"
        "<table><tr><th></th><th>Place 点位</th><th>Copies 份数</th><th>File 文件 · SHA-256</th>"
        f"<th>Size 尺寸</th><th>Link 链接</th></tr>{rows}</table>\n"
        + (f"<h2>Tasks 待办</h2><ul>{tasks}</ul>\n" if tasks else "")
        + "</body></html>\n"
    )


def as_packing_list(job: Job) -> bytes:
    """Return the packing list as CSV with a byte order mark, so that Excel reads the Chinese."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerow(COLUMNS)
    for item in job.items:
        writer.writerow([_cell(getattr(item, name)) for name in COLUMNS])
    return sink.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _details(item: Item) -> list[tuple[str, str]]:
    rows = [
        ("Address 地址", item.address),
        ("Size 尺寸", _size(item)),
        ("SHA-256", item.sha256),
        ("Link 链接", item.link),
    ]
    return [(label, value) for label, value in rows if value]


def _size(item: Item) -> str:
    pixels = f"{item.width_px} × {item.height_px} px" if item.width_px else ""
    if item.width_mm is None:
        return pixels
    sheet = f"{item.width_mm:g} × {item.height_mm:g} mm"
    return f"{sheet} · {pixels} · {item.dpi:g} dpi" if item.dpi else sheet


def _file(item: Item) -> str:
    return f"{item.file}, page 第 {item.pages} 页" if item.pages else item.file


def _thumbnail(item: Item) -> str:
    shown = item.preview or (item.file if item.mime.startswith("image/") else "")
    return f'<img src="{escape(shown)}" alt="">' if shown else ""


def _task(task: dict[str, object], timezone: str) -> str:
    due = _local(datetime.fromisoformat(str(task["due"])), timezone) if task["due"] else ""
    return " · ".join(str(part) for part in (task["what"], task["owner"], due) if part)


def _local(moment: datetime, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} ({timezone})"
