"""Erasing what a person wrote, and what erasures say was taken: the log itself stays as it is and still verifies."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import Q

from events.facts import FACTS, Fact, Redaction, TextsErased
from events.models import EventText, TaskEvent
from events.subjects import subject_of
from events.texts import Taken, redaction

# What stands in the place of a text; the same text where there is nothing to replace.
Replace = Callable[[EventText], str]


class Plan(NamedTuple):
    """What is to be taken from one stream, for `log.append`."""

    fact: TextsErased
    redacted: list[EventText]


def written_by(user_id: int) -> set[UUID]:
    """Find the streams with texts of this person."""
    return set(
        TaskEvent.objects.filter(actor_id=user_id, text__isnull=False).values_list("stream_id", flat=True)
    )


def mentioning(replace: Replace) -> set[UUID]:
    """Find the streams with texts that mention anybody and that `replace` changes. Which name is whose is not
    asked of the database: two of them fold letters in two ways."""
    mentions = Q(body__contains="@") | Q(body__contains="＠")
    found = EventText.objects.filter(mentions).select_related("event")
    return {text.event.stream_id for text in found.iterator(chunk_size=500) if replace(text) != text.body}


def plan(stream_id: UUID, user_id: int, replace: Replace) -> Plan:
    """Plan what goes from the stream: all texts of this person, and what names them in others'."""
    texts = EventText.objects.filter(event__stream_id=stream_id).select_related("event")
    erased: list[int] = []
    replaced: list[tuple[EventText, Redaction]] = []
    about = ""
    for text in texts.order_by("event__version"):
        subject = subject_of(text.event)
        about = "" if subject.stands_in else subject.name
        if text.event.actor_id == user_id:
            erased.append(text.event.version)
        elif (body := replace(text)) != text.body:
            replaced.append(redaction(text.event, body))
    return Plan(TextsErased(erased, [said for _, said in replaced], about), [text for text, _ in replaced])


class Erasures:
    """What the erasures in one stream say of its texts."""

    def __init__(self, told: Iterable[tuple[int, Fact]]) -> None:
        """Take in what erasures say, from the actors and facts of the stream's events, in order."""
        self._words: dict[int, list[tuple[int | None, Taken]]] = {}
        for actor_id, fact in told:
            if isinstance(fact, TextsErased):
                for version in fact.erased:
                    self._words.setdefault(version, []).append((actor_id, Taken(None)))
                for each in fact.redacted:
                    self._words.setdefault(each.version, []).append((None, Taken(each.sha256)))

    @classmethod
    def of(cls, organization_id: int, stream_id: UUID) -> Self:
        events = TaskEvent.objects.filter(organization_id=organization_id, stream_id=stream_id)
        found = events.filter(action=TextsErased.action).order_by("version")
        return cls((event.actor_id, event.fact) for event in found)

    def taken(self, version: int, author_id: int) -> Taken | None:
        """Find the last word on the text of this version; None where there is none. Only its author's own
        erasure can take it whole."""
        words = [taken for who, taken in self._words.get(version, ()) if who in (None, author_id)]
        return words[-1] if words else None


def inline_texts(user_id: int) -> int:
    """Count this person's texts that are part of the hashed history itself: those of schema version 1."""
    texts = 0
    for action, fact in FACTS.items():
        if fact.text_field:
            old = TaskEvent.objects.filter(actor_id=user_id, action=action, schema_version=1)
            texts += old.exclude(**{f"details__{fact.text_field}": ""}).count()
    return texts
