"""The press connector: one personal mail per outlet, the embargo kept, no outlet written to twice."""

from __future__ import annotations

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Journal,
    MediaLimit,
    Outlet,
    PublishRequest,
    Receipt,
    Rejected,
    TryAgain,
    _,
    enforce_limits,
    mail_sender,
    open_server,
    parse_address,
    send_each,
)
from promo_connectors.press.release import release_mail
from promo_connectors.press.settings import PressSettings


class PressConnector(Connector[PressSettings]):
    """A release to every outlet of a list. A journal in the output folder keeps who has it already."""

    name = "press"
    title = "Press releases by mail to a list of outlets"
    title_zh = "新闻稿：逐家媒体发送邮件"
    Settings = PressSettings
    capabilities = Capabilities(
        images=MediaLimit(count=10, max_bytes=10_000_000),
        idempotency=Idempotency.NONE,
        lookup=Ability.NOT_BUILT,
        needs_title=True,
        needs_body=True,
        visual_format="landscape",
    )

    def check(self) -> Handle:
        """Log in and out again. Raises AccessLost, TryAgain."""
        with open_server(self.settings, self.context):
            return Handle(account=self.settings.username or self.settings.sender)

    def publish(self, request: PublishRequest) -> Receipt:
        """Send to every outlet that does not have it yet; refused outlets stand in the receipt's detail."""
        enforce_limits(request, self.limits())
        outlets = _distinct(request.outlets)
        now = self.context.clock.now()
        if request.embargo is not None and request.embargo > now and self.settings.before_embargo == "hold":
            raise TryAgain(
                _("held until the embargo ends; no outlet has it yet"),
                wait=request.embargo - now,
                hint=_("before_embargo: marked sends it now, with the embargo in the subject"),
            )
        mails = [(outlet.email, release_mail(request, outlet, self.settings, now)) for outlet in outlets]
        done = send_each(mails, Journal(self.context, request.key), mail_sender(self.settings, self.context))
        return Receipt(
            remote_id=request.key,
            at=self.context.clock.now(),
            parts=tuple(done.sent.values()),
            detail={"sent": sorted(done.sent), "refused": done.refused},
        )


def _distinct(outlets: tuple[Outlet, ...]) -> list[Outlet]:
    """Return the outlets, each address once. Raises Rejected for none or a wrong address: nothing is sent then."""
    if not outlets:
        raise Rejected(_("no outlets to write to"), hint=_("outlets: a table with the columns name and email"))
    found: dict[str, Outlet] = {}
    for outlet in outlets:
        try:
            parse_address(outlet.email)
        except ValueError as error:
            raise Rejected(_("outlet {name}: {reason}", name=outlet.name, reason=error)) from None
        found.setdefault(outlet.email.lower(), outlet)
    return list(found.values())
