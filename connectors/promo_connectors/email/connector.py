"""The email connector: text and HTML, visuals inside, Message-ID from the key."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Mail,
    MailAddress,
    MediaLimit,
    PublishRequest,
    Receipt,
    Rejected,
    _,
    build_message,
    enforce_limits,
    first_line,
    open_server,
    send_mail,
)
from promo_connectors.email.settings import RECIPIENTS, EmailSettings

OPTIONS = {"to", "subject"}


class EmailConnector(Connector[EmailSettings]):
    """One message for all recipients of one delivery: no retry can send it to some of them twice."""

    name = "email"
    title = "Mail to a list, as text and HTML"
    title_zh = "群发邮件（纯文本与 HTML）"
    Settings = EmailSettings
    capabilities = Capabilities(
        images=MediaLimit(
            count=10, max_bytes=10_000_000, types=("image/png", "image/jpeg", "image/gif"), alt_text=1000
        ),
        idempotency=Idempotency.NONE,
        lookup=Ability.NOT_BUILT,
        visual_format="landscape",
    )

    def check(self) -> Handle:
        """Log in and out again. Raises AccessLost, TryAgain."""
        with open_server(self.settings, self.context) as smtp:
            size = int(smtp.esmtp_features.get("size") or 0)
        note = _("takes mails of up to {size} bytes", size=size) if size else ""
        return Handle(account=self.settings.username or self.settings.sender, note=note)

    def publish(self, request: PublishRequest) -> Receipt:
        """Send the message to all recipients in one transaction; refused ones stand in the receipt's detail."""
        enforce_limits(request, self.limits())
        mail = self._mail(request)
        sent = send_mail(build_message(mail), mail.to, self.settings, self.context)
        return Receipt(
            remote_id=sent.message_id,
            at=self.context.clock.now(),
            detail={"accepted": len(sent.accepted), "refused": sent.refused},
        )

    def _mail(self, request: PublishRequest) -> Mail:
        unknown = sorted(set(request.options) - OPTIONS)
        if unknown:
            raise Rejected(_("email knows no option {name}", name=unknown[0]), hint=", ".join(sorted(OPTIONS)))
        subject = request.options.get("subject") or request.title or self.settings.subject
        content = request.body or request.text
        if not content.strip() and not request.media:
            raise Rejected(_("the mail is empty"))
        return Mail(
            key=request.key,
            sender=self.settings.sender,
            reply_to=self.settings.reply_to,
            to=self._recipients(request.options.get("to")),
            audience=self.settings.audience,
            subject=str(subject or first_line(content) or request.campaign),
            date=self.context.clock.now(),
            language=request.language,
            text=request.text,
            markdown=request.body,
            list_unsubscribe=self.settings.list_unsubscribe,
            pictures=request.media,
            attachments=request.attachments,
        )

    def _recipients(self, option: Any) -> tuple[str, ...]:
        if option is None:
            return self.settings.to
        try:
            chosen = TypeAdapter(tuple[MailAddress, ...]).validate_python(
                [option] if isinstance(option, str) else option
            )
        except ValidationError as error:
            raise Rejected(_("option to: {reason}", reason=error.errors()[0]["msg"])) from None
        if not 1 <= len(chosen) <= RECIPIENTS:
            raise Rejected(_("option to: 1 to {limit} addresses", limit=RECIPIENTS))
        return chosen
