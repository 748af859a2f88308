"""The answer to 'Download': a stream, named after its filters, and a record of it in Django's admin log."""

from collections.abc import AsyncIterator, Iterator
from typing import cast

from asgiref.sync import sync_to_async
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Count, Max
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from base.connections import gives_back
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
    return StreamingHttpResponse(
        _off_thread(body) if isinstance(request, ASGIRequest) else body,
        content_type=content_type,
        headers={"Content-Disposition": content_disposition_header(True, f"carillon-{name}.{format_name}")},
    )


def _record(request: HttpRequest, what: str, filters: dict[str, str]) -> None:
    words = "; ".join(f"{name}: {value}" for name, value in filters.items())
    LogEntry.objects.create(
        user=cast(User, request.user),
        content_type=ContentType.objects.get(app_label="events", model="taskevent"),
        object_repr=f"Export of {what}",
        action_flag=CHANGE,  # Django knows no flag for reading
        change_message=f"Exported {what}. Filters: {words or 'none'}.",
    )


async def _off_thread(body: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Iterate in threads: under ASGI Django would collect a synchronous iterator whole, in memory, before it sends
    anything."""
    while chunk := await sync_to_async(_next)(body):
        yield chunk


@gives_back
def _next(body: Iterator[bytes]) -> bytes:
    """Take one part, and hold no database connection meanwhile, however slowly the client reads."""
    return next(body, b"")
