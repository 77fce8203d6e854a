"""A real SMTP server (aiosmtpd) that keeps what it receives and can be told to fail."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from promo.testing.servers.missing import ServerMissing
from promo.testing.servers.port import LOOPBACK, bind_free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import EmailMessage
    from pathlib import Path

    from aiosmtpd.controller import Controller

    from promo.testing.servers.certificate import Certificate


@dataclass(frozen=True, kw_only=True)
class ReceivedMail:
    """One accepted mail: the envelope and the bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)

    @property
    def message(self) -> EmailMessage:
        """Return the parsed message."""
        return email.message_from_bytes(self.content, policy=email.policy.default)


@dataclass(frozen=True, kw_only=True)
class MailAnswer:
    """What the server does instead of saying yes, once.

    `at`: on MAIL FROM, on one RCPT TO, or after the whole message. `reply` is the SMTP line. With `cut` the
    connection breaks without a reply. `keep`: the message is kept all the same, as after a lost answer.
    `delay` in seconds comes first.
    """

    at: Literal["mail", "rcpt", "data"] = "data"
    reply: str = "451 4.3.0 try again later"
    cut: bool = False
    keep: bool = False
    delay: float = 0.0


class MailServer:
    """The running server: where it is, what it received, what it is to do next."""

    def __init__(self, *, port: int, folder: Path | None, certificate: Certificate | None, closed: bool) -> None:
        self.host = LOOPBACK
        self.port = port
        self.certificate = certificate
        self.refused: dict[str, str] = {}  # recipient → SMTP reply, such as "550 5.1.1 no such user"
        self.commands: list[str] = []  # every command seen, for tests that want none
        self._folder = folder
        self._closed = closed  # to whom has not signed in
        self._mails: list[ReceivedMail] = []
        self._answers: list[MailAnswer] = []
        self._lock = threading.Lock()

    @property
    def mails(self) -> list[ReceivedMail]:
        """Return what was accepted so far, oldest first."""
        with self._lock:
            return list(self._mails)

    def count(self, header: str, value: str) -> int:
        """Return how many accepted mails carry `value` somewhere in that header."""
        return sum(value in str(mail.message.get(header, "")) for mail in self.mails)

    def queue(self, *answers: MailAnswer) -> None:
        """Let the next matching steps fail so, in this order, each once."""
        with self._lock:
            self._answers += answers

    def _next(self, at: str) -> MailAnswer | None:
        with self._lock:
            for answer in self._answers:
                if answer.at == at:
                    self._answers.remove(answer)
                    return answer
        return None

    def _keep(self, mail: ReceivedMail) -> None:
        with self._lock:
            self._mails.append(mail)
            if self._folder is not None:
                self._folder.mkdir(parents=True, exist_ok=True)
                to = mail.recipients[0].replace("/", "-")
                (self._folder / f"{len(self._mails):04d} {to}.eml").write_bytes(mail.content)

    # The names and arguments of the hooks are aiosmtpd's.

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer MAIL FROM."""
        self.commands.append("MAIL")
        if self._closed and not session.authenticated:
            return "530 5.7.0 authentication required"
        if (answer := self._next("mail")) is not None:
            return await self._fail(server, answer)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer RCPT TO."""
        self.commands.append("RCPT")
        if address in self.refused:
            return self.refused[address]
        if (answer := self._next("rcpt")) is not None:
            return await self._fail(server, answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Answer the message itself."""
        self.commands.append("DATA")
        mail = ReceivedMail(
            sender=envelope.mail_from, recipients=tuple(envelope.rcpt_tos), content=envelope.original_content
        )
        answer = self._next("data")
        if answer is None or answer.keep:
            self._keep(mail)
        if answer is not None:
            return await self._fail(server, answer)
        return f"250 2.0.0 queued as {len(self._mails)}"

    async def _fail(self, server: Any, answer: MailAnswer) -> str:
        await asyncio.sleep(answer.delay)
        if answer.cut:
            server.transport.abort()
            raise ConnectionResetError
        return answer.reply


@contextmanager
def mail_server(
    folder: Path | None = None,
    *,
    login: tuple[str, str] | None = None,
    certificate: Certificate | None = None,
    require_starttls: bool | None = None,
    implicit_tls: bool = False,
    refused: Mapping[str, str] | None = None,
) -> Iterator[MailServer]:
    """Run an SMTP server; accepted mails go to memory and, with `folder`, to `NNNN recipient.eml` there.

    With `certificate` it offers STARTTLS (and demands it, unless `require_starttls` is False), or with
    `implicit_tls` speaks TLS from the first byte; with `login`
    (user, password) it demands AUTH, without a certificate also in the clear. `refused` maps recipients to
    replies (550, 451). Raises ServerMissing without aiosmtpd.
    """
    try:
        from aiosmtpd.smtp import AuthResult
    except ImportError:
        raise ServerMissing("aiosmtpd") from None

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> Any:
        wanted = tuple(part.encode() for part in login) if login else None
        return AuthResult(success=wanted is None or (given.login, given.password) == wanted, handled=False)

    sock = bind_free_port()
    port = int(sock.getsockname()[1])
    server = MailServer(port=port, folder=folder, certificate=certificate, closed=login is not None)
    server.refused.update(refused or {})
    parameters: dict[str, Any] = {"server_hostname": "mail.localhost", "loop": asyncio.new_event_loop()}
    if certificate is not None and implicit_tls:
        parameters["ssl_context"] = certificate.server_context()
    elif certificate is not None:
        parameters["tls_context"] = certificate.server_context()
        parameters["require_starttls"] = require_starttls is not False
    if login is not None:
        parameters |= {"authenticator": authenticate, "auth_require_tls": certificate is not None}
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns there of its own old attributes
    controller = _controller(server, sock, parameters)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _controller(server: MailServer, sock: Any, parameters: dict[str, Any]) -> Controller:
    from aiosmtpd.controller import Controller

    class OnSocket(Controller):
        """A controller on a socket that is bound already: no port can be lost between choosing and binding."""

        def _create_server(self) -> Any:
            return self.loop.create_server(self._factory_invoker, sock=sock, ssl=self.ssl_context)

    return OnSocket(server, hostname=server.host, port=server.port, **parameters)
