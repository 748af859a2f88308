"""During a deploy the log may hold what only a newer release can read: every page shows it as such, and none breaks."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from events.models import LogHead, TaskEvent
from inbox.models import Notification
from tests.events.audited import stored
from tests.events.test_tampering import put
from tests.factories import UserFactory
from tests.tasks.acme import comment, move, new_task, signed_in
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

SENTENCE = "Alice did something to ACME-1 that this version cannot show"
ON_ITS_PAGE = "did something to"


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


@pytest.fixture
def event(acme, task):
    """Alice labelled it, and Bob was told; the log's head knows."""
    event = stored(task, "labelled", {"label": "red"}, position=2)
    LogHead.objects.update(position=2, digest=event.digest)
    Notification.objects.create(recipient=acme.bob, event=event, organization=acme.organization, reason="org")
    return event


def page(user, address, **query):
    response = signed_in(user).get(address, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_task_and_its_past(acme, task, event):
    address = reverse("tasks:detail", args=("acme", 1))
    assert ON_ITS_PAGE in page(acme.bob, address)
    assert "cannot show" in page(acme.bob, address)
    for version in ("1", "2"):
        assert "Fix the door" in page(acme.bob, address, version=version)


def test_a_task_that_began_in_a_newer_release_is_not_changed(acme):
    task = new_task(acme, actor=acme.alice)
    with without_triggers():
        put(TaskEvent.objects.get(), action="founded")
    response = signed_in(acme.bob).post(
        reverse("tasks:status", args=("acme", 1)), {"status": "done"}, follow=True
    )
    assert response.status_code == 200
    assert "cannot read how the task began" in response.content.decode()
    assert TaskEvent.objects.filter(stream_id=task.pk).count() == 1


def test_lists(acme, task, event):
    assert "Fix the door" in page(acme.bob, reverse("tasks:list", args=("acme",)))
    assert "cannot show" in page(acme.bob, reverse("tasks:history", args=("acme",)))


def test_the_inbox_and_the_bell(acme, event):
    assert "cannot show" in page(acme.bob, reverse("inbox:list"))
    response = signed_in(acme.bob).get(reverse("inbox:open", args=(event.pk,)))
    assert response.headers["Location"].startswith("/orgs/acme/tasks/1/")


def test_frames(acme, event):
    for address in ("/api/orgs/acme/notifications/", "/api/users/me/notifications/"):
        frame = signed_in(acme.bob).get(address).json()["items"][-1]
        assert (frame["action"], frame["details"]) == ("labelled", {"label": "red"})
        assert frame["sentence"] == SENTENCE


def test_the_administration(acme, event):
    auditor = UserFactory(username="auditor", is_staff=True, is_superuser=True)
    for address in ("/admin/events/taskevent/", f"/admin/events/taskevent/{event.pk}/change/"):
        assert "cannot show" in page(auditor, address)


def test_work_goes_on(acme, task, event):
    put(LogHead.objects.get(), position=event.position)
    assert move(task, "done", actor=acme.bob).version == 3
    assert comment(task, "Hm.", actor=acme.bob).version == 4


def test_a_task_that_begins_with_what_nobody_here_can_read(acme, task):
    comment(task, "Hm.", actor=acme.bob)
    with without_triggers():
        put(TaskEvent.objects.get(position=1), schema_version=9)
    address = reverse("tasks:detail", args=("acme", 1))
    assert "cannot show" in page(acme.bob, address)
    assert "cannot show" in page(acme.bob, reverse("tasks:history", args=("acme",)))
    with pytest.raises(SystemExit):
        call_command("audit_history")
