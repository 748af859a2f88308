"""Acts against a model: events that commit late, filters, snoozes, several acts and their undoing, in any order."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from events.models import LogHead, TaskEvent
from inbox import marks, snoozed
from inbox.frames import StateCounts
from inbox.models import Notification
from inbox.newest import Filters, newest
from inbox.org_inboxes import counts_by_state, joined_cursors, org_inboxes, revision
from inbox.seen import last_shown
from inbox.states import STEPS, VIEWS, Act, State
from tests.examples import examples
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

ORGS = st.sampled_from([0, 1])
REASONS = st.sampled_from(["org", "mentioned"])
FILTERS = st.sampled_from(["", "mentioned"])
SHOWN, ACTS, HOURS = st.sampled_from(sorted(VIEWS)), st.sampled_from(Act), st.integers(1, 4)


@dataclass
class Log:
    org_id: int
    position: int = 0
    late: int | None = (
        None  # the id of an event that is appended and not committed: the log is locked meanwhile
    )


@dataclass
class Page:
    """What somebody looks at, and everything that there was then."""

    seen: str
    org_ids: tuple[int, ...]
    show: str
    reason: str
    revision: int
    known: set[int]


@dataclass
class Row:
    """The plain model: a notification, and what it was before its last act."""

    org_id: int
    reason: str
    state: State = State.UNREAD
    until: dt.datetime | None = None
    is_read: bool = False
    mark: int = 0
    before: tuple[State, dt.datetime | None, bool] | None = None

    def take(self, act: Act, until: dt.datetime | None, mark: int) -> bool:
        """Whether it changes."""
        step = STEPS[act]
        if self.state not in step.sources:
            return False
        if act is Act.SNOOZE and self.state == State.SNOOZED and self.until == until:
            return False
        self.before = self.state, self.until, self.is_read
        self.state, self.until, self.is_read, self.mark = step.target, until, True, mark
        return True

    def undo(self, mark: int) -> None:
        assert self.before is not None
        (self.state, self.until, self.is_read), self.before, self.mark = self.before, None, mark

    def is_due(self, now: dt.datetime) -> bool:
        return self.state == State.SNOOZED and self.until is not None and self.until <= now

    def wake(self, mark: int) -> None:
        """It keeps its moment until its next act."""
        self.state, self.before, self.mark = State.UNREAD, None, mark


class Marks(RuleBasedStateMachine):
    pages, marks = Bundle("pages"), Bundle("marks")
    next_id = 0

    def __init__(self) -> None:
        super().__init__()
        Notification.objects.all().delete()  # those of the last example: time passes for all
        self.bob, self.alice = UserFactory(), UserFactory()
        self.logs = [Log(OrganizationFactory().pk) for _ in range(2)]
        for log in self.logs:
            MembershipFactory(organization_id=log.org_id, user=self.bob)
            LogHead.objects.create(organization_id=log.org_id)
        self.rows: dict[int, Row] = {}
        self.revision = 0
        self.now = timezone.now()
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

    @rule(target=pages, which=st.sampled_from([(0,), (1,), (0, 1)]), show=SHOWN, reason=FILTERS)
    def look(self, which: tuple[int, ...], show: str, reason: str) -> Page:
        org_ids = tuple(self.logs[one].org_id for one in which)
        places = org_inboxes(self.bob.pk)
        reasons = frozenset({reason}) if reason else None
        event_ids = newest(self.bob.pk, Filters(org_ids, reasons, VIEWS[show]), 1_000)
        assert set(event_ids) == {
            event_id
            for event_id, row in self.rows.items()
            if row.org_id in org_ids and reason in ("", row.reason) and row.state in VIEWS[show]
        }
        return Page(joined_cursors(places), org_ids, show, reason, revision(places), set(self.rows))

    @rule(target=pages, late=ORGS, reasons=st.lists(REASONS, min_size=1, max_size=2), show=SHOWN)
    def look_before_a_late_commit(self, late: int, reasons: list[str], show: str) -> Page:
        self.is_appended(late)
        self.happens(1 - late, reasons)
        page = self.look((0, 1), show, "")
        self.happens(late, reasons)
        return page

    @rule(target=marks, page=pages, act=ACTS, hours=HOURS, strictly=st.booleans())
    def act_on_all(self, page: Page, act: Act, hours: int, strictly: bool) -> int:
        """`strictly`: only what has not changed its state since."""
        places = [place for place in org_inboxes(self.bob.pk) if place.org_id in page.org_ids]
        until = self._until(act, hours)
        count, number = marks.mark_all(
            self.bob.pk,
            act,
            last_shown(page.seen, places),
            show=page.show,
            reason=page.reason,
            revision=page.revision if strictly else None,
            until=until,
        )
        concerned = [
            row
            for event_id, row in self.rows.items()
            if event_id in page.known
            and row.org_id in page.org_ids
            and page.reason in ("", row.reason)
            and row.state in VIEWS[page.show]
            and not (strictly and row.mark > page.revision)
        ]
        assert count == sum(row.take(act, until, number) for row in concerned)
        return number

    @rule(target=marks, show=SHOWN, reason=FILTERS, act=ACTS, hours=HOURS)
    def look_and_act_on_all(self, show: str, reason: str, act: Act, hours: int) -> int:
        return self.act_on_all(self.look((0, 1), show, reason), act, hours, True)

    @rule(target=marks, which=st.sets(st.integers(0, 30), min_size=1, max_size=3), act=ACTS, hours=HOURS)
    def act_on_some(self, which: set[int], act: Act, hours: int) -> int:
        event_ids = sorted({sorted(self.rows)[one % len(self.rows)] for one in which})
        until = self._until(act, hours)
        count, number = marks.mark(self.bob.pk, act, event_ids, until=until)
        assert count == sum(self.rows[event_id].take(act, until, number) for event_id in event_ids)
        return number

    @rule(mark=marks)
    def undo(self, mark: int) -> None:
        taken = [row for row in self.rows.values() if row.mark == mark and row.before]
        assert marks.undo(self.bob.pk, mark) == len(taken)
        for row in taken:
            row.undo(self._revision())

    @rule(hours=st.integers(0, 3))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)
        following = snoozed.wake_snoozed(self.now)
        for row in self.rows.values():
            if row.is_due(self.now):
                row.wake(self._revision())
        left = (row.until for row in self.rows.values() if row.state == State.SNOOZED and row.until)
        assert following == min(left, default=None)

    def _until(self, act: Act, hours: int) -> dt.datetime | None:
        return self.now + dt.timedelta(hours=hours) if act is Act.SNOOZE else None

    def _revision(self) -> int:
        return revision(org_inboxes(self.bob.pk))

    @invariant()
    def all_is_as_the_model_says(self) -> None:
        found = Notification.objects.filter(recipient=self.bob)
        stored = {row.event_id: (row.state, row.snoozed_until, row.read_at is not None) for row in found}
        assert stored == {
            event_id: (row.state, row.until, row.is_read) for event_id, row in self.rows.items()
        }
        places = org_inboxes(self.bob.pk, by_state=True)
        numbers = Counter(row.state for row in self.rows.values())
        assert counts_by_state(places) == StateCounts(**{state.word: numbers[state] for state in State})
        assert revision(places) >= self.revision
        self.revision = revision(places)


@pytest.fixture
def small_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "BATCH", 2)
    monkeypatch.setattr(snoozed, "LOT", 2)


@pytest.mark.usefixtures("small_lots")
def test_acts_change_what_they_say_and_nothing_else() -> None:
    run_state_machine_as_test(
        Marks, settings=settings(max_examples=examples(20, again=10), stateful_step_count=30)
    )
