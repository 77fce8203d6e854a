"""The contract suite for connectors that send mail: the server, its faults and the counting are set up here."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from promo.testing.applies import Fault
from promo.testing.contract import ConnectorContract
from promo.testing.servers import MailAnswer, MailServer, closed_port, mail_server, make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta


class MailContract(ConnectorContract):
    """As ConnectorContract, against a real SMTP server with STARTTLS and a login; settings as of `MailServer`."""

    secrets: ClassVar[dict[str, str]] = {"SMTP_PASSWORD": "correct horse + battery"}
    wait: ClassVar[timedelta | None] = None  # SMTP's 4xx names no time

    server: MailServer
    port: int
    _stack: ExitStack

    @pytest.fixture(autouse=True)
    def _mail_server(self, _stage: None) -> Iterator[None]:
        certificate = make_certificate(self.tmp_path / "tls")
        with ExitStack() as self._stack:
            login = ("promo", self.secrets["SMTP_PASSWORD"])
            self.server = self._stack.enter_context(mail_server(login=login, certificate=certificate))
            self.port = self.server.port
            yield

    def settings(self) -> dict[str, Any]:
        """Return the settings every mail connector shares."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": "promo",
            "password": {"env": "SMTP_PASSWORD"},
            "ca_file": "tls/certificate.pem",
            "from": "锦绣社区 <news@jinxiu.example>",
            "timeout": 5,
        }

    def posts(self, key: str) -> int:
        """Count the mails whose Message-ID begins with the key, whole or its first 40 digits."""
        return sum(str(mail.message["Message-ID"]).startswith(f"<{key[:40]}") for mail in self.server.mails)

    def traffic(self) -> int:
        """Count the SMTP commands of a transaction."""
        return len(self.server.commands)

    def arm(self, fault: Fault) -> None:
        """Let the next transaction meet the fault."""
        match fault:
            case Fault.LOST_ANSWER:
                self.server.queue(MailAnswer(at="data", cut=True, keep=True))
            case Fault.BUSY:
                self.server.queue(MailAnswer(at="mail", reply="451 4.3.0 try again later"))
            case Fault.NO_ACCESS:
                # monkeypatch puts it back: the suite has set it.
                os.environ["SMTP_PASSWORD"] = "changed"  # noqa: S105 - a wrong one, for a server of this test
            case Fault.REFUSED:
                self.port = self._stack.enter_context(closed_port())
