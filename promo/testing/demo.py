"""`make demo`: the sample campaigns from YAML to report, against real servers on this machine.

A quarter passes on a virtual clock; everything else is real: the mail server (aiosmtpd), the calendar server
(Radicale), the web receiver, the redirect of the tracked links, the pictures, the ledger. The visitors and the
people who count heads are played by this script, and the report says so in the origin of each number.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import yaml

from promo.cli import promo
from promo.cli.context import Session
from promo.clock import VirtualClock
from promo.language import _
from promo.testing.servers import calendar_server, http_receiver, mail_server

if TYPE_CHECKING:
    from promo.app import App

BEGIN = datetime(2027, 9, 22, 0, 0, tzinfo=UTC)
END = datetime(2027, 11, 20, 12, 0, tzinfo=UTC)
VISITS = 420
SECRETS = ("OWNERS_APP_SECRET", "SHOP_SITE_SECRET", "CALENDAR_PASSWORD", "SMTP_PASSWORD")


class Demo:
    """One run: its workspace, its clock, and the words it prints."""

    def __init__(self, sample: Path, room: Path) -> None:
        self.sample = sample
        self.room = room
        self.workspace = room / "workspace"
        self.received = room / "received"
        self.clock = VirtualClock(BEGIN)
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line of the story."""
        print(f"\n── {text}", flush=True)

    def promo(self, *words: str) -> None:
        """Run one promo command as a person would, on the demo's clock; end the demo when it fails."""
        print("\n$ promo " + " ".join(words), flush=True)
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

    def settings(self, mail_port: int, web: str, calendar: str, user: str, links: str) -> dict[str, Any]:
        """Return promo.local.yaml: this machine's addresses in the place of the real ones."""
        smtp = {"host": "127.0.0.1", "port": mail_port, "security": "none", "username": None, "password": None}
        return {
            "links": {"base": links},
            "channels": {
                # There is no Mastodon server here: these posts go to a folder instead.
                "mastodon": {"connector": "folder", "settings": None},
                "owners-app": {"settings": {"url": f"{web}/owners-app"}},
                "shop-site": {"settings": {"url": f"{web}/shop-site"}},
                "calendar": {"settings": {"url": calendar, "username": user}},
                **{
                    name: {"settings": smtp}
                    for name in ("owners-mail", "members-mail", "buyers-mail", "staff-tasks", "press-desk")
                },
            },
        }

    def run(self) -> None:
        """Play everything."""
        self.prepare()
        for name in SECRETS:
            os.environ[name] = secrets.token_urlsafe(24)
        with ExitStack() as stack:
            mail = stack.enter_context(mail_server(folder=self.received / "mail"))
            web = stack.enter_context(http_receiver(folder=self.received / "web"))
            calendar = stack.enter_context(
                calendar_server(folder=self.received / "calendar", password=os.environ["CALENDAR_PASSWORD"])
            )
            links = stack.enter_context(self.link_server())
            local = self.settings(mail.port, web.url, calendar.calendar, calendar.user, links.url)
            (self.workspace / "promo.local.yaml").write_text(
                yaml.safe_dump(local, allow_unicode=True, sort_keys=False), encoding="utf-8"
            )
            self.play(links)
        self.farewell(len(mail.mails), len(web.accepted), len(calendar.events()))

    def play(self, links: Any) -> None:
        """Check, plan, apply, approve, publish a quarter, collect, log, report."""
        self.promo("check")
        self.promo("plan", "--out", str(self.room / "plan.json"))
        self.promo("apply", str(self.room / "plan.json"), "--by", "wang.li")
        app = Session(folder=str(self.workspace), clock=self.clock).app
        links.open(app)
        self.say(_("The reviewers approve what waits for them."))
        approve_all(app)
        self.say(_("Two months pass on a virtual clock; each delivery goes out at its time …"))
        sent = self.publish(app)
        self.say(_("{count} deliveries went out. People click and scan.", count=sent))
        click_links(app, links.url, random.Random(11))
        self.promo("collect", "--all")
        self.log_by_hand(app)
        self.promo("status")
        self.promo("calendar", "2027-10")
        self.promo("report", "open-day-2027")
        for campaign in ("open-day-2027", "autumn-tea-2027", "double-eleven-2027"):
            self.promo("report", campaign, "--html", str(self.room / f"{campaign}.html"))
