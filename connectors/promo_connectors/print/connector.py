"""The print connector: a press-ready folder and a job ticket, handed to a person."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Handover,
    Idempotency,
    MediaLimit,
    PublishRequest,
    TryAgain,
    _,
    child,
    create_folder,
    delivery_name,
    enforce_limits,
    find_delivery,
    remove_folder,
)
from promo_connectors.print.job import Job, due_of, job_files, make_job
from promo_connectors.print.settings import PrintSettings
from promo_connectors.print.ticket import as_html, as_packing_list, as_text

if TYPE_CHECKING:
    from pathlib import Path

TICKET = "ticket.json"


class PrintConnector(Connector[PrintSettings]):
    """Writes each job as a folder that can go to the print shop as it is."""

    name = "print"
    title = "A print shop: finished pictures and a job ticket"
    title_zh = "印刷（成品文件与任务单）"
    Settings = PrintSettings
    capabilities = Capabilities(
        images=MediaLimit(
            count=200, types=("image/png", "image/jpeg", "image/tiff", "image/svg+xml", "application/pdf")
        ),
        idempotency=Idempotency.KEY,
        delete=Ability.YES,
        edit=Ability.NO,
        handover=True,
        visual_format="a3",
    )

    def check(self) -> Handle:
        """Say who prints and where the jobs go; writes nothing. Raises TryAgain where a file stands in the way."""
        folder = self.context.output
        standing = next(path for path in (folder, *folder.parents) if path.exists())
        if not standing.is_dir():
            raise TryAgain(_("{file} is a file, a folder is needed there", file=standing))
        return Handle(account=self.settings.contact or str(folder), url=folder.as_uri())

    def publish(self, request: PublishRequest) -> Handover:
        """Write the job's folder, or find the one an earlier try wrote. Raises Rejected, TryAgain."""
        enforce_limits(request, self.limits())
        target = self.context.output / delivery_name(request)
        if find_delivery(self.context.output, request.key, TICKET) is None:
            job = make_job(request, self.settings, self.context.clock.now())
            create_folder(target, lambda draft: _fill(draft, request, job))
        found = find_delivery(self.context.output, request.key, TICKET)
        if found is None:
            raise TryAgain(_("another folder stands at {folder}", folder=target))
        folder, ticket = found
        return Handover(
            remote_id=folder.name,
            to=self.settings.contact or next((task.owner for task in request.tasks), request.contact),
            proof=self.settings.proof,
            due=due_of(request),
            url=(folder / "ticket.html").as_uri(),
            detail={
                "folder": str(folder.relative_to(self.context.workspace)),
                "files": sorted({item["file"] for item in ticket["items"]}),
                "copies": ticket["copies"],
            },
        )

    def delete(self, remote_id: str) -> None:
        """Withdraw the job: its folder goes."""
        remove_folder(child(self.context.output, remote_id))


def _fill(draft: Path, request: PublishRequest, job: Job) -> None:
    for path, name in job_files(request):
        shutil.copyfile(path, draft / name)
    ticket = json.dumps(job.as_json(), ensure_ascii=False, indent=2) + "\n"
    (draft / TICKET).write_text(ticket, encoding="utf-8")
    (draft / "ticket.txt").write_text(as_text(job), encoding="utf-8")
    (draft / "ticket.html").write_text(as_html(job), encoding="utf-8")
    (draft / "packing-list.csv").write_bytes(as_packing_list(job))
