"""An event in one plain sentence, the same on pages, in frames and in the audit. Text, never markup."""

from collections.abc import Iterable, Sequence

from django.db.models import BigIntegerField

from base.compiled_lists import CompiledForMany
from events.models import TaskEvent
from events.telling import Around, Names, listed
from orgs.models import User
from orgs.names import display_name_of

_NAMES = CompiledForMany(
    BigIntegerField(),
    lambda ids: User.objects.filter(pk__in=ids).values_list(
        "pk", "username", "first_name", "last_name", "erased_at"
    ),
)


def user_ids(event: TaskEvent) -> set[int]:
    """Say whom the event's details speak of, by user id."""
    return event.fact.people()


def names_in(events: Iterable[TaskEvent]) -> dict[int, str]:
    """Find the display names of everybody whom the events' details speak of: one query, or none."""
    return names_of(set().union(*map(user_ids, events)))


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Find display names by id: one query, or none."""
    known = [user_id for user_id in dict.fromkeys(ids) if user_id is not None]
    return {
        user_id: display_name_of(*name, is_erased=erased_at is not None)
        for user_id, *name, erased_at in _NAMES.rows(known)
    }


def sentence(event: TaskEvent, names: Names, about: str = "") -> str:
    """Write `Alice moved ACME-12 from Open to In progress`. `about` stands for the key where the page has
    named it."""
    return event.fact.sentence(_around(event, names, about))


def save_sentence(save: Sequence[TaskEvent], names: Names, about: str = "") -> str:
    """Write `Alice created ACME-12, assigned it to Bob and set its due date to 28 Nov` of the events of one save."""
    if len(save) == 1:
        return sentence(save[0], names, about)
    shown = save[: MOST_SAID if len(save) == MOST_SAID else MOST_SAID - 1]
    said = [
        event.fact.predicate(_around(event, names, "it" if number else about))
        for number, event in enumerate(shown)
    ]
    if left := len(save) - len(shown):
        said.append(f"made {left} other changes")
    return f"{save[0].actor.display_name} {listed(said)}"


MOST_SAID = 6  # parts of a save in its sentence


def _around(event: TaskEvent, names: Names, about: str) -> Around:
    return Around(about or event.key, event.actor_id, event.actor.display_name, event.created_at.year, names)
