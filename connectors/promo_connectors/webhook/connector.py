"""The webhook connector: one signed POST a delivery."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any

import requests

from promo.connector import (
    AccessLost,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Media,
    MediaLimit,
    PublishRequest,
    Receipt,
    Secret,
    TryAgain,
    _,
    check_address,
    enforce_limits,
    http_errors,
    new_session,
    raise_bare,
    raise_for_answer,
    request_payload,
)
from promo_connectors.webhook.settings import WebhookSettings
from promo_connectors.webhook.signature import secret_bytes, sign

if TYPE_CHECKING:
    from urllib.parse import SplitResult

CONNECT_TIMEOUT = 10.0  # seconds
EVENT = "delivery.publish"
WHAT = "webhook"


class WebhookConnector(Connector[WebhookSettings]):
    """Posts each delivery as JSON, signed, with an id that stays the same on every try."""

    name = "webhook"
    title = "Any web address that takes signed JSON"
    title_zh = "任意接收签名 JSON 的网址"
    Settings = WebhookSettings
    capabilities = Capabilities(
        images=MediaLimit(count=20, max_bytes=10_485_760),
        thread=100,
        first_comment=True,
        idempotency=Idempotency.NONE,
    )

    def limits(self) -> Capabilities:
        """Return idempotency `key` where the settings say that the receiver drops repeats."""
        if self.settings.receiver_dedupes:
            return replace(self.capabilities, idempotency=Idempotency.KEY)
        return self.capabilities

    def check(self) -> Handle:
        """Ask the address with HEAD, which publishes nothing; any answer but a refusal of access will do."""
        address, _key, headers = self._address(), self._key(), self._authorization()
        with new_session() as session, http_errors(WHAT, sending=False):
            answer = session.head(address.geturl(), headers=headers, timeout=self._timeout, allow_redirects=False)
        if answer.status_code in (401, 403, 410, 429) or answer.status_code >= 500:
            self._raise_for(answer, sending=False)
        host = address.netloc.rpartition("@")[2]  # without name and password, and the path may be a secret too
        return Handle(
            account=host,
            url=f"{address.scheme}://{host}/",
            note=_("HEAD was answered with {status}", status=answer.status_code),
        )

    def publish(self, request: PublishRequest) -> Receipt:
        """Post once. A redirect is refused: it could lead anywhere, and turns POST into GET."""
        enforce_limits(request, self.limits())
        prepared = self._prepare(request)
        with new_session() as session, http_errors(WHAT):
            answer = session.send(prepared, timeout=self._timeout, allow_redirects=False)
        self._raise_for(answer, sending=True)
        return Receipt(
            remote_id=request.key,
            url=_told_url(answer),
            at=self.context.clock.now(),
            detail={"status": answer.status_code},
        )

    def _prepare(self, request: PublishRequest) -> requests.PreparedRequest:
        url, secret, headers = self._address().geturl(), self._key(), self._authorization()
        inline = self.settings.pictures == "base64"
        payload = json.dumps(_event(request, inline=inline), ensure_ascii=False, separators=(",", ":")).encode()
        if self.settings.pictures == "multipart":
            parts: list[tuple[str, Any]] = [("payload", ("payload.json", payload, "application/json"))]
            for field, media in (("media", request.media), ("attachments", request.attachments)):
                parts += [(field, (m.file_name, m.path.read_bytes(), m.mime)) for m in media]
            draft = requests.Request("POST", url, headers=headers, files=parts)
        else:
            draft = requests.Request("POST", url, headers={**headers, "Content-Type": "application/json"}, data=payload)
        with new_session() as session, http_errors(WHAT, sending=False):
            prepared = session.prepare_request(draft)
        body = prepared.body if isinstance(prepared.body, bytes) else b""
        timestamp = int(self.context.clock.now().timestamp())
        prepared.headers.update(
            {
                "webhook-id": request.key,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": sign(id=request.key, timestamp=timestamp, body=body, secret=secret),
                "Idempotency-Key": request.key,
            }
        )
        return prepared

    def _address(self) -> SplitResult:
        given = self.settings.url
        url = given.reveal() if isinstance(given, Secret) else given
        return check_address(url, what=WHAT, allow_http=self.settings.allow_http)

    def _key(self) -> str:
        secret = self.settings.secret.reveal()
        try:
            secret_bytes(secret)
        except ValueError:
            raise_bare(
                AccessLost(
                    _("the webhook's signing secret is malformed"),
                    hint=_("whsec_ followed by base64 of 24 to 64 bytes"),
                )
            )
        return secret

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.token.reveal()}"} if self.settings.token is not None else {}

    @property
    def _timeout(self) -> tuple[float, float]:
        return CONNECT_TIMEOUT, self.settings.timeout

    def _raise_for(self, answer: requests.Response, *, sending: bool) -> None:
        if answer.status_code == 410:  # Standard Webhooks: the receiver wants no more
            raise AccessLost(_("the webhook's receiver is gone: it answered 410"))
        if answer.status_code == 409 and self.settings.receiver_dedupes:  # our earlier try is still under way there
            raise TryAgain(_("the webhook's receiver is still busy with the earlier try"))
        raise_for_answer(answer, now=self.context.clock.now(), what=WHAT, sending=sending)


def _event(request: PublishRequest, *, inline: bool) -> dict[str, Any]:
    data = request_payload(request)
    if inline:
        for field in ("media", "attachments"):
            for medium, plain in zip(getattr(request, field), data[field], strict=True):
                plain["content"] = _base64(medium)
    moment = request.occurrence.astimezone(UTC)
    return {"type": EVENT, "timestamp": moment.isoformat().replace("+00:00", "Z"), "data": data}


def _base64(medium: Media) -> str:
    return base64.b64encode(medium.path.read_bytes()).decode()


def _told_url(answer: requests.Response) -> str | None:
    """Return the address of the post, where the receiver's JSON answer names one."""
    try:
        url = answer.json()["url"]
    except (ValueError, KeyError, TypeError):
        return None
    return url if isinstance(url, str) and url.startswith(("https://", "http://")) else None
