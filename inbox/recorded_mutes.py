"""Who had muted a stream when an event came, for whoever derives the inboxes anew: by what was recorded. Unlike levels
and watches, mutes have been recorded ever since there are any."""

import itertools
import uuid

from events.models import TaskEvent
from events.scan import Part, Scanned
from inbox.choices import mutes_in
from inbox.models import Choice


class RecordedMutes:
    """Of the streams of one part of the log, in one organization or (None) in all."""

    def __init__(self, organization_id: int | None, part: Part) -> None:
        self._changes: dict[uuid.UUID, list[Choice]] = {}
        for choice in mutes_in(organization_id, part.first, part.last):
            self._changes.setdefault(choice.stream_id or uuid.UUID(int=0), []).append(choice)
        self._last = self._ids()

    def at(self, event: Scanned) -> list[int]:
        """List their user ids."""
        if not self._changes:
            return []
        muted: dict[int, bool] = {}
        for choice in self._changes.get(uuid.UUID(event.stream_id), ()):
            if self._last.get((choice.organization_id, choice.position), 0) < event.id:
                muted[choice.user_id] = bool(choice.after)
        return [user_id for user_id, is_muted in muted.items() if is_muted]

    def _ids(self) -> dict[tuple[int, int], int]:
        """Find the ids of the events that the choices came after: within an organization they rise with positions."""
        positions: dict[int, set[int]] = {}
        for choice in itertools.chain.from_iterable(self._changes.values()):
            positions.setdefault(choice.organization_id, set()).add(choice.position)
        ids: dict[tuple[int, int], int] = {}
        for org_id, some in positions.items():
            found = TaskEvent.objects.filter(organization_id=org_id, position__in=some)
            ids |= {(org_id, position): pk for position, pk in found.values_list("position", "pk")}
        return ids
