"""For the audit's page of an event: asked with a user name, why that person was told, or not."""

from typing import Any

from django.http import HttpRequest

from events.audit.sections import section
from events.models import TaskEvent
from inbox import why_words
from inbox.why import why
from orgs.models import User


@section("admin/inbox/_why.html")
def was_told(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("told", "").strip()
    user = User.objects.named(asked) if asked else None
    return {"asked": asked} | (answered(event, user) if user else {})


def answered(event: TaskEvent, user: User, *, to_reader: bool = False) -> dict[str, Any]:
    """Gather what a page shows of the answer, said to that person or to somebody else."""
    answer = why(event, user)
    return {
        "answer": answer,
        "rule": (why_words.to_reader if to_reader else why_words.of_another)(answer),
        "held": why_words.what_held(answer.held, event.about.name),
        "verdict": why_words.verdict(answer, event.about.name),
        "told_with": None if answer.event == event else answer.event,
    }
