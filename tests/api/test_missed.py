"""All that was addressed to somebody, in pages over several logs: once, in order, at any distance."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox import replay_plan
from inbox.models import Notification
from tests.factories import MembershipFactory
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db

URL = "/api/v1/events"


def read_all(client, limit, after=None):
    """As a program does that obeys the document: it sends back the cursor of the newest item that it got."""
    items = []
    while True:
        answer = client.get(URL, {"limit": limit} | ({"after": after} if after else {})).json()
        items += answer["items"]
        after = answer["items"][-1]["cursor"] if answer["more"] else answer["cursor"]
        if not answer["more"]:
            return items, after


@pytest.fixture
def reader(acme, globex):
    """Bob, who is a member of both."""
    MembershipFactory(organization_id=globex.pk, user=acme.bob)
    return acme.bob


@pytest.fixture
def told(acme, globex, reader, monkeypatch):
    """So many that no socket would replay them, of two logs in turn."""
    monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 10)
    tasks = [
        (new_task(acme, actor=acme.alice), acme.alice),
        (new_task(globex, actor=globex.gina), globex.gina),
    ]
    for number in range(8):
        for task, actor in tasks:
            comment(task, f"@bob {number}", actor=actor)
    return tasks


def ids(items):
    return [item["event_id"] for item in items]


def rows(user):
    return list(
        Notification.objects.filter(recipient=user).order_by("event_id").values_list("event_id", flat=True)
    )


@pytest.mark.parametrize("limit", [3, 500])
def test_everything_comes_once_and_in_order(reader, told, limit):
    items, after = read_all(signed_in(reader), limit)
    assert ids(items) == rows(reader)
    assert len(items) > replay_plan.RESUME_LIMIT
    for task, actor in told:
        comment(task, "@bob once more", actor=actor)
    more, _ = read_all(signed_in(reader), limit, after)
    assert ids(items + more) == rows(reader)
    assert [item["sentence"] for item in more] == [
        f"{actor.display_name} commented on {task.key}" for task, actor in told
    ]


def test_the_cursor_of_each_item_is_enough(acme, globex, reader):
    client = signed_in(reader)
    tasks = [
        (new_task(acme, actor=acme.alice), acme.alice),
        (new_task(globex, actor=globex.gina), globex.gina),
    ]
    for task, actor in tasks * 3:
        comment(task, "@bob", actor=actor)
    items, _ = read_all(client, 500)
    for number, item in enumerate(items, start=1):
        assert ids(read_all(client, 500, item["cursor"])[0]) == ids(items[number:])


@pytest.mark.parametrize("after", ["1.1.ffffffff", "1.99999.00000000"])
def test_of_another_history_it_is_gone(acme, reader, after):
    comment(new_task(acme, actor=acme.alice), "@bob", actor=acme.alice)
    answer = signed_in(reader).get(URL, {"after": after.replace("1.", f"{acme.pk}.", 1)})
    assert (answer.status_code, answer.json()["code"]) == (410, "another_history")


@pytest.mark.parametrize("after", ["nonsense", "9" * 30, "1.1", ",", "1.1.ffffffff;"])
def test_what_is_no_cursor_is_named(reader, after):
    answer = signed_in(reader).get(URL, {"after": after})
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (400, "query.after")


def test_a_page_costs_the_same_whatever_there_is(reader, told):
    client = signed_in(reader)
    with CaptureQueriesContext(connection) as few:
        client.get(URL, {"limit": 4})
    with CaptureQueriesContext(connection) as many:
        client.get(URL, {"limit": 500})
    assert len(many) <= len(few)
