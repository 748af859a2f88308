"""The list and the board as they were: at each moment what the live ones were then."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from hypothesis import strategies as st

from base.errors import DomainError
from tasks import as_they_were, commands
from tasks.board import board, board_of
from tasks.listing import open_count, task_page
from tasks.models import Task
from tasks.services import execute
from tests.examples import examples
from tests.tasks.acme import Role, found, label, move, new_task, rename

LIST, BOARD = "/orgs/acme/tasks/", "/orgs/acme/board/"
START = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
FILTERS = (
    {},
    {"status": "all"},
    {"status": "archived"},
    {"status": "done", "assignee": "none"},
    {"assignee": "@bob", "status": "all", "sort": "-assignee"},
    {"label": "mail", "status": "all", "sort": "due"},
    {"status": "all", "sort": "changed"},
    {"status": "all", "sort": "assignee"},
    {"status": "all", "sort": "-status"},
)

wishes = st.one_of(
    st.tuples(st.just(commands.RenameTask), st.fixed_dictionaries({"title": st.sampled_from("ab")})),
    st.tuples(
        st.just(commands.ChangeStatus),
        st.fixed_dictionaries({"status": st.sampled_from(["open", "in_progress", "done", "cancelled"])}),
    ),
    st.tuples(
        st.just(commands.AssignTask),
        st.fixed_dictionaries({"assignee_id": st.sampled_from(["alice", "bob", None])}),
    ),
    st.tuples(
        st.just(commands.SetDueDate),
        st.fixed_dictionaries({"due_date": st.sampled_from([None, START.date()])}),
    ),
    st.tuples(
        st.just(commands.SetLabels),
        st.fixed_dictionaries({"labels": st.sampled_from([[], ["mail"], ["mail", "tür"]])}),
    ),
    st.tuples(st.just(commands.CommentOnTask), st.just({"text": "Hm."})),
    st.tuples(st.just(commands.ArchiveTask), st.just({})),
    st.tuples(st.just(commands.RestoreTask), st.just({})),
)
steps = st.lists(st.tuples(st.integers(0, 3), wishes), min_size=1, max_size=12)


FIELDS = (
    "number",
    "title",
    "status",
    "assignee_id",
    "due_date",
    "labels",
    "archived",
    "version",
    "updated_at",
    "key",
)


def shown(tasks):
    return [tuple(getattr(task, field) for field in FIELDS) for task in tasks]


def live(membership):
    lists = [shown(task_page(membership, filters, "1").page) for filters in FILTERS]
    columns, _ = board(membership, {})
    return (
        lists,
        [(shown(each.tasks), each.total) for each in columns],
        open_count(membership.organization_id),
    )


def as_it_was(membership, place):
    states = as_they_were.states_at(place)
    lists = [shown(as_they_were.page_of(membership, states, filters, "1")) for filters in FILTERS]
    columns = [(shown(each.tasks), each.total) for each in board_of(membership, states, {})]
    return lists, columns, as_they_were.open_count_of(states)


@pytest.mark.django_db
@settings(
    max_examples=examples(15, again=5),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@for_all(steps=steps)
def test_at_every_moment_it_is_what_it_was_then(db, steps):
    with transaction.atomic():
        team = found("acme", alice=Role.OWNER, bob=Role.ADMIN)
        found("globex", gina=Role.OWNER)
        membership = team.membership(team.alice)
        lived = []
        for minute, (place, (command, fields)) in enumerate(steps):
            now = START + dt.timedelta(minutes=minute)
            ids = Task.objects.order_by("number").values_list("pk", flat=True)
            fields = dict(fields)
            if name := fields.get("assignee_id"):
                fields["assignee_id"] = getattr(team, name).pk
            try:
                if place >= len(ids):
                    wish = commands.CreateTask(organization_id=team.pk, title="A task")
                else:
                    wish = command(task_id=ids[place], **fields)
                execute(wish, actor=team.bob, now=now)
            except DomainError:
                pass
            lived.append((now, live(membership)))
        for now, lists in lived:
            place = as_they_were.place_at(team.pk, now)
            assert as_it_was(membership, place) == lists
            assert as_it_was(membership, as_they_were.place_after(team.pk, place.position)) == lists
        transaction.set_rollback(True)


@pytest.fixture
def past(acme):
    """On the 20th a task with another title, on the 21st what it is today; and the moments between."""
    task = new_task(acme, actor=acme.alice, title="As it began")
    before = timezone.now()
    rename(task, "As it is", actor=acme.alice)
    move(task, "done", actor=acme.alice)
    label(task, "mail", actor=acme.alice)
    return before


@pytest.mark.django_db
class TestThePages:
    @pytest.mark.parametrize("url", [LIST, BOARD])
    def test_show_titles_as_they_were_and_offer_no_change(self, acme, bob, past, url):
        then = bob.get(url, {"at": past.isoformat()})
        html = then.content.decode().split("<main")[1].split("</main>")[0]
        assert "As it began" in html
        assert "As it is<" not in html
        assert "?version=1" in html
        for control in (
            "draggable",
            'method="post" action="/orgs/',
            "field-editors",
            "New task",
            "task-rows",
        ):
            assert control not in html
        assert "Back to now" in html

    @pytest.mark.parametrize("url", [LIST, BOARD])
    def test_go_through_the_log_by_days_and_by_changes(self, bob, past, url):
        page = bob.get(url, {"position": "2", "assignee": "none"})
        bar = page.context["past"]
        assert (bar["place"].position, bar["place"].head) == (2, 4)
        assert "Alice renamed ACME-1" in bar["sentence"]
        assert (bar["previous_day"], bar["next_day"]) == (None, None)  # all of it was today
        html = page.content.decode()
        assert 'name="position"' in html
        assert html.count('name="assignee" value="none"') == 2

    def test_before_the_first_event_there_is_nothing(self, bob, past):
        page = bob.get(LIST, {"at": "2020-01-01"})
        assert (list(page.context["page"]), page.context["past"]["place"].position) == ([], 0)
        assert "Nothing had happened yet" in page.content.decode()

    def test_beyond_the_last_it_is_as_it_is(self, bob, past):
        for query in ({"position": "99"}, {"at": "2999-01-01"}):
            page = bob.get(LIST, query | {"status": "all"})
            assert [task.title for task in page.context["page"]] == ["As it is"]

    @pytest.mark.parametrize(
        "query", [{"at": "x"}, {"at": "2026-02-30"}, {"position": "-1"}, {"position": "x"}]
    )
    @pytest.mark.parametrize("url", [LIST, BOARD])
    def test_what_is_no_moment_is_refused_in_words(self, bob, past, url, query):
        page = bob.get(url, query)
        assert page.status_code == 400
        assert "That is not a time" in page.content.decode()

    @pytest.mark.parametrize("url", [LIST, BOARD])
    def test_a_log_too_large_says_so(self, bob, past, url, monkeypatch):
        monkeypatch.setattr(as_they_were, "MOST", 3)
        assert bob.get(url, {"position": "3"}).status_code == 200
        page = bob.get(url, {"position": "4"})
        assert page.status_code == 422
        assert "By then 4 things had happened here" in page.content.decode()

    def test_a_strangers_past_is_not_to_be_seen(self, acme, globex, bob, past):
        assert bob.get("/orgs/globex/tasks/", {"at": "2026-11-20"}).status_code == 404
