"""What a query asks for, in ids: the people, tasks and organizations that its words name, as far as the reader may see
them. A name that leads nowhere gets a sentence, and hides nothing."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from base.errors import Invalid
from events.models import TaskEvent
from events.subjects import Subject, key_in
from inbox.models import Notification
from inbox.org_inboxes import OrgInbox, org_inbox_called
from inbox.query import Query, Word
from inbox.span_rows import PlacedSpan, Spans, condition_in, rows_in
from inbox.spans import Span
from inbox.states import INBOX, State
from orgs.models import Membership, User
from search.matching import Matches, matching
from search.words import Query as Search

Id = TypeVar("Id")
Streams = frozenset[uuid.UUID]
People = frozenset[int]


MOST_FOUND = 2_000  # streams that a search is remembered by; with more it is made again in each statement


class Found(NamedTuple):
    """In which streams a text was found; None where they are too many to name."""

    matches: Matches
    streams: Streams | None

    def condition(self) -> Q:
        if self.streams is not None:
            return Q(event__stream_id__in=self.streams)
        return self.matches.in_streams("event__stream_id")


class Wanted(NamedTuple):
    """Of organizations, states and reasons, those named; None of reasons, streams or people, and no spans: any."""

    org_ids: tuple[int, ...]
    states: frozenset[State] = INBOX
    reasons: frozenset[str] | None = None
    streams: Streams | None = None
    not_streams: Streams = frozenset()
    actors: People | None = None
    not_actors: People = frozenset()
    spans: Spans = ()
    not_spans: Spans = ()
    found: Found | None = None
    not_found: tuple[Found, ...] = ()
    understood: Query = Query()  # the words that name something
    faults: tuple[str, ...] = ()  # a sentence for each word that names nothing

    @property
    def asks_of_events(self) -> bool:
        """Say whether a notification alone does not tell if it is meant."""
        return any(
            (self.streams is not None, self.not_streams, self.actors is not None, self.not_actors)
        ) or bool(self.found or self.not_found or self.spans or self.not_spans)

    @property
    def not_searched(self) -> int:
        """How many events hold texts that the search does not know yet."""
        return self.found.matches.not_searched if self.found else 0

    def within(self) -> "Wanted":
        """Give what is left to ask within streams that are meant: which they are is known of a stream as a whole."""
        return self._replace(streams=None, not_streams=frozenset(), found=None, not_found=())

    def rows(self, user_id: int) -> QuerySet[Notification]:
        """Find the user's notifications that are meant."""
        mine = Notification.objects.filter(recipient_id=user_id, organization_id__in=self.org_ids)
        if self.states != frozenset(State):
            mine = mine.filter(state__in=self.states)
        if self.reasons is not None:
            mine = mine.filter(reason__in=self.reasons)
        return mine.filter(self._of_events()) if self.asks_of_events else mine

    def condition(self) -> tuple[str, list[Any]]:
        """Write `within` in SQL, with its parameters, of rows that are called `note` and their events, `event`."""
        said = [
            ("note.organization_id IN", sorted(self.org_ids)),
            ("note.state IN", None if self.states == frozenset(State) else sorted(self.states)),
            ("note.reason IN", None if self.reasons is None else sorted(self.reasons)),
            ("event.actor_id IN", None if self.actors is None else sorted(self.actors)),
            ("event.actor_id NOT IN", sorted(self.not_actors) or None),
        ]
        asked = [(column, values) for column, values in said if values is not None]
        places = [f"{column} ({', '.join(['%s'] * len(values)) or 'NULL'})" for column, values in asked]
        parameters = [value for _, values in asked for value in values]
        for spans, place in ((self.spans, "{}"), (self.not_spans, "NOT {}")):
            if spans:
                words, values = condition_in(spans)
                places, parameters = [*places, place.format(words)], [*parameters, *values]
        return " AND ".join(places), parameters

    def _of_events(self) -> Q:
        asked = Q()
        if self.streams is not None:
            asked &= Q(event__stream_id__in=self.streams)
        if self.actors is not None:
            asked &= Q(event__actor_id__in=self.actors)
        if self.not_streams:
            asked &= ~Q(event__stream_id__in=self.not_streams)
        if self.not_actors:
            asked &= ~Q(event__actor_id__in=self.not_actors)
        if self.spans:
            asked &= rows_in(self.spans)
        if self.not_spans:
            asked &= ~rows_in(self.not_spans)
        if self.found:
            asked &= self.found.condition()
        for found in self.not_found:
            asked &= ~found.condition()
        return asked


class Unknown(Exception):
    """A word names nothing that the reader may see: a sentence that says so."""


def wanted(query: Query, places: Sequence[OrgInbox]) -> Wanted:
    """Look up what the query names, among what the reader of these inboxes may see."""
    left_out: dict[Word, str] = {}

    def look_up(kind: str, find: Callable[[str], Id], *, negated: bool = False) -> frozenset[Id]:
        found = set()
        for word in query.words:
            if (word.kind, word.negated) == (kind, negated):
                try:
                    found.add(find(word.value))
                except Unknown as unknown:
                    left_out[word] = str(unknown)
        return frozenset(found)

    def both(kind: str, find: Callable[[str], Id]) -> tuple[frozenset[Id], frozenset[Id]]:
        return look_up(kind, find), look_up(kind, find, negated=True)

    orgs, not_orgs = both("org", partial(_organization, places))
    org_ids = tuple(place.org_id for place in places if place.org_id in (orgs or _ids(places)) - not_orgs)
    streams, not_streams = both("task", partial(_stream, places))
    actors, not_actors = both("from", partial(_person, places))
    spans, not_spans = both("news", partial(_span, places))
    found = _matches(org_ids, [word for word in query.words if word.is_text and not word.negated], left_out)
    not_found = [_matches(org_ids, [word], left_out) for word in query.words if word.is_text and word.negated]
    return Wanted(
        org_ids=org_ids,
        states=query.states,
        reasons=query.reasons,
        streams=streams or None,
        not_streams=not_streams,
        actors=actors or None,
        not_actors=not_actors,
        spans=_in_order(spans),
        not_spans=_in_order(not_spans),
        found=found,
        not_found=tuple(each for each in not_found if each),
        understood=Query(tuple(word for word in query.words if word not in left_out)),
        faults=tuple(dict.fromkeys((*query.faults, *left_out.values()))),
    )


def _ids(places: Sequence[OrgInbox]) -> frozenset[int]:
    return frozenset(place.org_id for place in places)


def _organization(places: Sequence[OrgInbox], name: str) -> int:
    place = org_inbox_called(name, list(places))
    if place is None:
        raise Unknown(f"You are not in an organization with the short name “{name}”.")
    return place.org_id


def _span(places: Sequence[OrgInbox], value: str) -> PlacedSpan:
    span = Span.read(value)
    if span is None:
        raise Unknown(f"“{value}” names no news.")
    return PlacedSpan(_organization(places, span.org), span)


def _in_order(spans: Iterable[PlacedSpan]) -> Spans:
    return tuple(sorted(spans, key=lambda placed: str(placed.span)))


def _stream(places: Sequence[OrgInbox], key: str) -> uuid.UUID:
    parsed = key_in(key)
    if parsed is None:
        raise Unknown(f"“{key}” is not a key. Write it as ACME-12.")
    subject, slug, number = parsed
    place = org_inbox_called(slug, list(places))
    stream_id = place and _stream_of(subject, place.org_id, number)
    if stream_id is None:
        raise Unknown(f"There is nothing with the key “{key.upper()}” that you may see.")
    return stream_id


def _stream_of(subject: Subject, org_id: int, number: int) -> uuid.UUID | None:
    if subject.stream_of:
        return subject.stream_of(org_id, number)
    first = TaskEvent.objects.filter(organization_id=org_id, task_number=number, version=1)
    others = subject.foreign_actions()
    return first.exclude(action__in=others).values_list("stream_id", flat=True).first()


def _person(places: Sequence[OrgInbox], name: str) -> int:
    """Find somebody who is a member of an organization of the reader's, or has done something there."""
    user: User | None = User.objects.named(name)
    if user is not None:
        org_ids = _ids(places)
        member = Membership.objects.filter(user_id=OuterRef("pk"), organization_id__in=org_ids)
        actor = TaskEvent.objects.filter(actor_id=OuterRef("pk"), organization_id__in=org_ids)
        if User.objects.filter(Exists(member) | Exists(actor), pk=user.pk).exists():
            return user.pk
    raise Unknown(f"Nobody in your organizations has the user name “{name}”.")


def _matches(org_ids: Sequence[int], words: Sequence[Word], left_out: dict[Word, str]) -> Found | None:
    text = " ".join(word.searched for word in words)
    if not text:
        return None
    try:
        if Search.parse(text):
            return _found(matching(org_ids, text))
        fault = f"“{text}” has no letter or digit to search for."
    except Invalid as error:
        fault = error.message
    left_out.update(dict.fromkeys(words, fault))
    return None


def _found(matches: Matches) -> Found:
    some = matches.entries.values_list("stream_id", flat=True).distinct()[: MOST_FOUND + 1]
    streams = frozenset(some) | {event.stream_id for event in matches.late}
    return Found(matches, streams if len(streams) <= MOST_FOUND else None)
