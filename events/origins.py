"""How events were written that a log brought along from another installation: their digests cover the numbers that the
organization and the people had there. The log itself says which (`import_facts.py`)."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from msgspec import structs

from events.digests import Hashed
from events.import_facts import LogImported
from events.models import TaskEvent
from events.people_in_details import Numbers, renumbered

AnyEvent = TypeVar("AnyEvent", bound=Any)


class Origin(NamedTuple):
    """What the digests up to a position cover."""

    upto: int
    organization_id: int
    stream: uuid.UUID  # the organization's own, there
    own_stream: uuid.UUID
    numbers: Numbers  # of people: here -> there


class Origins:
    """Of one log, the oldest first; of most there are none."""

    def __init__(self, origins: Sequence[Origin] = ()) -> None:
        self._origins = sorted(origins)

    def __bool__(self) -> bool:
        return bool(self._origins)

    def as_written(self, event: AnyEvent) -> "AnyEvent | Hashed":
        """Give what the event's digest covers. Where it speaks of somebody whom the log did not bring along, it was
        never written so, and the digest of what stands there will not fit."""
        origin = self.at(event.position)
        if origin is None:
            return event
        values = {name: getattr(event, name) for name in Hashed.__struct_fields__}
        written = Hashed(**values)
        try:
            return structs.replace(
                written,
                organization_id=origin.organization_id,
                actor_id=origin.numbers[written.actor_id],
                details=renumbered(written.action, written.details, origin.numbers),
                stream_id=origin.stream if written.stream_id == origin.own_stream else written.stream_id,
            )
        except (KeyError, TypeError, AttributeError):
            return event

    def at(self, position: int) -> Origin | None:
        """Find how the event there was written; None for here."""
        return next((origin for origin in self._origins if position <= origin.upto), None)

    def organizations(self) -> list[tuple[int, int]]:
        """List up to which positions digests cover another number of the organization."""
        return [(origin.upto, origin.organization_id) for origin in self._origins]


def origins_of(organization_id: int) -> Origins:
    return Origins(
        [
            Origin(
                event.fact.upto,
                event.fact.organization,
                uuid.UUID(event.fact.stream),
                event.stream_id,
                {each.user_id: each.origin for each in event.fact.brought},
            )
            for event in imports_of(organization_id)
            if isinstance(event.fact, LogImported)
        ]
    )


def imports_of(organization_id: int) -> list[TaskEvent]:
    """List the events that tell that the log was brought here, in order."""
    # Sorted here: asked for in order, a database might rather read the whole log.
    found = TaskEvent.objects.filter(organization_id=organization_id, action=LogImported.action).order_by()
    return sorted(found, key=lambda event: event.position)
