"""What `promo.yaml` may say about a mail channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from promo.connector import MailAddress, MailServer, _

# RFC 5321, section 4.5.3.1.8: every server takes 100 recipients in one transaction, and may refuse more.
RECIPIENTS = 100


def _unsubscribe(address: str) -> str:
    if not address.startswith(("mailto:", "https://")) or not address.isprintable() or any(c in address for c in " <>"):
        raise ValueError(_("list_unsubscribe is a mailto: or https: address"))
    return address


class EmailSettings(MailServer):
    """A mail server, a sender and who gets the mail."""

    to: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=RECIPIENTS,
        description="A list's address, or up to 100 people; none sees the others. A post's own `to` replaces it.",
    )
    audience: str = Field(
        default="", description="What the To: line shows when there are several recipients, such as `Owners of Jinxiu`."
    )
    list_unsubscribe: Annotated[str, AfterValidator(_unsubscribe)] | None = Field(
        default=None, description="Where one unsubscribes: https (one click, RFC 8058) or mailto."
    )
    subject: str | None = Field(
        default=None, description="The subject of posts without a title; default: their first line."
    )
