"""The index follows the logs (docs/decisions/0025-the-index-follows-the-log.md)."""

from collections.abc import Sequence

from events.models import TaskEvent
from followers.register import Follower
from search import index
from search.models import Entry


class SearchFollower(Follower):
    name = index.NAME

    def take(self, organization_id: int, events: Sequence[TaskEvent]) -> None:
        index.write(events)
        for event in events:
            # Whoever erased did this already, unless it was a process of a release that knows no index.
            index.write_after(organization_id, event.stream_id, [event.fact])

    def forget(self, organization_id: int) -> None:
        Entry.objects.filter(organization_id=organization_id).delete()
