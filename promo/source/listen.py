"""Where a process answers, as people write it: `9464`, `127.0.0.1:9464`, `[::1]:9464`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

from promo.language import _
from promo.source.value import BadValueError

LOOPBACK = "127.0.0.1"
_ADDRESS = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<host>[a-z0-9.-]+)):(?P<port>\d{1,5})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Listen:
    """A host and a port; port 0 takes a free one."""

    host: str = LOOPBACK
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(value: Any) -> Listen:
    """Read an address. A port alone is on this machine only: what others may reach is named. Raises ValueError."""
    if isinstance(value, Listen):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if isinstance(value, str):
        found = _ADDRESS.fullmatch(f"{LOOPBACK}:{value.strip()}" if value.strip().isdigit() else value.strip())
        if found is not None and int(found["port"]) <= 65535:
            return Listen(host=found["six"] or found["host"], port=int(found["port"]))
    raise BadValueError(
        _("an address to answer on is written as 127.0.0.1:9464, not `{value}`", value=value),
        hint=_("for every address of this machine: 0.0.0.0:9464"),
        code="bad-address",
    )


ListenAddress = Annotated[
    Listen,
    PlainValidator(parse_listen),
    PlainSerializer(str),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["127.0.0.1:9464"]}),
]
