"""One mail, from its words and files to the bytes on the wire."""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass
from email.headerregistry import Address, Group
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator

from promo.connector.markdown import markdown_to_html, text_to_html
from promo.errors import Rejected
from promo.language import _

if TYPE_CHECKING:
    from datetime import datetime

    from promo.connector.request import Media


class _Wire(EmailPolicy):
    """As `email.policy.SMTP`, but ids and addresses stay on one line: folded, long ones become encoded words."""

    def fold(self, name: str, value: str) -> str:
        return f"{name}: {value}{self.linesep}" if name.lower() in WHOLE else str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


WHOLE = frozenset({"message-id", "list-unsubscribe"})
# 7-bit transfer: base64 or quoted-printable, so that no server's missing 8BITMIME can damage Chinese text.
WIRE = _Wire(linesep="\r\n", cte_type="7bit")
_ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"]+")
_NAMED = re.compile(rf"\s*(?P<name>[^<>]*?)\s*<(?P<address>{_ADDRESS.pattern})>\s*")
_SAFE_KEY = re.compile(r"[A-Za-z0-9._-]{1,64}")

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>
<body style="margin:0;padding:16px;font-family:sans-serif;line-height:1.6">
<div style="max-width:640px;margin:0 auto">
{content}
</div></body></html>
"""


def parse_address(text: str) -> Address:
    """Read `name@host` or `Name <name@host>`. Raises ValueError; a line break can never get through."""
    named = _NAMED.fullmatch(text)
    name, spec = (named["name"].strip('" '), named["address"]) if named else ("", text.strip())
    if not _ADDRESS.fullmatch(spec) or not name.isprintable():
        raise ValueError(_("{address} is not a mail address", address=repr(text)))
    user, _at, domain = spec.rpartition("@")
    try:
        domain = domain.encode("idna").decode()
    except UnicodeError:
        raise ValueError(_("{address} is not a mail address", address=repr(text))) from None
    if not user.isascii():
        raise ValueError(_("{address}: the part before @ must be ASCII", address=repr(text)))
    return Address(display_name=name, username=user, domain=domain)


def _checked(text: str) -> str:
    parse_address(text)
    return text.strip()


MailAddress = Annotated[str, AfterValidator(_checked)]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """What one mail says. `key` names it: the same key gives the same Message-ID.

    `markdown` is the long form; without it `text` is taken as it stands. `to` are envelope recipients;
    with more than one, the To: header shows only `audience`, so nobody reads the others' addresses.
    """

    key: str
    sender: str
    to: tuple[str, ...]
    subject: str
    date: datetime  # aware
    text: str = ""
    markdown: str = ""
    language: str = "en"
    audience: str = ""
    reply_to: str | None = None
    list_unsubscribe: str | None = None  # a mailto: or https: address
    pictures: tuple[Media, ...] = ()  # shown above the words
    attachments: tuple[Media, ...] = ()
    calendar: bytes | None = None  # an ICS file to attach

    @property
    def message_id(self) -> str:
        """Return `<key@domain>`, the same for every try; a key no header may hold is digested."""
        local = self.key if _SAFE_KEY.fullmatch(self.key) else hashlib.sha256(self.key.encode()).hexdigest()[:40]
        return f"<{local}@{parse_address(self.sender).domain}>"


def one_line(text: str) -> str:
    """Return `text` with every run of white space and control characters as one blank: fit for a header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def first_line(text: str, *, limit: int = 78) -> str:
    """Return the first line that holds words, Markdown marks taken off, cut at `limit` characters."""
    for line in text.splitlines():
        words = one_line(line.strip().lstrip("#>*- "))
        if words:
            return words if len(words) <= limit else words[: limit - 1] + "…"
    return ""


def build_message(mail: Mail) -> EmailMessage:
    """Make the message: text and HTML as alternatives, pictures inside the HTML, attachments behind.

    Headers: RFC 5322; one-click unsubscription: RFC 8058, which asks for both List-Unsubscribe fields and https.
    Raises Rejected when a file cannot be read.
    """
    message = EmailMessage(policy=WIRE)
    message["Subject"] = one_line(mail.subject)
    message["From"] = parse_address(mail.sender)
    message["To"] = _to_header(mail)
    if mail.reply_to:
        message["Reply-To"] = parse_address(mail.reply_to)
    message["Date"] = mail.date
    message["Message-ID"] = mail.message_id
    if mail.list_unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.list_unsubscribe}>"
        if mail.list_unsubscribe.startswith("https:"):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

    message.set_content(mail.markdown or mail.text)
    message.add_alternative(_html(mail), subtype="html")
    page = message.get_payload(1)
    if not isinstance(page, MIMEPart):  # add_alternative just made it so; this is for the type checker
        raise TypeError("the second alternative is no part")
    for number, picture in enumerate(mail.pictures):
        kind, subtype = _mime(picture)
        page.add_related(
            _read(picture),
            kind,
            subtype,
            cid=f"<{_cid(mail, number)}>",
            filename=picture.file_name,
            disposition="inline",
        )
    for file in mail.attachments:
        kind, subtype = _mime(file)
        message.add_attachment(_read(file), kind, subtype, filename=file.file_name)
    if mail.calendar is not None:
        message.add_attachment(mail.calendar, "text", "calendar", filename="invite.ics", params={"charset": "utf-8"})
    message["Content-Language"] = one_line(mail.language)  # last: each part added takes the content headers away
    return message


def message_bytes(message: EmailMessage) -> bytes:
    """Return the message as it goes over the wire: CRLF, 7 bit."""
    return message.as_bytes(policy=WIRE)


def _to_header(mail: Mail) -> Address | Group:
    if len(mail.to) == 1:
        return parse_address(mail.to[0])
    return Group(one_line(mail.audience) or "undisclosed-recipients", ())


def _html(mail: Mail) -> str:
    pictures = "".join(
        f'<p><img src="cid:{_cid(mail, number)}" alt="{html.escape(picture.alt)}" style="max-width:100%"></p>\n'
        for number, picture in enumerate(mail.pictures)
    )
    words = markdown_to_html(mail.markdown) if mail.markdown else text_to_html(mail.text)
    return _PAGE.format(
        language=html.escape(mail.language), title=html.escape(one_line(mail.subject)), content=pictures + words
    )


def _cid(mail: Mail, number: int) -> str:
    return f"picture-{number}.{mail.message_id.strip('<>')}"


def _mime(file: Media) -> tuple[str, str]:
    kind, slash, subtype = file.mime.partition("/")
    return (kind, subtype) if slash and kind not in ("multipart", "message") else ("application", "octet-stream")


def _read(file: Media) -> bytes:
    try:
        return Path(file.path).read_bytes()
    except OSError as error:
        raise Rejected(_("{file} cannot be read: {reason}", file=file.path.name, reason=error.strerror)) from None
