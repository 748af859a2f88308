"""The frame of every page: counts, the bell, and where the browser's sockets go on from."""

import importlib
import json
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import TaskEvent
from inbox.context_processors import shell
from inbox.models import Notification
from inbox.org_inboxes import joined_cursors, org_inboxes
from inbox.reasons import labels
from tasks.statuses import LABELS
from tests.inbox.acts import mark_read
from tests.orders.subject import ORDER
from tests.tasks.acme import assign, comment, new_task, signed_in

pytestmark = pytest.mark.django_db


def boot_of(page):
    return json.loads(
        re.search(r'id="carillon-boot"[^>]*>(.*?)</script>', page.content.decode(), re.DOTALL)[1]
    )


def test_the_boot_data_say_where_the_page_stands(acme, globex):
    globex.join("bob")
    new_task(acme, actor=acme.alice)
    boot = boot_of(signed_in(acme.bob).get("/inbox/"))
    assert boot == {
        "user_id": acme.bob.pk,
        "unread": {"total": 1, "orgs": {str(acme.pk): 1, str(globex.pk): 0}},
        "at": {str(acme.pk): 1, str(globex.pk): 0},
        "revision": 0,
        "cursor": joined_cursors(org_inboxes(acme.bob.pk)),
        "org": None,
        "orgs": {
            str(acme.pk): {"slug": "acme", "name": "Acme", "quiet": ["org"]},
            str(globex.pk): {"slug": "globex", "name": "Globex", "quiet": ["org"]},
        },
        "reasons": labels(),
        "words": {"statuses": LABELS, **ORDER.boot},
        "login_url": "/accounts/login/",
        "csrf_cookie": "csrftoken",
        "push": False,
    }


@pytest.mark.parametrize(
    ("url", "follows"),
    [
        ("/orgs/acme/tasks/", True),
        ("/orgs/acme/tasks/1/", True),
        ("/orgs/acme/tasks/1/edit/", False),
        ("/orgs/acme/members/", False),
        ("/orgs/", False),
        ("/inbox/", False),
    ],
)
def test_pages_that_live_by_a_log_follow_it(acme, url, follows):
    new_task(acme, actor=acme.alice)
    org = boot_of(signed_in(acme.bob).get(url))["org"]
    (place,) = org_inboxes(acme.bob.pk)
    assert org == ({"id": acme.pk, "slug": "acme", "cursor": str(place.cursor)} if follows else None)


@pytest.mark.parametrize(
    ("url", "reads_its_list"),
    [
        ("/orgs/acme/tasks/", "tasks.list_views.task_page"),
        ("/orgs/acme/tasks/1/", "tasks.detail_page.timeline_shown"),
        ("/inbox/", "inbox.thread_rows.rows_of"),
    ],
)
def test_what_happens_while_a_page_is_made_comes_after_its_cursor(acme, monkeypatch, url, reads_its_list):
    """Otherwise it would fall between the list and the socket that goes on from the cursor. A task's page that reads
    notifications reads its list once more: after that counts."""
    task = new_task(acme, actor=acme.alice)
    module, name = reads_its_list.rsplit(".", 1)
    original = getattr(importlib.import_module(module), name)
    late = []

    def read_and_then_somebody_writes(*arguments):
        answer = original(*arguments)
        late.append(comment(task, actor=acme.alice))
        return answer

    monkeypatch.setattr(reads_its_list, read_and_then_somebody_writes)
    boot = boot_of(signed_in(acme.bob).get(url))
    ((org_id, position, _),) = [cursor.split(".") for cursor in boot["cursor"].split(",")]
    assert (int(org_id), int(position)) == (acme.pk, late[-1].position - 1)
    assert boot["at"] == {org_id: int(position)}
    if boot["org"]:
        assert boot["org"]["cursor"] == boot["cursor"]


@pytest.mark.parametrize(
    ("url", "visited", "leads_to"),
    [
        ("/inbox/", None, "acme"),
        ("/inbox/", "globex", "globex"),
        ("/inbox/", "left-long-ago", "acme"),
        ("/orgs/globex/members/", "acme", "globex"),
    ],
)
def test_the_bar_leads_about_in_the_organization_last_visited(acme, globex, url, visited, leads_to):
    globex.join("bob")
    bob = signed_in(acme.bob)
    if visited:
        bob.cookies["organization"] = visited
    page = bob.get(url).content.decode()
    assert re.search(rf'href="/orgs/{leads_to}/tasks/"\s+data-go="tasks"', page)


def test_names_cannot_break_out_of_the_boot_data(acme):
    acme.organization.name = "</script><script>alert(1)</script>"
    acme.organization.save()
    page = signed_in(acme.bob).get("/orgs/")
    assert "<script>alert" not in page.content.decode()
    assert boot_of(page)["orgs"][str(acme.pk)]["name"] == acme.organization.name


def test_the_count_stands_in_the_title(acme):
    task = new_task(acme, actor=acme.alice)
    event = comment(task, actor=acme.alice)
    bob = signed_in(acme.bob)
    assert "<title>(2) " in bob.get("/orgs/").content.decode()
    mark_read(acme.bob.pk, [event.pk])
    assert "<title>(1) " in bob.get("/orgs/").content.decode()
    mark_read(acme.bob.pk, list(TaskEvent.objects.values_list("pk", flat=True)))
    assert "<title>Organizations" in bob.get("/orgs/").content.decode()


def test_a_large_count_is_capped(acme):
    """And what points to an event that is not there, as an old backup's rows may, breaks no page."""
    Notification.objects.bulk_create(
        Notification(recipient=acme.bob, event_id=number, organization=acme.organization, reason="org")
        for number in range(1, 1_101)
    )
    page = signed_in(acme.bob).get("/orgs/")
    assert "<title>(999+) " in page.content.decode()
    assert page.context["unread_total"] == 1000


def test_the_signed_out_have_no_frame(rf):
    request = rf.get("/accounts/login/")
    assert shell(request) == {}
    request.user = AnonymousUser()
    assert shell(request) == {}


def test_the_admin_has_its_own(rf, acme, django_assert_num_queries):
    request = rf.get("/admin/")
    request.user = acme.alice
    with django_assert_num_queries(0):
        assert shell(request) == {}


def test_the_frame_costs_three_queries_whatever_there_is(acme, globex, rf):
    """Standings, the bell with all that it tells of, and the names of people who did none of it."""
    globex.join("bob")
    for team, actor in ((acme, acme.alice), (globex, globex.gina)):
        for number in range(5):
            task = new_task(team, actor=actor, description="@bob")
            comment(task, "@bob", actor=actor)
            if number % 2:
                assign(task, team.carol if team is acme else globex.hank, actor=actor)
    for _ in range(2):  # the first also notes the visit
        request = rf.get("/orgs/")
        request.user = acme.bob
        with CaptureQueriesContext(connection) as queries:
            shell(request)
    assert len(queries) == 3
