"""The folder connector: one folder a delivery, complete or not there at all."""

from __future__ import annotations

import json
import mimetypes
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Idempotency,
    Media,
    MediaLimit,
    PublishRequest,
    Receipt,
    Rejected,
    TryAgain,
    _,
    child,
    create_folder,
    delivery_name,
    enforce_limits,
    find_delivery,
    remove_folder,
    request_payload,
    safe_name,
)
from promo_connectors.folder.settings import FolderSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

POST = "post.json"
TEXT = "text.md"


class FolderConnector(Connector[FolderSettings]):
    """Writes each delivery as a folder with the text, the pictures and all data as JSON."""

    name = "folder"
    title = "A folder on this machine for each delivery"
    title_zh = "本机文件夹（每次投放一个）"
    Settings = FolderSettings
    capabilities = Capabilities(
        images=MediaLimit(count=100),
        videos=MediaLimit(count=100),
        thread=100,
        first_comment=True,
        idempotency=Idempotency.KEY,
        lookup=Ability.YES,
        delete=Ability.YES,
        edit=Ability.NO,
    )

    def check(self) -> Handle:
        """Say where the folders go; writes nothing. Raises TryAgain where a file stands in the way."""
        folder = self._folder
        standing = next(path for path in (folder, *folder.parents) if path.exists())
        if not standing.is_dir():
            raise TryAgain(_("{file} is a file, a folder is needed there", file=standing))
        return Handle(account=str(folder), url=folder.as_uri())

    def publish(self, request: PublishRequest) -> Receipt:
        """Write the folder, or return the receipt of the one that is there. Raises TryAgain, Rejected."""
        enforce_limits(request, self.limits())
        now = self.context.clock.now()
        if self.lookup(request) is None:
            create_folder(self._folder / delivery_name(request), lambda draft: self._fill(draft, request, now))
        found = self.lookup(request)
        if found is None:
            raise TryAgain(_("another folder stands at {folder}", folder=self._folder / delivery_name(request)))
        return found

    def lookup(self, request: PublishRequest) -> Receipt | None:
        """Find the folder by the key in its name and in its data."""
        found = find_delivery(self._folder, request.key, POST)
        if found is None:
            return None
        folder, data = found
        return Receipt(
            remote_id=folder.name,
            url=folder.as_uri(),
            at=datetime.fromisoformat(data["published_at"]),
            detail={"files": data["files"]},
        )

    def delete(self, remote_id: str) -> None:
        """Remove the folder."""
        remove_folder(child(self._folder, remote_id))

    @property
    def _folder(self) -> Path:
        return self.context.output / self.settings.folder

    def _fill(self, draft: Path, request: PublishRequest, now: datetime) -> None:
        media = (*request.media, *request.attachments) if self.settings.pictures else ()
        files = [_copy(medium, draft, number) for number, medium in enumerate(media, start=1)]
        data = {"published_at": now.isoformat(), "files": files, **request_payload(request)}
        (draft / POST).write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        (draft / TEXT).write_text(as_markdown(request, files), encoding="utf-8")


def as_markdown(request: PublishRequest, files: Sequence[str] = ()) -> str:
    """Return the words of the delivery as a person wants to copy them, with the pictures' `files`, if any, shown."""
    blocks = [f"# {request.title}"] if request.title else []
    blocks += [text for text in (request.text, *request.thread) if text]
    if request.body:
        blocks.append(request.body.strip())
    if request.link and all(request.link not in block for block in blocks):
        blocks.append(request.link)
    # Angle brackets, as the names hold a space (CommonMark 0.31, 6.3).
    blocks += [f"![{medium.alt}](<{file}>)" for medium, file in zip(request.media, files, strict=False)]
    return "\n\n".join(blocks) + "\n"


def _copy(medium: Media, draft: Path, number: int) -> str:
    suffix = medium.path.suffix or mimetypes.guess_extension(medium.mime) or ""
    name = f"{number} {safe_name(medium.placement or Path(medium.file_name).stem, limit=40)}{suffix}"
    try:
        shutil.copyfile(medium.path, draft / name)
    except FileNotFoundError:
        raise Rejected(_("{file} is missing", file=medium.path.name)) from None
    return name
