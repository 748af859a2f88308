"""What a person is and was called: in others' texts, and in the administration's own records. For `erasure.py`."""

import re
from dataclasses import dataclass
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from events.erasure import Replace
from events.models import EventText, TaskEvent
from orgs.mentions import with_name_replaced
from orgs.models import User
from orgs.names import name_key


@dataclass(frozen=True)
class Called:
    """Of somebody who was erased already: nothing."""

    user_id: int
    names: list[str]  # user names, the present one and former ones
    words: list[str]  # first name, last name, address
    others: set[str]  # keys of the names that other people have now and that are, or begin like, one of these
    streams: set[UUID]  # where one of `others` means this person

    @classmethod
    def of(cls, user: User) -> "Called":
        if user.erased_at:
            return cls(user.pk, [], [], set(), set())
        former = [*user.former_names.values_list("name", flat=True), *records_of(user.pk)]
        names = {name_key(name): name for name in (user.username, *former)}
        alike = Q(*(Q(name_key__startswith=key) for key in names), _connector=Q.OR)
        others = set(User.objects.exclude(pk=user.pk).filter(alike).values_list("name_key", flat=True))
        words = [word for word in (user.first_name, user.last_name, user.email) if len(word) > 1]
        shared = others & names.keys()
        return cls(user.pk, list(names.values()), words, others, _mentioned(user.pk) if shared else set())

    def is_shared(self, name: str) -> bool:
        return name_key(name) in self.others

    def replaced_by(self, new: str) -> Replace:
        """Make the function that gives a text with `new` in the place of the person's name."""

        def replace(text: EventText) -> str:
            body = text.body
            for name in self.names:
                if not self.is_shared(name) or text.event.stream_id in self.streams:
                    body = with_name_replaced(body, name, new, self.others)
            return body

        return replace

    def forget_in_records(self, new: str) -> None:
        """Take the person from the administration's own log: what was done to this account, and where another
        entry names them."""
        _records(self.user_id).update(object_repr=new, change_message="")
        if not self.names:
            return
        words = [*self.words, *(name for name in self.names if not self.is_shared(name))]
        patterns = [re.compile(rf"(?<![\w@+-]){re.escape(word)}(?![\w@+-])", re.IGNORECASE) for word in words]
        # A filter of an export is told as 'who: Bob (bob)', with the first name that bob had then.
        told = "|".join(map(re.escape, self.names))
        patterns.insert(0, re.compile(rf"(?<=who: )[^;]*\((?:{told})\)", re.IGNORECASE))
        for entry in _naming([*words, *self.names]):
            entry.object_repr = _without(entry.object_repr, patterns, new)[:200]
            entry.change_message = _without(entry.change_message, patterns, new)
            entry.save(update_fields=["object_repr", "change_message"])


def records_of(user_id: int) -> set[str]:
    """Find the names by which the administration's log knows this account: those from before names were kept,
    too."""
    return set(_records(user_id).values_list("object_repr", flat=True))


def _records(user_id: int) -> QuerySet[LogEntry]:
    people = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(content_type=people, object_id=str(user_id))


def _naming(words: list[str]) -> list[LogEntry]:
    found = Q()
    for word in words:
        found |= Q(change_message__icontains=word) | Q(object_repr__icontains=word)
    return list(LogEntry.objects.filter(found))


def _without(text: str, patterns: list[re.Pattern[str]], new: str) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda _: new, text)
    return text


def _mentioned(user_id: int) -> set[UUID]:
    """Find the streams of any subject in which somebody mentioned this very person."""
    written = TaskEvent.objects.annotate(written=Cast("details", TextField()))
    may = written.filter(written__contains=str(user_id)).filter(written__contains='"mentions"')
    found = may.order_by().values_list("stream_id", "details").iterator()
    return {stream_id for stream_id, details in found if user_id in details.get("mentions", ())}
