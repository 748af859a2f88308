"""The board: a column for each status, with what is unread for its reader."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox.models import Notification
from inbox.states import State
from tasks import board, commands
from tests.tasks.acme import assign, carry_out, comment, move, new_task, signed_in

pytestmark = pytest.mark.django_db
BOARD, LIST = "/orgs/acme/board/", "/orgs/acme/tasks/"


def columns(page):
    return {each.status: [task.number for task in each.tasks] for each in page.context["board"]}


def test_tasks_stand_under_their_status_newest_first(acme, bob):
    tasks = [new_task(acme, actor=acme.alice) for _ in range(4)]
    move(tasks[1], "done", actor=acme.alice)
    carry_out(commands.ArchiveTask(task_id=tasks[2].pk), actor=acme.alice)
    assign(tasks[3], acme.carol, actor=acme.alice)
    everything = {"open": [4, 1], "in_progress": [], "done": [2], "cancelled": []}
    assert columns(bob.get(BOARD)) == everything
    assert columns(bob.get(BOARD, {"assignee": "@carol"}))["open"] == [4]
    assert columns(bob.get(BOARD, {"q": "ACME-2"}))["done"] == [2]


def test_a_long_column_leads_to_the_list(acme, bob, monkeypatch):
    monkeypatch.setattr(board, "CARDS", 2)
    for _ in range(3):
        new_task(acme, actor=acme.alice)
    page = bob.get(BOARD)
    assert columns(page)["open"] == [3, 2]
    assert f'href="{LIST}?status=open">Show all 3 in the list' in page.content.decode()


@pytest.mark.parametrize("url", [BOARD, LIST])
def test_a_dot_where_something_is_unread_for_the_reader_in_one_query(acme, bob, url):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            page = bob.get(url)
        shown = (
            page.context["page"]
            if url == LIST
            else [task for each in page.context["board"] for task in each.tasks]
        )
        return len(queries), {task.number: task.unread for task in shown}

    first = new_task(acme, actor=acme.bob)
    event = comment(first, actor=acme.alice)
    few, unread = cost()
    assert unread == {1: [event.pk]}
    others = [new_task(acme, actor=acme.bob) for _ in range(5)]
    newest = [comment(task, actor=acme.alice).pk for task in others]
    Notification.objects.filter(recipient=acme.bob, event_id=event.pk).update(state=State.READ)
    many, unread = cost()
    assert many == few
    assert unread == {1: [], **{2 + place: [pk] for place, pk in enumerate(newest)}}


def test_a_viewer_moves_nothing(acme):
    new_task(acme, actor=acme.alice)
    html = signed_in(acme.vera).get(BOARD).content.decode()
    assert "card-move" not in html
    assert "draggable" not in html
