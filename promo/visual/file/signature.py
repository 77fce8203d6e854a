"""Content credentials: a finished picture signed by C2PA with the user's own certificate."""

from __future__ import annotations

import hashlib
import io
import json
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from promo.errors import UserMistake
from promo.language import _
from promo.source.path import inside
from promo.visual.file.metadata_model import Metadata, Origin
from promo.workspace import C2paSettings, Workspace

SIGNED = ("image/jpeg", "image/png", "image/webp")
_TERMS = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_PEM = "-----BEGIN"


class PictureSigner:
    """Signs pictures as `visuals: c2pa:` of promo.yaml says. The key is read when the first picture is signed."""

    def __init__(self, workspace: Workspace, settings: C2paSettings) -> None:
        self._settings = settings
        self._file = inside(workspace.root, settings.certificate)

    @cached_property
    def identity(self) -> str:
        """Return a digest of what a signature depends on but for the key: it belongs to a picture's cache key."""
        parts = self._certificates, self._settings.algorithm, self._settings.timestamp
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def sign(self, data: bytes, mime: str, metadata: Metadata) -> bytes:
        """Return the picture with a signed manifest: who made it with what, and whether a machine drew parts of it.

        `mime` is one of SIGNED. Two signatures of one picture differ: they hold random numbers, and the time where
        a timestamp is asked for. Raises UserMistake where the certificate, the key or the two together do not
        serve, SecretMissing for a key without a value.
        """
        signer, c2pa = self._signer, _library()
        made = _TERMS + (Origin.PARTLY_GENERATED if metadata.origin else "digitalCreation")
        action = {"action": "c2pa.created", "digitalSourceType": made}
        manifest = {
            "claim_generator_info": [{"name": "promo", "version": version("promo")}],
            "title": next(iter(metadata.title.values()), ""),
            "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}],
        }
        out = io.BytesIO()
        try:
            # No thumbnail: it would decode and encode the whole picture once more.
            settings = c2pa.Settings.from_dict({"builder": {"thumbnail": {"enabled": False}}})
            with c2pa.Context(settings) as context, c2pa.Builder(json.dumps(manifest), context) as builder:
                builder.sign(signer, mime, io.BytesIO(data), out)
        except c2pa.C2paError as error:
            raise self._unusable(str(error)) from None
        return out.getvalue()

    @cached_property
    def _certificates(self) -> bytes:
        try:
            return self._file.read_bytes()
        except OSError:
            raise UserMistake(
                _("there is no certificate {file}", file=self._settings.certificate),
                hint=_("name a PEM file of the workspace in promo.yaml: visuals: c2pa: certificate:"),
            ) from None

    @cached_property
    def _signer(self) -> Any:
        settings, c2pa = self._settings, _library()
        key = _pem(settings.key.reveal(), settings.key.name)
        try:
            return c2pa.Signer.from_info(
                c2pa.C2paSignerInfo(settings.algorithm, self._certificates, key.encode(), settings.timestamp)
            )
        except c2pa.C2paError as error:
            raise self._unusable(str(error)) from None

    def _unusable(self, reason: str) -> UserMistake:
        first = next(iter(reason.splitlines()), "")[:160]
        return UserMistake(
            _("pictures cannot be signed with {file}: {reason}", file=self._settings.certificate, reason=first),
            hint=_("check that the certificate, its key and the algorithm belong together"),
        )


def _library() -> ModuleType:
    try:
        return import_module("c2pa")
    except ImportError:
        raise UserMistake(
            _("signing pictures needs a package that is not installed"),
            hint=_("install it with: pip install 'promo[c2pa]'"),
        ) from None


def _pem(value: str, name: str) -> str:
    """Return the key's PEM text; the secret holds it, or the path of its file. Raises UserMistake, never with it."""
    text = value.replace("\\n", "\n") if _PEM in value else ""
    if not text:
        try:
            text = Path(value).expanduser().read_text("ascii")
        except (OSError, ValueError):
            text = ""
    if _PEM not in text:
        raise UserMistake(
            _("the secret {name} holds no private key", name=name),
            hint=_("put the PEM text of the key into it, or the path of its file"),
        )
    return text
