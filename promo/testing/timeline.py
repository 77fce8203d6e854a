"""The stand-in Mastodon's posts as one page with their pictures, to look at after the demo."""

from __future__ import annotations

import html
from datetime import datetime
from typing import TYPE_CHECKING, Any

from promo.language import _, language

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from promo.testing.servers import MastodonServer

_STYLE = """
body { margin: 2rem auto; max-width: 36rem; padding: 0 1rem; color: #1d2125; background: #f4f5f7;
  font: 16px/1.6 system-ui, "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif }
h1 { font-size: 1.3rem; margin-bottom: .2rem }
.note, time, .counts { color: #5b6470; font-size: .875rem }
article { background: #fff; border: 1px solid #dfe3e8; border-radius: .5rem; padding: .8rem 1rem; margin: 1rem 0 }
article.answer { margin: -.6rem 0 1rem 2rem; border-left: .25rem solid #5a67d8 }
article p { margin: .5rem 0; overflow-wrap: anywhere }
article img { display: block; width: 100%; height: auto; border-radius: .375rem; margin: .6rem 0 .2rem }
.invisible { display: none }
.ellipsis::after { content: "…" }
a { color: #4338ca }
"""


def write_timeline(server: MastodonServer, folder: Path, zone: ZoneInfo) -> Path:
    """Write `index.html` and the pictures into `folder`, the newest post first, its answers below; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    for remote_id, data in server.files.items():
        (folder / _file(remote_id, data)).write_bytes(data)
    title = _("A stand-in for Mastodon: {count} posts", count=len(server.posts))
    note = _("What the account @brand published on the stand-in; no Mastodon server took part.")
    posts = sorted(server.posts.values(), key=lambda post: int(post["id"]))
    first = [post for post in posts if post["in_reply_to_id"] is None]
    body = "\n".join(_article(server, one, zone) for post in reversed(first) for one in (post, *_answers(post, posts)))
    page = folder / "index.html"
    page.write_text(
        f'<!doctype html>\n<html lang="{language()}">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<h1>{html.escape(title)}</h1>\n<p class="note">{html.escape(note)}</p>\n{body}\n</html>\n',
        encoding="utf-8",
    )
    return page


def _answers(post: dict[str, Any], posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    direct = [one for one in posts if one["in_reply_to_id"] == post["id"]]
    return [below for one in direct for below in (one, *_answers(one, posts))]


def _article(server: MastodonServer, post: dict[str, Any], zone: ZoneInfo) -> str:
    when = datetime.fromisoformat(post["created_at"]).astimezone(zone)
    pictures = "".join(
        f'<img src="{_file(one["id"], server.files[one["id"]])}" alt="{html.escape(one["description"] or "")}">'
        for one in post["media_attachments"]
    )
    counts = _(
        "{answers} answers · {boosts} boosts · {favourites} favourites",
        answers=post["replies_count"],
        boosts=post["reblogs_count"],
        favourites=post["favourites_count"],
    )
    kind = ' class="answer"' if post["in_reply_to_id"] is not None else ""
    return (
        f"<article{kind}><time>{when:%Y-%m-%d %H:%M}</time>{post['content']}{pictures}"
        f'<span class="counts">{html.escape(counts)}</span></article>'
    )


def _file(remote_id: str, data: bytes) -> str:
    return f"{remote_id}.{'png' if data.startswith(bytes.fromhex('89504e47')) else 'jpg'}"
