"""An event in one plain sentence, the same on pages, in frames and in the audit. Text, never markup."""

from collections.abc import Iterable

from events.models import TaskEvent
from events.telling import Around, Names
from orgs.models import User


def user_ids(event: TaskEvent) -> set[int]:
    """Say whom the event's details speak of, by user id."""
    return event.fact.people()


def names_in(events: Iterable[TaskEvent]) -> dict[int, str]:
    """Find the display names of everybody whom the events' details speak of: one query, or none."""
    return names_of(set().union(*map(user_ids, events)))


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Find display names by id: one query, or none."""
    known = {user_id for user_id in ids if user_id is not None}
    people = User.objects.filter(pk__in=known) if known else ()
    return {user.pk: user.display_name for user in people}


def sentence(event: TaskEvent, names: Names, about: str = "") -> str:
    """Write `Alice moved ACME-12 from Open to In progress`. `about` stands for the key where the page has
    named it."""
    actor = event.actor.display_name
    return event.fact.sentence(
        Around(about or event.key, event.actor_id, actor, event.created_at.year, names)
    )
