"""A picture store that several machines share: S3-compatible, through fsspec. Without it work goes on, only slower."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import structlog

from promo.clock import Clock, SystemClock
from promo.errors import UserMistake
from promo.language import _
from promo.workspace import PictureStoreSettings

log = structlog.get_logger(__name__)
PAUSE = timedelta(minutes=1)  # after a failure: a store that is down shall not hold up each picture
CONNECT, READ = 3, 20  # seconds
SUFFIXES = {".jpg", ".png", ".webp", ".pdf"}
Kept = tuple[dict[str, Any], bytes, tuple[bytes, ...]]


class SharedStore:
    """Finished pictures by their keys. Neither an object that is broken nor a store that fails stops anybody.

    Raises UserMistake without s3fs, and SecretMissing at the first use where a key named in promo.yaml has no value.
    """

    def __init__(self, settings: PictureStoreSettings, *, clock: Clock | None = None) -> None:
        if find_spec("s3fs") is None:
            raise UserMistake(
                _("a shared picture store needs the package s3fs"), hint=_("install it with: pip install 'promo[s3]'")
            )
        self.settings = settings
        self.clock = clock or SystemClock()
        self._paused: datetime | None = None

    def fetch(self, key: str) -> Kept | None:
        """Return the facts, the file and its previews; None where the store has none, or cannot say."""
        files, place = self._files, self._place(key)
        if self._resting():
            return None
        try:
            taken: bytes = files.cat_file(place)
        except FileNotFoundError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever the store says, the picture is drawn here instead
            self._failed(error)
            return None
        found = unpacked(taken)
        if found is None:
            log.warning("broken object in the picture store: drawn anew", store=self.settings.url, key=key)
        return found

    def put(self, key: str, facts: dict[str, Any], data: bytes, previews: Sequence[bytes]) -> None:
        """Keep a picture for others; where that fails it is told, once a minute at most."""
        files = self._files
        if self._resting():
            return
        try:
            files.pipe_file(self._place(key), packed(facts, data, previews))
        except Exception as error:  # noqa: BLE001 - the picture is there all the same
            self._failed(error)

    def _place(self, key: str) -> str:
        return f"{self.settings.url.removeprefix('s3://').rstrip('/')}/{key[:2]}/{key}"

    def _resting(self) -> bool:
        return self._paused is not None and self.clock.now() < self._paused + PAUSE

    def _failed(self, error: Exception) -> None:
        self._paused = self.clock.now()
        # The error's own words are left out: they may quote a request with its signature.
        log.warning(
            "the picture store does not answer: working without it", store=self.settings.url, error=_kind(error)
        )

    @cached_property
    def _files(self) -> Any:
        import fsspec  # with s3fs, which takes a second to load

        settings = self.settings
        return fsspec.filesystem(
            "s3",
            key=settings.access_key.reveal() if settings.access_key else None,
            secret=settings.secret_key.reveal() if settings.secret_key else None,
            endpoint_url=settings.endpoint,
            use_listings_cache=False,
            skip_instance_cache=True,
            config_kwargs={"connect_timeout": CONNECT, "read_timeout": READ, "retries": {"max_attempts": 1}},
        )


def packed(facts: dict[str, Any], data: bytes, previews: Sequence[bytes]) -> bytes:
    """Return one object: a line of JSON with the facts, the sizes and the digest of all that follows."""
    body = b"".join((data, *previews))
    head = {"facts": facts, "sizes": [len(part) for part in (data, *previews)], "sha256": _digest(body)}
    return json.dumps(head, ensure_ascii=False, sort_keys=True).encode() + b"\n" + body


def unpacked(object: bytes) -> Kept | None:
    """Return what was packed, or None where the object is broken or none of ours."""
    head, _line, body = object.partition(b"\n")
    with suppress(ValueError, KeyError, TypeError, RecursionError):
        said = json.loads(head)
        facts, sizes = said["facts"], [int(size) for size in said["sizes"]]
        sound = said["sha256"] == _digest(body) and sum(sizes) == len(body) and min(sizes) >= 0
        if sound and facts["suffix"] in SUFFIXES and facts["previews"] == len(sizes) - 1:
            parts, at = [], 0
            for size in sizes:
                parts.append(body[at : at + size])
                at += size
            if facts["sha256"] == _digest(parts[0]):
                return facts, parts[0], tuple(parts[1:])
    return None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _kind(error: BaseException) -> str:
    """Name an error by its class and that of its cause: `ConnectionError from EndpointConnectionError`."""
    cause = error.__cause__
    return type(error).__name__ + (f" from {type(cause).__name__}" if cause is not None else "")
