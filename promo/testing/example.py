"""Example requests and pictures for connector tests."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from promo.connector import Media, PublishRequest, TextLimit, TextUnit

if TYPE_CHECKING:
    from pathlib import Path

OCCURRENCE = datetime(2027, 3, 22, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def example_key(name: str) -> str:
    """Return a delivery's key (64 hex digits) made from any name."""
    return hashlib.sha256(name.encode()).hexdigest()


def example_request(key: str, **changes: Any) -> PublishRequest:
    """Return a request as the publisher makes it, without pictures; `changes` replace its fields."""
    request = PublishRequest(
        key=key,
        delivery=key[:12],
        campaign="open-day-2027",
        activity="countdown",
        channel="example",
        kind="online",
        type="post",
        occurrence=OCCURRENCE,
        timezone="Asia/Shanghai",
        language="zh",
        text="距离开放日还有 12 天。看看院子里的新花园",
        title="锦绣社区开放日",
        body="## 把花园还给邻居\n\n四月三日上午十点,中心花园。",
        place="中心花园",
        brand="jinxiu",
    )
    return replace(request, **changes)


def example_picture(folder: Path, stem: str = "courtyard", **changes: Any) -> Media:
    """Write a grey PNG of 8 × 8 pixels and return it as a medium; `changes` replace its fields."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.png"
    content = _png(8, 8)
    path.write_bytes(content)
    medium = Media(
        path=path,
        mime="image/png",
        sha256=hashlib.sha256(content).hexdigest(),
        width=8,
        height=8,
        alt="社区庭院里的春花",
    )
    return replace(medium, **changes)


def sized_picture(folder: Path, size: int) -> Media:
    """Return a picture whose file has exactly `size` bytes; readers of PNG ignore what follows the picture."""
    medium = example_picture(folder, f"{size}-bytes")
    content = medium.path.read_bytes().ljust(size, b"\0")
    if len(content) != size:
        raise ValueError(f"no picture is as small as {size} bytes")
    medium.path.write_bytes(content)
    return replace(medium, sha256=hashlib.sha256(content).hexdigest())


def text_of(length: int, limit: TextLimit) -> str:
    """Return a text that counts exactly `length` in the limit's unit, of characters that tell the units apart."""
    match limit.unit:
        case TextUnit.CHARACTERS:
            return "字" * length
        case TextUnit.GRAPHEMES:
            return "e\u0301" * length
        case TextUnit.WEIGHTED:
            return "字" * (length // 2) + "a" * (length % 2)
        case TextUnit.BYTES:
            return "字" * (length // 3) + "a" * (length % 3)


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x80" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
