"""The answer to 'Download': a stream, named after its filters, and a record of it in Django's admin log."""

from typing import cast

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Max
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.text import slugify

from base import streaming
from events.audit.export import FORMATS, rows_of
from events.audit.filters import Events
from orgs.models import User

LONGEST_NAME = 120


def download(
    request: HttpRequest, events: Events, filters: dict[str, str], format_name: str
) -> StreamingHttpResponse:
    """Record what is taken away, with its number, before the first byte leaves: the log is append-only, so what is
    counted now is what will be sent."""
    label, content_type, encode = FORMATS[format_name]
    found = events.order_by().aggregate(count=Count("pk"), last=Max("pk"))
    _record(request, f"{found['count']:,} events as {label}", filters)
    body = encode(rows_of(events, found["last"] or 0))
    name = "-".join(slugify(part) for part in ("events", *filters.values(), str(found["count"])))[
        -LONGEST_NAME:
    ]
    return streaming.download(request, body, content_type, f"carillon-{name}.{format_name}")


def _record(request: HttpRequest, what: str, filters: dict[str, str]) -> None:
    words = "; ".join(f"{name}: {value}" for name, value in filters.items())
    LogEntry.objects.create(
        user=cast(User, request.user),
        content_type=ContentType.objects.get(app_label="events", model="taskevent"),
        object_repr=f"Export of {what}",
        action_flag=CHANGE,  # Django knows no flag for reading
        change_message=f"Exported {what}. Filters: {words or 'none'}.",
    )
