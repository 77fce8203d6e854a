"""The final words of one delivery: templates filled, links made, plain JSON."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from promo.campaign.template import TemplateProblem, Templates
from promo.campaign.variables import variables_for
from promo.errors import UserMistake
from promo.language import _
from promo.plan import links
from promo.plan.digest import ID_LENGTH, delivery_key
from promo.plan.localtime import resolve
from promo.source.path import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from promo.campaign.load import LoadedCampaign
    from promo.campaign.model import Activity
    from promo.plan.wording import Keys, Wording
    from promo.registry import Channel
    from promo.source.table import Table
    from promo.workspace import Workspace

BODY_FILES = (".md", ".markdown", ".txt")


class ContentProblem(UserMistake):
    """The words cannot be made; `keys` says which part of the campaign's file is at fault."""

    def __init__(self, message: str, *, keys: Keys, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.keys = keys


@dataclass(frozen=True, kw_only=True)
class Job:
    """One activity on one channel, for one row of its table: everything about a delivery but its time."""

    loaded: LoadedCampaign
    index: int  # of the activity in its campaign
    activity: Activity
    name: str  # the activity's name in the ledger: with a table, `activity/row`
    row: Mapping[str, str] | None
    channel: Channel
    wording: Wording
    zone: ZoneInfo

    def key(self, label: str, part: str = "main") -> str:
        """Return the key of the delivery at one occurrence."""
        return delivery_key(self.loaded.campaign.campaign, self.name, self.channel.name, label, part)

    @property
    def type(self) -> str:
        """Return the activity's type; only online ones may leave it out."""
        return self.activity.type or "post"

    @property
    def keys(self) -> Keys:
        """Return where the activity stands in its file."""
        return ("activities", self.index)


PhotoAlt = Callable[[str, str], str]  # a photo and a language → what it shows, empty where nobody says


@dataclass(frozen=True, kw_only=True)
class Words:
    """What `compose` makes: the content, the picture to render, and the first comment's content if there is one."""

    content: dict[str, Any]
    visual: dict[str, Any] | None
    comment: dict[str, Any] | None


class Composer:
    """Makes the words of deliveries for one workspace."""

    def __init__(self, workspace: Workspace, photo_alt: PhotoAlt | None = None) -> None:
        self._workspace = workspace
        self._photo_alt = photo_alt
        self._base = workspace.settings.links.base
        self._templates = Templates()

    def compose(self, job: Job, key: str, comment_key: str, local: datetime) -> Words:
        """Return the words of one delivery; `local` is its occurrence, aware, local. Raises ContentProblem."""
        wording = job.wording
        variables = variables_for(
            job.loaded.campaign,
            job.activity,
            channel=job.channel.name,
            language=wording.language,
            occurrence=local,
            row=job.row,
        )
        link = self._link(job, key, variables)
        comment = self._comment(job, comment_key, variables)
        variables.update(link or {"link": ""})
        content = self._words(job, variables)
        content.update(link or {})
        content["occurrence"] = _iso(local)
        content.update(self._practical(job, key, variables, (link or {}).get("target")))
        visual = self._visual(job, variables, content)
        if visual and visual["photo"] and not content["alt"] and self._photo_alt is not None:
            content["alt"] = self._photo_alt(visual["photo"], wording.language)
        return Words(content=content, visual=visual, comment=comment)

    def _words(self, job: Job, variables: Mapping[str, Any]) -> dict[str, Any]:
        wording, keys = job.wording, job.wording.keys
        tags = [self._fill(tag, variables, keys["hashtags"]).strip().strip("#") for tag in wording.hashtags]
        tags = [tag for tag in tags if tag]
        text = self._fill(wording.text, variables, keys["text"]).strip()
        limits = job.channel.limits
        if text and job.activity.kind == "online" and not limits.needs_body:
            text = with_hashtags(text, tags, job.channel.settings.hashtag_style)
        options = {
            name: self._fill(value, variables, (*job.keys, "content", "variants", job.channel.name, name))
            if isinstance(value, str)
            else value
            for name, value in wording.options.items()
        }
        return {
            "text": text,
            "thread": [self._fill(post, variables, keys["thread"]).strip() for post in wording.thread],
            "title": self._fill(wording.title, variables, keys["title"]).strip(),
            "body": self._body(job, variables),
            "hashtags": tags,
            "alt": self._fill(wording.alt, variables, keys["alt"]).strip(),
            "link": None,
            "target": None,
            "token": None,
            "language": wording.language,
            "timezone": job.zone.key,
            "options": options,
        }

    def _practical(self, job: Job, key: str, variables: Mapping[str, Any], target: str | None) -> dict[str, Any]:
        """Return what offline and media activities need beside words; empty parts are left out."""
        activity, language = job.activity, job.wording.language
        found: dict[str, Any] = {}
        if activity.schedule.lasts is not None:
            found["lasts"] = activity.schedule.lasts.total_seconds()
        if activity.place:
            found["place"] = self._fill(activity.place, variables, (*job.keys, "place"))
        if activity.placements:
            tracked = variables.get("token") is not None
            found["placements"] = [
                {
                    "id": placement.id,
                    "name": placement.name.in_language(language),
                    "copies": placement.copies,
                    "address": placement.address,
                    "token": (mark := links.token(key, placement.id)) if tracked else None,
                    "link": links.tracked(self._base or "", mark) if tracked else target,
                    "target": target,
                }
                for placement in activity.placements
            ]
        if activity.tasks:
            found["tasks"] = [
                {
                    "id": f"task-{number}",
                    "what": self._fill(task.what, variables, (*job.keys, "tasks", number - 1, "what")),
                    "owner": task.owner,
                    "due": _iso(resolve(task.due, job.zone).at_utc) if task.due is not None else None,
                    "proof": task.proof,
                }
                for number, task in enumerate(activity.tasks, start=1)
            ]
        if activity.outlets:
            found["outlets"] = _outlets(job)
        if activity.embargo is not None:
            found["embargo"] = _iso(resolve(activity.embargo, job.zone).at_utc)
        if activity.content.contact:
            found["contact"] = self._fill(activity.content.contact, variables, (*job.keys, "content", "contact"))
        if activity.content.attachments:
            # Written beside the campaign's file, kept relative to the workspace.
            found["attachments"] = [
                (job.loaded.path.parent / self._fill(name, variables, (*job.keys, "content", "attachments"))).as_posix()
                for name in activity.content.attachments
            ]
        return found

    def _link(self, job: Job, key: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return `link`, `target` and `token`; None where the activity leads nowhere."""
        link = job.wording.link
        if link is None:
            return None
        keys = job.wording.keys["link"]
        url = self._fill(link.url, variables, keys).strip()
        if not url:
            return None
        fields = {
            "source": job.channel.name,
            "medium": job.type,
            "campaign": job.loaded.campaign.campaign,
            "content": key[:ID_LENGTH],
        }
        fields.update(
            {name.removeprefix("utm_"): self._fill(value, variables, keys) for name, value in link.utm.items()}
        )
        target = links.with_utm(url, fields)
        mark = links.token(key) if self._base and link.track and target.startswith(("http://", "https://")) else None
        return {
            "link": links.tracked(self._base, mark) if self._base and mark else target,
            "target": target,
            "token": mark,
        }

    def _comment(self, job: Job, key: str, variables: Mapping[str, Any]) -> dict[str, Any] | None:
        spec = job.wording.first_comment
        if spec is None:
            return None
        keys = job.wording.keys["first_comment"]
        link = self._link(job, key, variables) if "link" in self._templates.analyse(spec.text).names else None
        return {
            "text": self._fill(spec.text, {**variables, "link": (link or {}).get("link", "")}, keys).strip(),
            "link": None,
            "target": None,
            "token": None,
            **(link or {}),
            "delay": spec.after.total_seconds(),
            "language": job.wording.language,
            "timezone": job.zone.key,
            "options": {},
        }

    def _body(self, job: Job, variables: Mapping[str, Any]) -> str:
        source, keys = job.wording.body, job.wording.keys["body"]
        if source.endswith(BODY_FILES) and "\n" not in source:
            folder = self._workspace.root / job.loaded.path.parent
            with _at(keys):
                source = _read(inside(folder, source))
        return self._fill(source, variables, keys).strip()

    def _visual(self, job: Job, variables: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any] | None:
        spec, limits = job.wording.visual, job.channel.limits
        if spec is None or limits.images.count == 0:
            return None
        keys: Keys = (*job.keys, "visual") if job.wording.own_visual else ("defaults", "visual")

        def fill(name: str, value: Any) -> str:
            if isinstance(value, dict):
                value = value.get(job.wording.language) or next(iter(value.values()), "")
            return self._fill(str(value), variables, (*keys, name))

        own = {n: v for n, v in spec.items() if n not in ("layout", "format", "photo", "alt") and v is not None}
        fields = {n: fill(n, v) for n, v in own.items() if not isinstance(v, list)}
        tables = {n: [_row(fill, n, row) for row in v] for n, v in own.items() if isinstance(v, list)}
        fields.setdefault("title", content["title"] or _name(job))
        return {
            "layout": fill("layout", spec["layout"]),
            "format": spec.get("format") or limits.visual_format,
            "brand": job.loaded.campaign.brand,
            "photo": fill("photo", spec["photo"]) if spec.get("photo") else None,
            "language": job.wording.language,
            "fields": fields,
            "qr": content["link"],
            **({"alt": content["alt"]} if content["alt"] else {}),
            **({"tables": tables} if tables else {}),
        }

    def _fill(self, source: str, variables: Mapping[str, Any], keys: Keys) -> str:
        if "{" not in source:
            return source
        try:
            return self._templates.render(source, variables)
        except TemplateProblem as error:
            raise ContentProblem(error.message, keys=keys, hint=error.hint) from None


def _row(fill: Callable[[str, Any], str], name: str, row: Any) -> dict[str, str]:
    """Return a row of a table written in a campaign; a plain value is its only cell, `value`."""
    cells = row if isinstance(row, dict) else {"value": row}
    return {str(column): fill(name, "" if cell is None else cell) for column, cell in cells.items()}


def with_hashtags(text: str, tags: list[str], style: str) -> str:
    """Return `text` with the hashtags it does not name yet on a line of their own: `#tag`, `#tag#`, or none."""
    mark = {"single": "#{}", "double": "#{}#", "none": ""}[style]
    missing = [mark.format(tag) for tag in tags if mark and f"#{tag}" not in text]
    return f"{text}\n\n{' '.join(missing)}" if missing else text


@contextmanager
def _at(keys: Keys) -> Iterator[None]:
    try:
        yield
    except UserMistake as error:
        raise ContentProblem(error.message, keys=keys, hint=error.hint) from None


@lru_cache(maxsize=1024)
def _read_version(path: Path, _modified: int, _size: int) -> str:
    return path.read_text(encoding="utf-8-sig")


def _read(path: Path) -> str:
    try:
        facts = path.stat()
        return _read_version(path, facts.st_mtime_ns, facts.st_size)
    except OSError:
        raise UserMistake(_("there is no file {name}", name=f"`{path.name}`")) from None
    except UnicodeDecodeError:
        raise UserMistake(_("the file {name} is not UTF-8", name=f"`{path.name}`")) from None


def _outlets(job: Job) -> list[dict[str, Any]]:
    outlets = job.activity.outlets
    if not isinstance(outlets, str):
        return [outlet.model_dump() for outlet in outlets]
    table: Table = job.loaded.tables[outlets]
    found = []
    for row in table.rows:
        visits = (row.get("monthly_visits") or row.get("monthly visits") or "").replace(",", "")
        found.append(
            {
                "name": row.get("name", ""),
                "email": row.get("email", ""),
                "editor": row.get("editor", ""),
                "monthly_visits": int(visits) if visits.isdecimal() else None,
            }
        )
    return found


def _name(job: Job) -> str:
    name = job.activity.name
    return name.in_language(job.wording.language) if name is not None else ""


def _iso(moment: datetime) -> str:
    """Return an aware moment in UTC, as the ledger's JSON holds it."""
    return (moment - (moment.utcoffset() or timedelta())).replace(tzinfo=None).isoformat() + "+00:00"
