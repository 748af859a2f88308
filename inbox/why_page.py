"""For the audit's page of an event: asked with a user name, why that person was told, or not."""

from typing import Any

from django.http import HttpRequest

from events.audit.sections import section
from events.models import TaskEvent
from inbox.reasons import of_another
from inbox.why import Answer, Held, why
from orgs.models import Membership, User

Level = Membership.Level


@section("admin/inbox/_why.html")
def was_told(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    asked = request.GET.get("told", "").strip()
    user = User.objects.named(asked) if asked else None
    if user is None:
        return {"asked": asked}
    answer = why(event, user)
    return {
        "asked": asked,
        "answer": answer,
        "held": _in_words(answer.held, event.about.name),
        "verdict": _verdict(answer, event.about.name),
        "told_with": None if answer.event == event else answer.event,
    }


def _in_words(held: Held, about: str) -> list[tuple[str, str]]:
    return [
        ("Member", _member(held)),
        ("Had chosen", str(Level(held.level).label) if held.level in Level.values else "nothing"),
        ("Watched it", "yes" if held.is_watching else "no"),
        ("Took part", of_another(held.part, about) if held.part else "no"),
    ]


def _member(held: Held) -> str:
    role, is_recorded = held.standing
    if role is None:
        return "no" if is_recorded else "unknown: it was not recorded then"
    since = "" if is_recorded else ", since before memberships were recorded"
    return f"yes, as {Membership.Role(role).label}{since}"


def _verdict(answer: Answer, about: str) -> str:
    row = (
        f"it has this event ({of_another(answer.row, about)})"
        if answer.row
        else "it does not have this event"
    )
    if answer.agrees is None:
        return f"Whether the inbox is right cannot be told: {row}."
    return f"The inbox {'agrees' if answer.agrees else 'differs'}: {row}."
