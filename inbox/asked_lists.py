"""Which tasks somebody muted, and which they watch: the newest event of each."""

from typing import NamedTuple

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest

from events.models import TaskEvent
from inbox.models import Mute, Watch
from inbox.org_inboxes import of_request

LISTED = 100  # streams of a kind


class AskedList(NamedTuple):
    """The newest events of the streams, the latest first."""

    newest: list[TaskEvent]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.newest)


def _asked(request: HttpRequest, kind: type[Mute] | type[Watch]) -> AskedList:
    """List what the reader muted, or watches, of their organizations."""
    joined = [place.org_id for place in of_request(request)]
    streams = Subquery(kind.objects.filter(user=request.user.pk).values("stream_id"))
    begun = TaskEvent.objects.filter(stream_id__in=streams, version=1, organization_id__in=joined)
    ids = list(begun.order_by("-pk").values_list("stream_id", flat=True))
    last = TaskEvent.objects.filter(stream_id=OuterRef("stream_id")).order_by("-version").values("pk")[:1]
    firsts = TaskEvent.objects.filter(stream_id__in=ids[:LISTED], version=1).annotate(last=Subquery(last))
    events = TaskEvent.objects.filter(pk__in=firsts.values("last")).select_related("organization")
    return AskedList(list(events.order_by("-pk")), len(ids))


def asked_lists(request: HttpRequest) -> dict[str, AskedList]:
    return {"muted": _asked(request, Mute), "watched": _asked(request, Watch)}
