"""`make demo`: the sample campaigns from YAML to report, against real servers on this machine.

Two months pass on a virtual clock; everything else is real: the mail server (aiosmtpd), the calendar server
(Radicale), the web receiver, the redirect of the tracked links, the pictures, the ledger. Two things are played: a
stand-in answers for Mastodon, and this script is the readers, the visitors and the people who count heads.
"""

from __future__ import annotations

import base64
import os
import random
import secrets
import shutil
import socket
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import requests
import yaml
from sqlalchemy import select

from promo.app.approval import approve
from promo.cli import promo
from promo.cli.context import Session
from promo.clock import VirtualClock, monotonic
from promo.delivery.query import find, list_deliveries
from promo.delivery.state import OUT, State
from promo.engine.play import play
from promo.errors import PromoError
from promo.exposure.collect import collect_due
from promo.language import _
from promo.store.database import reading
from promo.store.tables import deliveries, links
from promo.testing.servers import MastodonServer, calendar_server, http_receiver, mail_server, mastodon_server
from promo.testing.timeline import write_timeline
from promo.web.serve import make_app, running

if TYPE_CHECKING:
    from promo.app.workspace import App

BEGIN = datetime(2027, 9, 22, 0, 0, tzinfo=UTC)
END = datetime(2027, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")  # the sample workspace's
MAIL_CHANNELS = ("owners-mail", "members-mail", "buyers-mail", "staff-tasks", "press-desk")
CAMPAIGNS = ("open-day-2027", "autumn-tea-2027", "double-eleven-2027")
# What ordinary visitors' programs call themselves; shortened.
BROWSERS = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36 MicroMessenger/8.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
)


class Demo:
    """One run: its workspace, its clock, and the words it prints."""

    def __init__(self, sample: Path, room: Path) -> None:
        self.sample = sample
        self.room = room
        self.workspace = room / "workspace"
        self.received = room / "received"
        self.clock = VirtualClock(BEGIN)
        self.started = monotonic()
        self.random = random.Random(11)  # noqa: S311 - the same visitors each time, no secret

    def say(self, text: str) -> None:
        """Print a line of the story."""
        print(f"\n── {text}", flush=True)

    def promo(self, *words: str) -> None:
        """Run one promo command as a person would, on the demo's clock; end the demo when it fails."""
        shown = [
            Path(word).relative_to(self.room).as_posix() if word.startswith(str(self.room)) else word for word in words
        ]
        print("\n$ promo " + " ".join(shown), flush=True)
        session = Session(folder=str(self.workspace), clock=self.clock)
        code = promo.main(args=list(words), prog_name="promo", standalone_mode=False, obj=session)
        if code:
            raise SystemExit(code)

    def prepare(self) -> None:
        """Copy the sample workspace, so that the demo leaves the real one as it is."""
        shutil.rmtree(self.room, ignore_errors=True)
        self.workspace.mkdir(parents=True)
        for name in ("campaigns", "assets"):
            shutil.copytree(self.sample / name, self.workspace / name)
        shutil.copy(self.sample / "promo.yaml", self.workspace)

    def write_local_settings(self, *, mail: int, web: str, calendar: str, user: str, links: str, mastodon: str) -> None:
        """Write promo.local.yaml: this machine's addresses in the place of the real ones."""
        smtp = {"host": "127.0.0.1", "port": mail, "security": "none", "username": None, "password": None}
        local: dict[str, Any] = {
            "links": {"base": links, "proxies": 1},
            "channels": {
                "mastodon": {"settings": {"api_base_url": mastodon}},
                "owners-app": {"settings": {"url": f"{web}/owners-app", "receiver_dedupes": True}},
                "shop-site": {"settings": {"url": f"{web}/shop-site", "receiver_dedupes": True}},
                "calendar": {"settings": {"url": calendar, "username": user}},
                **{name: {"settings": smtp} for name in MAIL_CHANNELS},
            },
        }
        text = yaml.safe_dump(local, allow_unicode=True, sort_keys=False)
        (self.workspace / "promo.local.yaml").write_text(text, encoding="utf-8")

    def run(self) -> None:
        """Play everything, then say where things lie."""
        self.prepare()
        for name in ("OWNERS_APP_SECRET", "SHOP_SITE_SECRET"):
            os.environ[name] = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        for name in ("CALENDAR_PASSWORD", "MASTODON_TOKEN"):
            os.environ[name] = secrets.token_urlsafe(24)
        with ExitStack() as stack:
            mail = stack.enter_context(mail_server(folder=self.received / "mail"))
            web = stack.enter_context(http_receiver(folder=self.received / "web"))
            calendar = stack.enter_context(
                calendar_server(folder=self.received / "calendar", password=os.environ["CALENDAR_PASSWORD"])
            )
            mastodon = stack.enter_context(mastodon_server(token=os.environ["MASTODON_TOKEN"], clock=self.clock))
            port = _free_port()
            links = f"http://127.0.0.1:{port}"
            self.write_local_settings(
                mail=mail.port,
                web=web.url,
                calendar=calendar.calendar,
                user=calendar.user,
                links=links,
                mastodon=mastodon.url,
            )
            app = Session(folder=str(self.workspace), clock=self.clock).app
            self.plan(app)
            with running(make_app(app.ledger, app.workspace, self.clock), port=port) as url:
                self.publish(app, url, mastodon)
            self.measure(app)
            write_timeline(mastodon, self.received / "mastodon", ZONE)
            counts = (len(mail.mails), len(web.accepted), len(calendar.events()), len(mastodon.posts))
        self.farewell(*counts)

    def plan(self, app: App) -> None:
        """Check, plan, apply, approve."""
        self.promo("check")
        self.promo("plan", "--out", str(self.room / "plan.json"))
        self.promo("apply", str(self.room / "plan.json"), "--by", "wang.li")
        self.say(_("The reviewers look at text and picture, and approve."))
        self.promo("approve", "--campaign", "open-day-2027", "--stage", "brand", "--by", "lin")
        _approve_all(app)

    def publish(self, app: App, url: str, mastodon: MastodonServer) -> None:
        """Let two months pass: deliveries go out at their time, the horizon moves on, people read, click and scan."""
        self.say(_("Mails, events and web posts go to real servers on this machine; a stand-in answers for Mastodon."))
        self.say(_("Two months pass on a virtual clock; each delivery goes out at its time:"))
        publisher = app.publisher(worker="demo")
        sent = visits = 0
        with requests.Session() as session:
            for day in range(1, (END - BEGIN) // DAY + 1):
                done = play(publisher, self.clock, BEGIN + day * DAY)
                for identity, state in done.outcomes:
                    if state in OUT:
                        sent += 1
                        row = find(app.ledger, identity)
                        when = self.local(row.published_at or row.due_at)
                        print(f"  {when}  {row.campaign}/{row.activity} → {row.channel}")
                if app.extend_horizon():
                    _approve_all(app)
                visits += self.visit(app, url, session)
                self.like(mastodon)
                collect_due(app.ledger, app.channels, clock=self.clock)
        print()
        print(
            _(
                "{count} deliveries went out; {visits} people clicked a link or scanned a code.",
                count=sent,
                visits=visits,
            )
        )

    def local(self, moment: datetime) -> str:
        """Write a moment in the sample workspace's zone."""
        return moment.astimezone(ZONE).strftime("%m-%d %H:%M")

    def like(self, mastodon: MastodonServer) -> None:
        """Let readers of the stand-in favour and boost what is new to them."""
        for post in mastodon.posts.values():
            age = (self.clock.now() - datetime.fromisoformat(post["created_at"])) / DAY
            if age < 7:
                post["favourites_count"] += int(9 * 0.4**age + self.random.random())
                post["reblogs_count"] += int(3 * 0.4**age + self.random.random() / 2)

    def visit(self, app: App, url: str, session: requests.Session) -> int:
        """Follow the links of what is out as people would, each with an address and a browser of their own."""
        query = select(links.c.token, links.c.placement, deliveries.c.published_at, deliveries.c.changed_at)
        with reading(app.ledger) as connection:
            out = connection.execute(query.join(deliveries).where(deliveries.c.state.in_(OUT))).all()
        visits = 0
        for link in out:
            age = (self.clock.now() - (link.published_at or link.changed_at)) / DAY
            # A post is read on its day and forgotten; a poster is passed by each day until the season ends.
            likely = 6 * 0.4**age if link.placement is None else 0.7 if age < 40 else 0
            for _visitor in range(int(likely + self.random.random())):
                client = f"203.0.113.{self.random.randint(1, 254)}"  # RFC 5737: addresses for documentation
                headers = {"User-Agent": self.random.choice(BROWSERS), "X-Forwarded-For": client}
                session.get(f"{url}/l/{link.token}", headers=headers, allow_redirects=False, timeout=10)
                visits += 1
        return visits

    def measure(self, app: App) -> None:
        """Collect, enter by hand, look, report."""
        self.promo("collect", "--all")
        photo = self.workspace / "assets" / "photos" / "courtyard.jpg"
        open_day = self._one(app, "open-day-2027", "open-day", "staff-tasks")
        self.promo("log", open_day, "headcount=326", "--proof", str(photo), "--by", "zhao")
        poster = self._one(app, "open-day-2027", "lobby-poster", "print-shop")
        self.promo("log", poster, "spend=1860 CNY", "--proof", str(photo), "--by", "zhang")
        self.promo("log", "open-day-2027", "coverage=3", "spend=5200 CNY", "--by", "wang.li")
        tea = self._one(app, "autumn-tea-2027", "tea-fair", "staff-tasks")
        self.promo("log", tea, "headcount=1740", "--by", "sun")
        self.promo("status")
        self.promo("calendar", "2027-10")
        self.promo("report", "open-day-2027")
        for campaign in CAMPAIGNS:
            self.promo("report", campaign, "--html", str(self.room / f"{campaign}.html"))

    def _one(self, app: App, campaign: str, activity: str, channel: str) -> str:
        [row] = list_deliveries(app.ledger, campaign=campaign, activity=activity, channel=channel)
        return str(row.id)

    def farewell(self, mails: int, posts: int, events: int, toots: int) -> None:
        """Say where everything lies and what to type next."""
        pictures = sorted((self.workspace / ".promo" / "cache").rglob("*.jpg")) + sorted(
            (self.workspace / ".promo" / "cache").rglob("*.png")
        )
        here = self.room.relative_to(Path.cwd()) if self.room.is_relative_to(Path.cwd()) else self.room
        lines = (
            (_("reports"), f"{here}/{CAMPAIGNS[0]}.html, {CAMPAIGNS[1]}.html, {CAMPAIGNS[2]}.html"),
            (_("mails ({count})", count=mails), f"{here}/received/mail/"),
            (_("web posts ({count})", count=posts), f"{here}/received/web/"),
            (_("calendar events ({count})", count=events), f"{here}/received/calendar/"),
            (_("posts on the stand-in for Mastodon ({count})", count=toots), f"{here}/received/mastodon/index.html"),
            (_("drafts, print jobs"), f"{here}/workspace/out/channels/"),
            (_("pictures ({count})", count=len(pictures)), f"{here}/workspace/.promo/cache/visuals/"),
        )
        self.say(
            _(
                "Done in {seconds} s; everything that was started is stopped.",
                seconds=f"{monotonic() - self.started:.0f}",
            )
        )
        print()
        for label, place in lines:
            print(f"  {label}: {place}")
        print("\n" + _("Type next:"))
        print(f"  .venv/bin/promo -C {here}/workspace list --campaign open-day-2027")
        print("  .venv/bin/promo rehearse --from 2027-09-22 --until 2027-12-31")
        print("  .venv/bin/promo init my-brand")


def _approve_all(app: App) -> None:
    for row in list_deliveries(app.ledger, states=(State.AWAITING_APPROVAL,)):
        for stage in (row.approval or {}).get("stages", ()):
            try:
                approve(app, row.id, stage=stage, by="lin" if stage == "brand" else "he", comment="")
            except PromoError:  # this stage is given already
                continue


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> int:
    """Run the demo in build/demo. Returns the exit code."""
    sample = Path.cwd()
    if not (sample / "promo.yaml").is_file():
        print(_("run this in the folder of promo.yaml"), file=sys.stderr)
        return 2
    Demo(sample, sample / "build" / "demo").run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
