"""The bell: the newest threads, and what is unread of each."""

import pytest

from inbox import marks
from inbox.bell import ROWS, bell_rows
from inbox.org_inboxes import org_inboxes
from inbox.states import Act
from orgs.models import Membership
from tests.inbox.acts import mark_read
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db


def shown(user, **how):
    return [(row.event_id, list(row.unread)) for row in bell_rows(user.pk, org_inboxes(user.pk), **how)]


def test_a_thread_is_one_row_with_what_is_unread_of_it(acme):
    one, other = new_task(acme, actor=acme.alice), new_task(acme, actor=acme.alice)
    first, second = comment(one, actor=acme.alice).pk, comment(other, actor=acme.alice).pk
    third = comment(one, "Verified on staging", actor=acme.alice).pk
    mark_read(acme.bob.pk, [first])
    created = first - 2
    assert shown(acme.bob) == [(third, [third, created]), (second, [second, second - 2])]
    mark_read(acme.bob.pk, [second, second - 2])
    assert shown(acme.bob, unread=True) == [(third, [third, created])]
    newest, _ = bell_rows(acme.bob.pk, org_inboxes(acme.bob.pk))
    assert newest.said == "Alice: “Verified on staging”"


def test_it_shows_ten(acme):
    tasks = [new_task(acme, actor=acme.alice) for _ in range(ROWS + 2)]
    found = bell_rows(acme.bob.pk, org_inboxes(acme.bob.pk))
    assert [row.stream_id for row in found] == [str(task.pk) for task in reversed(tasks)][:ROWS]


def test_what_is_put_aside_and_what_was_left_is_not_there(acme, globex):
    globex.join("bob")
    new_task(globex, actor=globex.gina)
    done = comment(new_task(acme, actor=acme.alice), actor=acme.alice).pk
    Membership.objects.filter(organization_id=globex.pk, user=acme.bob).delete()
    marks.mark(acme.bob.pk, Act.DONE, [done - 1, done])
    assert shown(acme.bob) == []


def test_one_act_marks_what_it_shows_and_nothing_that_came_later(acme):
    task = new_task(acme, actor=acme.alice)
    bob = signed_in(acme.bob)
    page = bob.get("/orgs/").content.decode()
    form = page.split('id="bell-mark"')[1].split("</form>")[0]
    assert "Mark this read" in form
    named = page.split('name="threads"')[1].split('value="')[1].split('"')[0]
    later = comment(task, actor=acme.alice).pk
    bob.post("/inbox/mark/", {"act": "read-threads", "threads": named, "q": ""})
    assert shown(acme.bob) == [(later, [later])]


def test_its_rows_can_be_read_alone(acme):
    read = comment(new_task(acme, actor=acme.alice), actor=acme.alice).pk
    mark_read(acme.bob.pk, [read - 1, read])
    bob = signed_in(acme.bob)
    everything, unread = (bob.get(f"/inbox/bell/?show={show}").content.decode() for show in ("", "unread"))
    assert f'href="/inbox/{read}/"' in everything
    assert "<html" not in everything
    assert "bell-row" not in unread
    assert "Nothing unread." in unread
