"""The task connector: each person in charge gets one mail; a proof closes it."""

from __future__ import annotations

import hashlib

from promo.connector import (
    Ability,
    Capabilities,
    Connector,
    Handle,
    Handover,
    Idempotency,
    Journal,
    Mail,
    MediaLimit,
    PublishRequest,
    Rejected,
    Task,
    _,
    enforce_limits,
    mail_sender,
    open_server,
    parse_address,
    send_each,
)
from promo_connectors.task.letter import task_calendar, task_subject, task_text
from promo_connectors.task.settings import TaskSettings


class TaskConnector(Connector[TaskSettings]):
    """Human work handed over by mail, one mail per person. A journal in the output folder keeps who has it already."""

    name = "task"
    title = "Tasks by mail to the people in charge"
    title_zh = "任务：邮件通知负责人"
    Settings = TaskSettings
    capabilities = Capabilities(
        images=MediaLimit(count=10, max_bytes=10_000_000),
        idempotency=Idempotency.NONE,
        lookup=Ability.NOT_BUILT,
        handover=True,
        visual_format="square",
    )

    def check(self) -> Handle:
        """Log in and out again. Raises AccessLost, TryAgain."""
        with open_server(self.settings, self.context):
            return Handle(account=self.settings.username or self.settings.sender)

    def publish(self, request: PublishRequest) -> Handover:
        """Send each owner the tasks that are theirs, and hand the delivery over to them."""
        enforce_limits(request, self.limits())
        shares = self._shares(request)
        now = self.context.clock.now()
        mails = [(address, self._mail(request, address, tuple(tasks))) for address, tasks in shares.items()]
        done = send_each(mails, Journal(self.context, request.key), mail_sender(self.settings, self.context))
        tasks = [task for share in shares.values() for task in share]
        dues = [task.due for task in tasks if task.due is not None]
        return Handover(
            remote_id=request.key,
            to=", ".join(done.sent),
            proof=next((task.proof for task in tasks if task.proof != "none"), "none"),
            due=min(dues, default=None),
            detail={"at": now.isoformat(), "mails": done.sent, "refused": done.refused},
        )

    def _shares(self, request: PublishRequest) -> dict[str, list[Task]]:
        """Return the tasks by address. Raises Rejected where an owner has none: nothing is sent then."""
        tasks = request.tasks
        if not tasks:
            if self.settings.owner is None:
                raise Rejected(_("no tasks to hand over"), hint=_("tasks: in the campaign, or owner: in the channel"))
            tasks = (Task(id="all", what=request.title or request.text or request.activity, owner=self.settings.owner),)
        shares: dict[str, list[Task]] = {}
        for task in tasks:
            address = self.settings.people.get(task.owner, task.owner)
            try:
                parse_address(address)
            except ValueError:
                raise Rejected(
                    _("task {task}: {owner} has no mail address", task=task.what, owner=task.owner),
                    hint=_("write an address, or put the name into the channel's people"),
                ) from None
            shares.setdefault(address, []).append(task)
        return shares

    def _mail(self, request: PublishRequest, address: str, tasks: tuple[Task, ...]) -> Mail:
        now = self.context.clock.now()
        return Mail(
            key=f"{request.key[:40]}.{hashlib.sha256(address.encode()).hexdigest()[:12]}",
            sender=self.settings.sender,
            reply_to=self.settings.reply_to,
            to=(address,),
            subject=task_subject(request, tasks),
            date=now,
            language=request.language,
            text=task_text(request, tasks, self.settings.close_url),
            pictures=tuple(medium for medium in request.media if medium.mime.startswith("image/")),
            attachments=(*(m for m in request.media if not m.mime.startswith("image/")), *request.attachments),
            calendar=task_calendar(request, tasks, now) if self.settings.calendar else None,
        )
