"""Erasing what a person wrote: the texts beside the log go, the log itself stays as it is and still verifies."""

from collections.abc import Callable
from uuid import UUID

from django.db.models import Q

from events.facts import FACTS
from events.models import EventText, TaskEvent
from events.texts import REDACTED


def written_by(user_id: int) -> set[UUID]:
    """The streams with texts of this person."""
    return set(
        TaskEvent.objects.filter(actor_id=user_id, text__isnull=False).values_list("stream_id", flat=True)
    )


def erase_texts(user_id: int) -> int:
    """Delete every text that the person wrote. Returns how many."""
    count, _ = EventText.objects.filter(event__actor_id=user_id).delete()
    return count


def redact_texts(replace: Callable[[str], str]) -> set[UUID]:
    """Put `replace(body)` in place of each text that mentions anybody and that it changes. Returns their streams.

    Which name is whose is not asked of the database: two of them fold letters in two ways.
    """
    streams: set[UUID] = set()
    mentions = Q(body__contains="@") | Q(body__contains="＠")
    found = EventText.objects.filter(mentions).select_related("event")
    for text in found.iterator(chunk_size=500):
        body = replace(text.body)
        if body != text.body:
            # Not an update: the database refuses to change a text.
            EventText.objects.filter(pk=text.pk).delete()
            EventText.objects.bulk_create([EventText(event_id=text.pk, nonce=REDACTED, body=body)])
            streams.add(text.event.stream_id)
    return streams


def inline_texts(user_id: int) -> int:
    """How many texts of this person are part of the hashed history itself: those of schema version 1."""
    texts = 0
    for action, fact in FACTS.items():
        if fact.text_field:
            old = TaskEvent.objects.filter(actor_id=user_id, action=action, schema_version=1)
            texts += old.exclude(**{f"details__{fact.text_field}": ""}).count()
    return texts
