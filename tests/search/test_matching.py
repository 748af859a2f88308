"""What is found, by the index and by the log itself: the same, and nobody else's."""

from itertools import product

import pytest

from events.models import TaskEvent
from search import matching as matching_module
from search.follower import SearchFollower
from search.index import say_something, words_of
from search.matching import matching
from search.words import Query
from tasks import commands
from tasks.models import Task
from tests.followers.taking import take_all
from tests.tasks.acme import carry_out, comment, describe, move, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(acme, globex):
    """ACME-1, renamed from "Front door" to "Gate", with comments; and the same words in Globex."""
    task = new_task(acme, actor=acme.alice, title="Front door", description="It squeaks")
    comment(task, "Needs oil, says Bob", actor=acme.bob)
    move(task, "in_progress", actor=acme.alice)
    carry_out(commands.RenameTask(task_id=task.pk, title="Gate"), actor=acme.alice)
    comment(task, "Oil is ordered", actor=acme.bob)
    new_task(acme, actor=acme.alice, title="Other thing")
    new_task(globex, actor=globex.gina, title="Front door of Globex", description="oil")
    return task


@pytest.fixture(params=["late", "indexed"])
def index(request, written):
    if request.param == "indexed":
        take_all(SearchFollower())


def tasks(team, text):
    found = Task.objects.filter(matching([team.pk], text).in_streams()).order_by("number")
    return list(found.values_list("number", flat=True))


def positions(teams, text):
    found = TaskEvent.objects.filter(matching([team.pk for team in teams], text).in_events())
    return [event.position for event in found.order_by("organization_id", "position")]


def test_tasks_are_found_by_all_that_was_written_about_them(index, acme, globex):
    assert tasks(acme, "squeaks") == [1]
    assert tasks(acme, "oil") == [1]
    assert tasks(acme, "gate") == [1]
    assert tasks(acme, "front") == [1]  # its title of then
    assert tasks(acme, "gate ordered") == [1]
    assert tasks(acme, "globex") == []
    assert tasks(acme, '"door it"') == []  # no phrase goes from the title into the text
    assert tasks(globex, "oil") == [1]


def test_events_are_found_that_said_it(index, acme, globex):
    assert positions([acme], "oil") == [2, 5]
    assert positions([acme], "gate") == [4, 5]  # the status, which says nothing, is not among them
    assert positions([acme, globex], "front") == [1, 2, 1]
    assert positions([], "front") == []


def test_the_newest_are_found_while_the_index_is_behind(written, acme, monkeypatch):
    take_all(SearchFollower())
    comment(written, "just now", actor=acme.bob)
    assert tasks(acme, "just now") == [1]
    assert matching([acme.pk], "just now").not_searched == 0
    monkeypatch.setattr(matching_module, "LATE", 1)
    comment(written, "and then that", actor=acme.bob)
    assert tasks(acme, "just now") == []
    assert matching([acme.pk], "just now").not_searched == 1


def test_the_index_asks_once_and_looks_at_no_event_when_it_is_not_behind(
    written, acme, django_assert_num_queries
):
    take_all(SearchFollower())
    with django_assert_num_queries(2):
        assert tasks(acme, "oil") == [1]


PIECES = [
    "oil",
    "OIL",
    "oi",
    "ö1",
    "'",
    '"',
    "\\",
    '"gate',
    "&",
    ":*",
    "東京",
    "京東",
    "\x00",
    "<->",
    "NOT",
    "¦",
    "OR",
]


def by_words(query, words):
    return [position for position, said in words.items() if query and query.fits(said)]


def test_the_index_finds_what_the_log_finds(acme, written):
    describe(written, "Oil for 東京; 'oil' & \"gate\" or not", actor=acme.alice)
    searches = [" ".join(pieces) for pieces in product(PIECES, PIECES)]
    events = TaskEvent.objects.filter(organization_id=acme.pk).readable().order_by("position")
    words = {event.position: words_of(event) for event in say_something(list(events))}
    by_the_log = {typed: by_words(Query.parse(typed), words) for typed in searches}
    take_all(SearchFollower())
    assert {typed: positions([acme], typed) for typed in searches} == by_the_log
    assert by_the_log["東京 oi"] == [7]
    assert by_the_log["京東 oi"] == []
