"""Marks against a model: events that commit late, filters, several marks and their undoing, in any order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from events.models import LogHead, TaskEvent
from inbox import services
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.org_inboxes import joined_cursors, org_inboxes, revision
from inbox.seen import last_shown
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

ORGS = st.sampled_from([0, 1])
REASONS = st.sampled_from(["org", "mentioned"])


@dataclass
class Log:
    org_id: int
    position: int = 0
    late: int | None = (
        None  # the id of an event that is appended and not committed: the log is locked meanwhile
    )


@dataclass
class Page:
    """What somebody looks at."""

    seen: str
    org_ids: tuple[int, ...]
    reason: str
    event_ids: set[int]


@dataclass
class Row:
    org_id: int
    reason: str
    read_by: int | None = None  # the number of the mark, 0 for one that names its events


@dataclass
class Mark:
    number: int
    event_ids: set[int] = field(default_factory=set)


class Marks(RuleBasedStateMachine):
    pages, marks = Bundle("pages"), Bundle("marks")
    next_id = 0

    def __init__(self) -> None:
        super().__init__()
        self.bob, self.alice = UserFactory(), UserFactory()
        self.logs = [Log(OrganizationFactory().pk) for _ in range(2)]
        for log in self.logs:
            MembershipFactory(organization_id=log.org_id, user=self.bob)
            LogHead.objects.create(organization_id=log.org_id)
        self.rows: dict[int, Row] = {}
        self.revision = 0
        for log in self.logs:
            for reason in ("org", "mentioned", "org"):
                self._commit(log, self._id(), reason)

    @classmethod
    def _id(cls) -> int:
        cls.next_id += 1
        return cls.next_id

    def _commit(self, log: Log, event_id: int, reason: str) -> None:
        log.position += 1
        digest = sha256(f"{log.org_id}.{log.position}".encode()).hexdigest()
        TaskEvent.objects.create(
            pk=event_id,
            organization_id=log.org_id,
            position=log.position,
            stream_id=uuid4(),
            version=1,
            action="archived",
            task_number=1,
            subject="Ring",
            actor=self.alice,
            created_at=timezone.now(),
            digest=digest,
        )
        LogHead.objects.filter(pk=log.org_id).update(position=log.position, digest=digest)
        Notification.objects.create(
            recipient=self.bob, event_id=event_id, organization_id=log.org_id, reason=reason
        )
        self.rows[event_id] = Row(log.org_id, reason)

    @rule(which=ORGS, reasons=st.lists(REASONS, min_size=1, max_size=4))
    def happens(self, which: int, reasons: list[str]) -> None:
        """Whoever writes to a log waits for what is appended to it."""
        log = self.logs[which]
        for reason in reasons:
            self._commit(log, log.late or self._id(), reason)
            log.late = None

    @rule(which=ORGS)
    def is_appended(self, which: int) -> None:
        self.logs[which].late = self.logs[which].late or self._id()

    @rule(
        target=pages, which=st.sampled_from([(0,), (1,), (0, 1)]), reason=st.sampled_from(["", "mentioned"])
    )
    def look(self, which: tuple[int, ...], reason: str) -> Page:
        org_ids = tuple(self.logs[one].org_id for one in which)
        seen = joined_cursors(org_inboxes(self.bob.pk))
        event_ids = newest(self.bob.pk, Filters(org_ids, reason), 1_000)
        return Page(seen, org_ids, reason, set(event_ids))

    @rule(target=pages, late=ORGS, reasons=st.lists(REASONS, min_size=1, max_size=2))
    def look_before_a_late_commit(self, late: int, reasons: list[str]) -> Page:
        self.is_appended(late)
        self.happens(1 - late, reasons)
        page = self.look((0, 1), "")
        self.happens(late, reasons)
        return page

    @rule(target=marks, page=pages)
    def mark_all(self, page: Page) -> Mark:
        places = [place for place in org_inboxes(self.bob.pk) if place.org_id in page.org_ids]
        up_to = last_shown(page.seen, places)
        count, number = services.mark_all_read(self.bob.pk, up_to, reason=page.reason)
        mark = Mark(number, {id_ for id_ in page.event_ids if self.rows[id_].read_by is None})
        for event_id in mark.event_ids:
            self.rows[event_id].read_by = number
        assert count == len(mark.event_ids)
        return mark

    @rule(target=marks, reason=st.sampled_from(["", "mentioned"]))
    def look_and_mark_all(self, reason: str) -> Mark:
        return self.mark_all(self.look((0, 1), reason))

    @rule(mark=marks)
    def undo(self, mark: Mark) -> None:
        taken = [row for row in self.rows.values() if row.read_by == mark.number]
        assert services.undo_mark(self.bob.pk, mark.number) == len(taken)
        for row in taken:
            row.read_by = None

    @rule(which=st.integers(0, 99), read=st.booleans())
    def mark_one(self, which: int, read: bool) -> None:
        event_id = sorted(self.rows)[which % len(self.rows)]
        changed = (services.mark_read if read else services.mark_unread)(self.bob.pk, [event_id])
        assert changed == ((self.rows[event_id].read_by is None) == read)
        if changed:
            self.rows[event_id].read_by = 0 if read else None

    @invariant()
    def what_is_unread_is_as_the_model_says(self) -> None:
        unread = {event_id for event_id, row in self.rows.items() if row.read_by is None}
        found = Notification.objects.filter(recipient=self.bob, read_at=None)
        assert set(found.values_list("event_id", flat=True)) == unread
        places = org_inboxes(self.bob.pk)
        assert sum(place.unread for place in places) == len(unread)
        assert revision(places) >= self.revision
        self.revision = revision(places)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(services, "BATCH", 2)
    yield


def test_marks_change_what_they_say_and_nothing_else(small_batches: None) -> None:
    run_state_machine_as_test(Marks, settings=settings(max_examples=20, stateful_step_count=30))
