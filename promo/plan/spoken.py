"""What a delivery says, part by part, and where each part stands in the campaign's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promo.brand.wording.delivery import Spoken
from promo.source.problem import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from promo.brand.wording.delivery import WordsProblem
    from promo.plan.content import Job, Words
    from promo.plan.notebook import Notebook
    from promo.plan.wording import Keys

    CheckWords = Callable[[str, Spoken], Iterable[WordsProblem]]

WRITTEN = ("title", "text", "body", "alt")
VISUAL = "visual."


def judge_words(job: Job, words: Words, check: CheckWords, notebook: Notebook) -> None:
    """Write down what `check` finds in the words of one delivery, each at its place in the campaign's file."""
    content = words.content
    parts = {name: content[name] for name in WRITTEN}
    for number, post in enumerate(content["thread"]):
        parts[f"thread.{number}"] = post
    if words.comment is not None:
        parts["first_comment"] = words.comment["text"]
    if words.visual is not None:
        for name, text in words.visual["fields"].items():
            parts[VISUAL + name] = text
    spoken = Spoken(
        parts=parts,
        language=job.wording.language,
        sponsored=job.activity.content.sponsored or job.channel.settings.sponsored,
        to_public=job.activity.kind != "offline" or words.visual is not None,
    )
    for problem in check(job.loaded.campaign.brand, spoken):
        notebook.problem(
            job.loaded,
            problem.rule,
            problem.message,
            _place(job, problem.part),
            hint=problem.hint,
            severity=Severity(problem.severity),
            about=problem.message,
        )


def _place(job: Job, part: str) -> Keys:
    if part.startswith(VISUAL):
        visual: Keys = (*job.keys, "visual") if job.wording.own_visual else ("defaults", "visual")
        return (*visual, part.removeprefix(VISUAL))
    return job.wording.keys[part.partition(".")[0]]
