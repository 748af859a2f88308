"""What each person has made of their notifications, and when they looked last: some read, some put away, some left."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from demo.timing import working_day
from events.cursors import Cursor, joined
from events.models import TaskEvent
from inbox import marks
from inbox.models import Notification, Visit
from inbox.org_inboxes import org_inboxes
from inbox.snooze_times import until_of
from inbox.snoozed import wake_snoozed
from inbox.states import Act
from orgs.models import User

SLEPT = dt.timedelta(minutes=5)  # what came back did so this long ago
AWAY = 3  # working days since they looked last
EVENING = dt.time(17, 40)


@dataclass(frozen=True, slots=True)
class Desk:
    """Keys of tasks. `unread` says how many of its newest notifications; all others are read. Of what has come `back`
    from a snooze it is the newest one."""

    unread: Mapping[str, int]
    saved: tuple[str, ...] = ()
    snoozed: Mapping[str, str] = field(default_factory=dict)  # key -> until, a word of the menu
    back: tuple[str, ...] = ()
    done: tuple[str, ...] = ()

    @property
    def unread_in_all(self) -> int:
        return sum(self.unread.values()) + len(self.back)


DESKS = {
    "alice": Desk(
        unread={"ACME-8": 1, "ACME-38": 2, "ACME-41": 5, "ACME-43": 4},
        saved=("ACME-24",),
        snoozed={"ACME-33": "monday"},
        done=("ACME-28", "ACME-16", "ACME-22"),
    ),
    "bob": Desk(
        unread={"ACME-31": 1, "ACME-38": 3, "ACME-41": 6, "ACME-42": 1, "ACME-43": 9},
        saved=("ACME-18", "ACME-24"),
        snoozed={"ACME-25": "tomorrow", "ACME-34": "monday"},
        back=("ACME-19",),
        done=("ACME-7", "ACME-16", "ACME-20", "ACME-26", "ACME-28", "ACME-35"),
    ),
    "carol": Desk(
        unread={"ACME-12": 1, "ACME-42": 1, "ACME-43": 3, "GLOBEX-15": 1, "GLOBEX-20": 3},
        saved=("GLOBEX-11",),
        snoozed={"GLOBEX-18": "tomorrow"},
        back=("GLOBEX-7",),
        done=("ACME-28", "GLOBEX-9", "GLOBEX-10"),
    ),
    "dave": Desk(unread={"GLOBEX-15": 1, "GLOBEX-18": 1, "GLOBEX-20": 2}, saved=("GLOBEX-11",)),
}


def clear(user: User, desk: Desk, now: dt.datetime) -> None:
    """Put away, snooze and read what they did, and leave the rest."""
    for act, keys in ((Act.SAVE, desk.saved), (Act.DONE, desk.done)):
        marks.mark(user.pk, act, [event_id for key in keys for event_id in _told(user, key)])
    for key, word in desk.snoozed.items():
        marks.mark(user.pk, Act.SNOOZE, _told(user, key), until=until_of(word))
    left = {event_id for key, count in desk.unread.items() for event_id in _told(user, key)[:count]}
    inbox = Notification.objects.filter(recipient=user).values_list("event_id", flat=True)
    marks.mark(user.pk, Act.READ, [event_id for event_id in inbox if event_id not in left])
    for key in desk.back:
        marks.mark(user.pk, Act.SNOOZE, _told(user, key)[:1], until=now - SLEPT)
    wake_snoozed(now)


def note_last_visit(user: User, now: dt.datetime) -> None:
    """Let them have looked last some days ago, so that there is something to catch up on."""
    at = dt.datetime.combine(working_day(now.date(), -AWAY), EVENING, now.tzinfo)
    places = (
        TaskEvent.objects.filter(organization_id=place.org_id, created_at__lte=at)
        for place in org_inboxes(user.pk)
    )
    ends = filter(None, (events.order_by("position").last() for events in places))
    Visit.objects.create(user=user, last_at=at, last=joined(map(Cursor.at, ends)))


def _told(user: User, key: str) -> list[int]:
    """List the events of a task that they were told of, newest first."""
    slug, number = key.lower().split("-")
    told = Notification.objects.filter(recipient=user, organization__slug=slug, event__task_number=number)
    return list(told.order_by("-event_id").values_list("event_id", flat=True))
