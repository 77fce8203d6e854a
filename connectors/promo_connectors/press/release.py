"""The words of a press release, as one outlet reads them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from promo.connector import Mail, Outlet, PublishRequest, one_line

if TYPE_CHECKING:
    from datetime import datetime

    from promo_connectors.press.settings import PressSettings

# These words go to the outlet in the release's language, not in that of the person at this terminal.
WORDS = {
    "en": {
        "dear": "Dear {name},",
        "subject": "[{notice}] {title}",
        "embargo": "EMBARGOED UNTIL {moment}",
        "notice": "Please do not publish before then.",
        "contact": "Press contact: {contact}",
        "moment": "{at:%Y-%m-%d %H:%M} ({zone})",
    },
    "zh": {
        "dear": "{name}，您好：",
        "subject": "【{notice}】{title}",
        "embargo": "禁发至 {moment}",
        "notice": "请勿提前发布。",
        "contact": "媒体联系人：{contact}",
        "moment": "{at.year}年{at.month}月{at.day}日 {at:%H:%M}（{zone}）",
    },
}


def release_mail(request: PublishRequest, outlet: Outlet, settings: PressSettings, now: datetime) -> Mail:
    """Return the mail for one outlet: greeting, embargo notice while it lasts, release, contact."""
    words = WORDS["zh" if request.language.startswith("zh") else "en"]
    parts = []
    subject = one_line(request.title)
    if request.embargo is not None and request.embargo > now:
        notice = words["embargo"].format(moment=_moment(request.embargo, request.timezone, words["moment"]))
        subject = words["subject"].format(notice=notice, title=subject)
        parts.append(f"**{notice}** {words['notice']}")
    if settings.greeting:
        parts.append(words["dear"].format(name=_plain(outlet.editor or outlet.name)))
    parts += [f"# {_plain(request.title)}", request.body]
    if request.contact:
        parts.append(words["contact"].format(contact=_plain(request.contact)))
    return Mail(
        key=f"{request.key[:40]}.{hashlib.sha256(outlet.email.lower().encode()).hexdigest()[:12]}",
        sender=settings.sender,
        reply_to=settings.reply_to,
        to=(outlet.email,),
        subject=subject,
        date=now,
        language=request.language,
        markdown="\n\n".join(parts),
        attachments=(*request.media, *request.attachments),
    )


def _moment(moment: datetime, zone: str, pattern: str) -> str:
    return pattern.format(at=moment.astimezone(ZoneInfo(zone)), zone=zone)


def _plain(text: str) -> str:
    """Return names and titles with Markdown's signs escaped."""
    return "".join(f"\\{c}" if c in r"\`*_[]<>#" else c for c in one_line(text))
