"""Mails of news, composed of rows in the database."""

import datetime as dt
import re
from pathlib import Path

import pytest

from inbox.models import Notification
from outbound.mail.composing import compose
from outbound.models import Delivery
from tests.outbound.deliveries import delivery_for
from tests.tasks.acme import assign, comment, move, new_task, rename

pytestmark = pytest.mark.django_db

AT_ONCE = Delivery.Kind.AT_ONCE
MORNING = dt.datetime(2025, 3, 2, 9, 30, tzinfo=dt.UTC)


def told(user):
    return set(Notification.objects.filter(recipient=user).values_list("event_id", flat=True))


def golden(name, mail):
    """Compare its text with the file, but for what is signed and when it happened."""
    text = re.sub(r"/mail/off/[^/]+/", "/mail/off/TOKEN/", f"Subject: {mail.subject}\n\n{mail.text}")
    text = re.sub(r"/inbox/\d+/", "/inbox/EVENT/", text)
    path = Path(__file__).parent / "golden" / f"{name}.txt"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert text == path.read_text(encoding="utf-8")


@pytest.fixture
def long_ago(monkeypatch):
    """Write events of one morning, so that mails say the same every day."""
    monkeypatch.setattr("tasks.services.timezone.now", lambda: MORNING)


def test_one_task(acme, long_ago):
    task = new_task(acme, actor=acme.bob, title="Rotate the signing keys")
    comment(task, "@carol, can you look at this? **Friday** is the day.", actor=acme.bob)
    mail = compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task]))
    golden("one_task", mail)


def test_a_burst_on_one_task_is_folded(acme, long_ago):
    task = new_task(acme, actor=acme.carol, title="Rotate the signing keys")
    for number in range(20):
        comment(task, f"Step {number}", actor=acme.bob)
        move(task, ("in_progress", "open")[number % 2], actor=acme.alice)
    mail = compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=[task]))
    assert mail.subject == "ACME-1 Rotate the signing keys"
    golden("burst", mail)


def test_several_tasks_at_once(acme, long_ago):
    tasks = [new_task(acme, actor=acme.bob, title=f"Ring {number}") for number in range(4)]
    for task in tasks:
        assign(task, acme.carol, actor=acme.bob)
    golden("several_tasks", compose(delivery_for(acme.carol, acme, kind=AT_ONCE, tasks=tasks)))


def test_a_digest(acme, globex, long_ago):
    globex.join("carol")
    foreign = new_task(globex, actor=globex.hank, title="Call the bank")
    tasks = [new_task(acme, actor=acme.carol, title=title) for title in ("Fix the door", "أصلح الباب 🚪")]
    comment(tasks[0], "Done by noon.", actor=acme.bob)
    rename(tasks[1], "أصلح الباب الأخضر 🚪", actor=acme.bob)
    move(tasks[1], "done", actor=acme.bob)
    comment(foreign, "@carol?", actor=globex.hank)
    golden("digest", compose(delivery_for(acme.carol, acme, globex)))
