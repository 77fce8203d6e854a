"""Sending one mail through one SMTP transaction, with every end of it named for what happens next."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NoReturn, Self

from pydantic import ConfigDict, Field, model_validator

from promo.connector.base import ChannelContext, Settings
from promo.connector.cause import raise_bare
from promo.connector.http import is_loopback
from promo.connector.mail import MailAddress, message_bytes, parse_address
from promo.errors import AccessLost, ChannelError, OutcomeUnknown, Rejected, TryAgain
from promo.language import _
from promo.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 6409 (submission), RFC 8314 (implicit TLS), RFC 5321
Reply = tuple[int, str]


class MailServer(Settings):
    """Where mail is handed in, and as whom; connectors that send mail inherit these settings."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)

    host: str = Field(min_length=1, description="The SMTP server.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="Its port; default 587 with starttls, 465 with tls, 25 with none."
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="How the connection is encrypted; `none` only to this machine itself."
    )
    username: str | None = Field(default=None, description="The account that hands in mail.")
    password: Secret | None = Field(default=None, description="Its password or app password.")
    ca_file: str | None = Field(
        default=None, description="A PEM file in the workspace with the authority a company's own server is signed by."
    )
    sender: MailAddress = Field(alias="from", description="The From address: a@b.example or Name <a@b.example>.")
    reply_to: MailAddress | None = Field(default=None, description="Where answers go; default: the From address.")
    timeout: float = Field(default=30, gt=0, le=300, description="Seconds to wait for the server at each step.")

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if self.security == "none" and not is_loopback(self.host):
            raise ValueError(_("security none is only for a server on this machine; use starttls or tls"))
        if (self.username is None) != (self.password is None):
            raise ValueError(_("username and password go together"))
        return self


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The server took the mail: for whom, and whom it refused (address → its words)."""

    message_id: str
    accepted: tuple[str, ...]
    refused: dict[str, str] = field(default_factory=dict)


def send_mail(message: EmailMessage, recipients: tuple[str, ...], server: MailServer, context: ChannelContext) -> Sent:
    """Hand the message in, for all recipients in one transaction.

    Raises TryAgain while nothing was sent, Rejected when the server refuses the mail or every recipient,
    AccessLost when it refuses us, OutcomeUnknown when the answer to the final dot is lost.
    """
    payload = message_bytes(message)
    addresses = {parse_address(text).addr_spec: None for text in recipients}
    with open_server(server, context) as smtp:
        limit = int(smtp.esmtp_features.get("size") or 0)  # RFC 1870; 0: no fixed limit
        if limit and len(payload) > limit:
            raise Rejected(
                _("the mail has {size} bytes, the server takes {limit}", size=len(payload), limit=limit),
                hint=_("smaller pictures or attachments, or a link to them"),
            )
        size = (f"size={len(payload)}",) if smtp.has_extn("size") else ()
        _expect(_reply(smtp.mail(parse_address(server.sender).addr_spec, size)), "MAIL FROM")
        accepted, refused = _recipients(smtp, tuple(addresses))
        _expect(_reply(smtp.docmd("DATA")), "DATA", good=354)
        _stuffed(smtp, payload)
        _taken(_final_dot(smtp))
    return Sent(message_id=str(message["Message-ID"]), accepted=accepted, refused=refused)


@contextmanager
def open_server(server: MailServer, context: ChannelContext) -> Iterator[smtplib.SMTP]:
    """Connect, encrypt, log in; say goodbye. Errors inside count as “nothing was sent” unless already named."""
    smtp: smtplib.SMTP | None = None
    polite = False
    try:
        smtp = _connect(server, context)
        yield smtp
        polite = True
    except Rejected:
        polite = True
        raise
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise_bare(_named(error))
    finally:
        if smtp is not None:
            # In the middle of a message QUIT would be taken for a line of it, and its answer waited for in vain.
            _leave(smtp) if polite else smtp.close()


def _connect(server: MailServer, context: ChannelContext) -> smtplib.SMTP:
    password = server.password.reveal() if server.password is not None else None
    port = server.port or PORTS[server.security]
    # Without a name smtplib would ask the DNS for this machine's own.
    name = parse_address(server.sender).domain
    trust = _trust(server, context) if server.security != "none" else None
    smtp: smtplib.SMTP
    if server.security == "tls":
        smtp = smtplib.SMTP_SSL(server.host, port, local_hostname=name, timeout=server.timeout, context=trust)
    else:
        smtp = smtplib.SMTP(server.host, port, local_hostname=name, timeout=server.timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            if not smtp.has_extn("starttls"):
                raise AccessLost(
                    _("the mail server offers no STARTTLS"), hint=_("security: tls, or ask who runs the server")
                )
            smtp.starttls(context=trust)
            smtp.ehlo()
        if server.username is not None and password is not None:
            smtp.login(server.username, password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _trust(server: MailServer, context: ChannelContext) -> ssl.SSLContext:
    if server.ca_file is None:
        return ssl.create_default_context()
    file = (context.workspace / server.ca_file).resolve()
    if not file.is_relative_to(context.workspace.resolve()) or not file.is_file():
        raise AccessLost(_("ca_file: there is no file {file} in the workspace", file=server.ca_file))
    return ssl.create_default_context(cafile=file)


def _leave(smtp: smtplib.SMTP) -> None:
    # After the final dot's answer the mail is the server's; what happens to QUIT changes nothing.
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()


def _recipients(smtp: smtplib.SMTP, addresses: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, str]]:
    accepted: list[str] = []
    refused: dict[str, Reply] = {}
    for address in addresses:
        code, words = _reply(smtp.rcpt(address))
        if code in (250, 251):
            accepted.append(address)
        elif code == 421:
            _refuse(code, words, "RCPT TO")
        else:
            refused[address] = (code, words)
    if not accepted:
        # One that may work later is reason enough to come back; else the first refusal speaks for all.
        code, words = min(refused.values(), key=lambda reply: reply[0])
        _refuse(code, ", ".join(f"{address}: {text}" for address, (_code, text) in refused.items()), "RCPT TO")
    return tuple(accepted), {address: f"{code} {words}" for address, (code, words) in refused.items()}


def _stuffed(smtp: smtplib.SMTP, payload: bytes) -> None:
    """Send everything but the final dot: until that one has left, the server cannot have taken the mail."""
    body = payload if payload.endswith(b"\r\n") else payload + b"\r\n"
    body = body.replace(b"\r\n.", b"\r\n..")  # RFC 5321, section 4.5.2
    smtp.send(b"." + body if body.startswith(b".") else body)


def _final_dot(smtp: smtplib.SMTP) -> Reply:
    try:
        smtp.send(b".\r\n")
        return _reply(smtp.getreply())
    except (smtplib.SMTPException, OSError):
        raise_bare(_answer_lost())


def _taken(reply: Reply) -> None:
    code, words = reply
    if 400 <= code < 600:
        _refuse(code, words, "DATA")
    if not 200 <= code < 300:
        raise _answer_lost()


def _answer_lost() -> OutcomeUnknown:
    return OutcomeUnknown(_("the mail server's answer was lost: the mail may have been sent"))


def _reply(answer: tuple[int, bytes]) -> Reply:
    code, words = answer
    return code, " ".join(words.decode(errors="replace").split())[:200]


def _expect(reply: Reply, step: str, *, good: int = 250) -> None:
    if reply[0] != good:
        _refuse(*reply, step)


def _refuse(code: int, words: str, step: str) -> NoReturn:
    detail = _("the mail server answered {code} to {step}: {words}", code=code, step=step, words=words)
    if code in (530, 534, 535, 538):  # RFC 4954: log in first, or differently
        raise AccessLost(detail)
    if 400 <= code < 500:
        raise TryAgain(detail)
    if 500 <= code < 600:
        raise Rejected(detail)
    raise TryAgain(_("the mail server does not speak SMTP"))


def _named(error: Exception) -> ChannelError:
    """Name an error that came before the final dot; its own words may hold the dialogue, so only codes pass."""
    match error:
        case smtplib.SMTPAuthenticationError() if error.smtp_code >= 500:
            return AccessLost(_("the mail server refuses the user name or password ({code})", code=error.smtp_code))
        case smtplib.SMTPNotSupportedError():
            return AccessLost(_("the mail server offers no way to log in that we know"))
        case smtplib.SMTPResponseException() if 500 <= error.smtp_code < 600:
            return AccessLost(_("the mail server refuses us ({code})", code=error.smtp_code))
        case smtplib.SMTPResponseException():
            return TryAgain(_("the mail server is not ready ({code})", code=error.smtp_code))
        case ssl.SSLCertVerificationError():
            return TryAgain(_("the mail server's certificate is not trusted"))
        case ssl.SSLError():
            return TryAgain(_("the mail server speaks no TLS on this port"))
        case TimeoutError():
            return TryAgain(_("the mail server did not answer in time; nothing was sent"))
        case smtplib.SMTPServerDisconnected():
            return TryAgain(_("the mail server closed the connection; nothing was sent"))
        case _:
            return TryAgain(_("the mail server cannot be reached; nothing was sent"))
