"""People whose inboxes hold few or many notifications, all of one long log. Needs Django to be set up."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from bench.world import Place, cookies, organization, people
from events.cursors import Cursor
from events.models import LogHead, TaskEvent
from inbox.org_inboxes import joined_cursors, org_inboxes
from inbox.states import State
from orgs.models import User
from realtime import reads

ASIDE = 10  # of each inbox: the oldest, of another organization and for another reason than the rest

# Comments like the last one, and no digest that fits: nobody here verifies.
EVENTS = """
    INSERT INTO events_taskevent (organization_id, position, stream_id, version, action, schema_version, details,
        task_number, subject, actor_id, created_at, request_id, digest)
    SELECT organization_id, position + step, stream_id, version + step, action, schema_version, details,
        task_number, subject, actor_id, created_at, request_id, md5(step::text) || md5(step::text)
    FROM events_taskevent, generate_series(1, %s) AS step WHERE organization_id = %s AND position = %s
    ORDER BY step
"""
ROWS = """
    INSERT INTO inbox_notification (recipient_id, organization_id, event_id, reason, state, read_at)
    SELECT %s, organization_id, id, %s, %s, CASE WHEN %s THEN created_at END
    FROM events_taskevent WHERE organization_id = %s ORDER BY position DESC LIMIT %s
"""


@dataclass(frozen=True)
class Reader:
    user: User
    kind: str  # "unread" or "read"
    size: int
    session_key: str
    client: Client
    org_ids: tuple[int, int]

    def page(self, query: str = "") -> None:
        answer = self.client.get(f"/inbox/{query}")
        assert answer.status_code == 200, answer.status_code

    def handshake(self, after: str | None) -> None:
        (found,) = reads.connect([reads.Handshake(self.session_key, None, after)])
        assert isinstance(found, reads.Connected)

    @property
    def here(self) -> str:
        return joined_cursors(org_inboxes(self.user.pk))

    @property
    def long_ago(self) -> str:
        """A cursor at the first event of the long log."""
        first = TaskEvent.objects.get(organization_id=self.org_ids[1], position=1)
        return str(Cursor.at(first))


def readers(sizes: tuple[int, ...], kinds: tuple[str, ...]) -> list[Reader]:
    """One for each size and kind."""
    wanted = [(kind, size) for kind in kinds for size in sizes]
    users = people(len(wanted), prefix="inbox-reader")
    aside, log = organization("inbox-aside", users), organization("inbox-log", users)
    _lengthen(log, max(sizes))
    made = []
    for (kind, size), user, cookie in zip(wanted, users, cookies(users), strict=True):
        _tell(user, kind, size, aside, log)
        made.append(_reader(user, kind, size, cookie, (aside.org_id, log.org_id)))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return made


def _lengthen(log: Place, events: int) -> None:
    head = LogHead.objects.get(pk=log.org_id)
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [events, log.org_id, head.position])
    last = TaskEvent.objects.filter(organization_id=log.org_id).order_by("-position")[0]
    LogHead.objects.filter(pk=log.org_id).update(position=last.position, digest=last.digest)


def _tell(user: User, kind: str, size: int, aside: Place, log: Place) -> None:
    state = State[kind.upper()]
    rows: list[tuple[Any, ...]] = [
        (user.pk, "mentioned", state.value, state == State.READ, aside.org_id, ASIDE),
        (user.pk, "org", state.value, state == State.READ, log.org_id, size - ASIDE),
    ]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM inbox_notification WHERE recipient_id = %s", [user.pk])
        for row in rows:
            cursor.execute(ROWS, row)


def _reader(user: User, kind: str, size: int, cookie: str, org_ids: tuple[int, int]) -> Reader:
    client = Client(SERVER_NAME="127.0.0.1")
    session_key = cookie.partition("=")[2]
    client.cookies[settings.SESSION_COOKIE_NAME] = session_key
    return Reader(user, kind, size, session_key, client, org_ids)
