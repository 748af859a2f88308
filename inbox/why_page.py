"""For the audit's page of an event: asked with a user name, why that person was told, or not."""

from typing import Any

from django.http import HttpRequest

from base.errors import Forbidden, NotFound
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


def person_asked_of(
    reader: User, name: str, organization_id: int, organization: str, *, may_ask: bool
) -> User:
    """Find the member of whom is asked, the reader without a name. Raises Forbidden for who manages no members,
    NotFound for who is none."""
    person = reader if name in ("", reader.username) else User.objects.named(name)
    if person is not reader and not may_ask:
        raise Forbidden("Only owners and admins can ask of others why they were told.")
    if person is None or not person.memberships.filter(organization=organization_id).exists():
        raise NotFound(f"There is no member of {organization} with the user name “{name}”.")
    return person
