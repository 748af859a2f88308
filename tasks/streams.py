"""A task's history as its pages load it: no more of it than they show, however long it is and whatever was written."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Self

from events import log
from events.models import TaskEvent
from events.sentences import names_in, sentence
from tasks.facts import ON_COMMENTS
from tasks.models import Task
from tasks.past import Past, at_version, described, version_at

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

    def page(self, upto: int) -> list[TaskEvent]:
        """Load the entries up to a version that a page shows: without what is shown on the comments that it happened
        to."""
        return self._conversed(upto, SHOWN)

    def after(self, version: int) -> list[TaskEvent]:
        """Load the newest entries beyond a version, as many as a page shows."""
        most = min(self.count - version, SHOWN)
        return (
            [event for event in self._conversed(self.count, most) if event.version > version]
            if most > 0
            else []
        )

    def around(self, version: int, upto: int) -> list[TaskEvent]:
        """Load a page's entries with this version among them: the newest up to `upto`, or else with it in their
        middle, or, where too much was written since, at their end."""
        for end in (version + SHOWN // 2 if upto - version >= SHOWN else upto, version):
            last = log.end_of_save(self.organization_id, self.stream_id, end) or upto
            events = self.page(min(last, upto))
            if events[0].version <= version:
                return events
        return self.page(version)

    def version_of(self, event_id: int | None, upto: int) -> int | None:
        """Find the version of an event, or of the comment that it happened to; None where it is none of this history's
        up to `upto`."""
        version = event_id and log.version_of(self.organization_id, self.stream_id, event_id)
        if not version or version > upto:
            return None
        (event,) = self.outline(version - 1, version)
        return getattr(event.fact, "comment", version)

    def shown_before(self, version: int) -> int:
        """Find the newest version before this one that has an entry of its own; 0 for none."""
        events = TaskEvent.objects.filter(organization_id=self.organization_id, stream_id=self.stream_id)
        shown = events.filter(version__lt=version).exclude(action__in=ON_COMMENTS).order_by("-version")
        return shown.values_list("version", flat=True).first() or 0

    def _conversed(self, upto: int, most: int) -> list[TaskEvent]:
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
