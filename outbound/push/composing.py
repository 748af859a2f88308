"""What a push says, in the inbox's words, composed when it is sent: of what is still unread then, and still the
person's to see."""

import datetime as dt
import uuid
from collections.abc import Sequence

import msgspec
from django.utils import timezone

from inbox.bursts import who_and_how_many
from inbox.listing import Row, names_for, rows_of
from inbox.models import HANDLED, Notification
from inbox.row_events import row_news
from outbound.models import Delivery
from outbound.push.encryption import ROOM
from outbound.telling import to_tell

TITLE, BODY = 120, 400  # characters
LINES = 4  # of tasks that are named
EVENTS, READ = 50, 100
READ_FOR = dt.timedelta(days=1)  # longer ago is no longer on a desktop


class News(msgspec.Struct, omit_defaults=True):
    """What static/js/service_worker.js is sent. One notification of a `tag` takes the place of another. A click leads
    to `event`, 0 is the inbox. It tells of `events`; of those that earlier ones told of, `read` were read since."""

    tag: str
    title: str
    body: str
    event: int = 0
    events: list[int] = []
    read: list[int] = []
    always: bool = False  # also where a page is in sight


def compose(delivery: Delivery) -> News | None:
    """Compose it; None where nothing is left to be told."""
    if delivery.kind == Delivery.Kind.TRIAL:
        said = "This is how Carillon tells you of news while no page of it is in sight."
        return News(delivery.token, "It works", said, always=True)
    user_id, told = delivery.user_id or 0, to_tell(delivery)
    found = row_news(user_id, [each.event_id for each in told])
    names = names_for(found)
    rows = rows_of(found, user_id, names)
    if not rows:
        return None
    news = _of_one(rows, names) if len({row.stream_id for row in rows}) == 1 else _of_many(delivery, rows)
    news.events = [row.event_id for row in rows[:EVENTS]]
    news.read = _read_lately(user_id)
    return news


def _of_one(rows: Sequence[Row], names: dict[int, str]) -> News:
    """Name the task, and say what was done last, after who did how much where it was more."""
    newest = rows[0]
    who = who_and_how_many((row.actor_id for row in rows), names)
    body = newest.said if len(rows) == 1 else f"{who} · {newest.deed}"
    title = f"{newest.key} {newest.title}" if newest.key != newest.title else newest.title
    return News(uuid.UUID(newest.stream_id).hex, _cut(title, TITLE), _cut(body, BODY), newest.event_id)


def _of_many(delivery: Delivery, rows: Sequence[Row]) -> News:
    named = list({row.stream_id: f"{row.key} {row.title}" for row in reversed(rows)}.values())[::-1]
    what = "tasks" if all(row.about == "task" for row in rows) else "places"
    lines = named if len(named) <= LINES else [*named[: LINES - 1], f"and {len(named) - LINES + 1} more"]
    title = f"{len(rows)} changes in {len(named)} {what}"
    return News(delivery.token, title, "\n".join(_cut(line, BODY // LINES) for line in lines))


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _read_lately(user_id: int) -> list[int]:
    """List what its reader dealt with lately, the latest first: a mark is the moment in microseconds."""
    since = int((timezone.now() - READ_FOR).timestamp() * 1_000_000)
    marked = Notification.objects.filter(HANDLED, recipient_id=user_id, mark__gt=since).order_by("-mark")
    return list(marked.values_list("event_id", flat=True)[:READ])


def as_bytes(news: News) -> bytes:
    """Write it in the room there is: what was read matters least, then the end of the text."""
    content = msgspec.json.encode(news)
    while len(content) > ROOM and (news.read or news.body):
        if news.read:
            news.read = news.read[: len(news.read) // 2]
        else:
            news.body = _cut(news.body, len(news.body) * 3 // 4)
        content = msgspec.json.encode(news)
    return content
