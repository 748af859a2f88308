"""A task's history as its pages load it: no more of it than they show, however long it is and whatever was written."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from base.numbers import whole_number
from events import log
from events.models import TaskEvent
from events.sentences import names_in, sentence
from orgs.models import Membership
from tasks.conversation import ON_COMMENTS, conversation
from tasks.models import Task
from tasks.past import Past, at_version, described, version_at
from tasks.past_words import ERASED_TEXT

SHOWN = 200  # entries of a timeline; those before them are a link away
WRITTEN = 256 * 1024  # bytes of what was written in them
SAID = 500  # versions that the slider says in words before they are loaded
WORDS = 64 * 1024  # characters of these words


@dataclass(frozen=True, slots=True)
class Stream:
    """`count`: how many versions there were when the page was asked for; a later one is none of its business."""

    organization_id: int
    stream_id: uuid.UUID
    count: int

    @classmethod
    def of(cls, task: Task) -> Self:
        return cls(task.organization_id, task.pk, log.newest_version(task.organization_id, task.pk))

    def past(self, version: int) -> Past | None:
        """Do as `at_version`, and raise as it does."""
        return at_version(log.load_past(self.organization_id, self.stream_id, version), version)

    def version_at(self, moment: dt.datetime) -> int:
        return version_at(log.load_past(self.organization_id, self.stream_id, self.count), moment)

    def is_description_erased(self) -> bool:
        return described(log.load_describing(self.organization_id, self.stream_id))[0] is None

    def newest(self, upto: int, most: int = 1) -> list[TaskEvent]:
        """Load the entries up to a version that fit on a page, at most `most`, oldest first."""
        return log.load_newest(self.organization_id, self.stream_id, upto, most, WRITTEN)

    def conversed(self, upto: int, most: int) -> list[TaskEvent]:
        """Do as `newest`, without what is shown on the comments that it happened to."""
        return log.load_newest(self.organization_id, self.stream_id, upto, most, WRITTEN, ON_COMMENTS)

    def outline(self, after: int, upto: int) -> list[TaskEvent]:
        return log.load_outline(self.organization_id, self.stream_id, after, upto)


def look_back(stream: Stream, version: int) -> dict[str, Any]:
    """Gather what the slider needs: where it stands, and for each version when it came about and how."""
    is_short = stream.count <= SAID
    events = stream.outline(0, stream.count) if is_short else stream.outline(version - 1, version)
    names = names_in(events)
    sentences = [sentence(event, names, "it") for event in events]
    place = version - events[0].version
    said = [[event.created_at, words] for event, words in zip(events, sentences, strict=True)]
    return {
        "at": version,
        "count": stream.count,
        "event": events[place],
        "sentence": sentences[place],
        "said": said if is_short and sum(map(len, sentences)) <= WORDS else [],
    }


def timeline_shown(
    query: Mapping[str, str], stream: Stream, last: int, membership: Membership
) -> dict[str, Any]:
    """Gather the timeline up to version `last`: the newest entries that fit, or those before version
    `before`. Comments are as they were at `last`."""
    before = whole_number(query.get("before")) or 0
    end = min(before - 1, last) if before > 1 else last
    events = stream.conversed(end, SHOWN)
    return {
        "history": conversation(events, membership, last if last < stream.count else None),
        "skipped": events[0].version - 1,
        "oldest": events[0].version,
        "later": last - end,
        "erased_text": ERASED_TEXT,
    }
