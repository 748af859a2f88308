"""Whether the search's index says what the log says, for every organization of a world."""

from collections.abc import Iterable

from django.db import connection

from events.models import TaskEvent
from followers.lag import logs_behind
from search import index


def has_taken_all(name: str, organization_ids: list[int]) -> bool:
    return not logs_behind(name, organization_ids)


def wrong_entries(organization_ids: Iterable[int]) -> int:
    """How many entries are missing, too many or of other words."""
    wrong = 0
    for organization_id in organization_ids:
        events = list(TaskEvent.objects.filter(organization_id=organization_id).readable())
        expected = {
            event.pk: {index.organization_word(organization_id), *index.words_of(event)}
            for event in index.say_something(events)
        }
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT event_id, tsvector_to_array(words) FROM search_entry WHERE organization_id = %s",
                [organization_id],
            )
            found = {event_id: set(words) for event_id, words in cursor.fetchall()}
        wrong += sum(expected.get(pk) != found.get(pk) for pk in expected.keys() | found.keys())
    return wrong
