"""Tasks for programs: the same rules as pages, with answers that say what happened."""

import pytest

from events.models import TaskEvent
from tasks.listing import task_page
from tasks.models import Task
from tests.api.answers import is_problem
from tests.api.calling import called
from tests.tasks.acme import assign, describe, label, move, new_task, rename
from tests.tasks.invariants import assert_the_fold_is_the_row

pytestmark = pytest.mark.django_db

TASKS = "/api/v1/orgs/acme/tasks"


@pytest.fixture
def api(acme):
    return called(acme.bob)


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


class TestCreating:
    def test_answers_with_the_task_its_events_and_where_it_is(self, acme, api):
        body = {
            "title": "Mend it",
            "assignee": acme.carol.pk,
            "due_date": "2026-11-30",
            "labels": ["Mail", "a"],
        }
        made = api.post(TASKS, body)
        assert made.status_code == 201, made.json()
        task, events = made.json()["task"], made.json()["events"]
        assert (made.status_code, made["Location"], made["ETag"]) == (201, f"{TASKS}/1", '"4"')
        assert (task["key"], task["title"], task["status"], task["labels"]) == (
            "ACME-1",
            "Mend it",
            "open",
            ["a", "mail"],
        )
        assert task["assignee"] == {"id": acme.carol.pk, "username": "carol", "name": acme.carol.display_name}
        assert (task["due_date"], task["description"], task["version"]) == ("2026-11-30", "", 4)
        assert [event["action"] for event in events] == [
            "created",
            "assignee_changed",
            "due_date_changed",
            "labels_changed",
        ]
        assert {event["type"] for event in events} == {"task_event"}
        assert events[-1]["save"]["events"] == [event["event_id"] for event in events]
        assert api.get(made["Location"]).json() == task
        assert_the_fold_is_the_row(task["id"])

    @pytest.mark.parametrize(
        ("body", "at"),
        [
            ({}, "body.title"),
            ({"title": "  "}, "body.title"),
            ({"title": "x" * 201}, "body.title"),
            ({"title": 5}, "body.title"),
            ({"title": "a", "description": "x" * 20_001}, "body.description"),
            ({"title": "a", "assignee": 10**6}, "body.assignee"),
            ({"title": "a", "assignee": 10**30}, "body.assignee"),
            ({"title": "a", "assignee": "bob"}, "body.assignee"),
            ({"title": "a", "due_date": "2026-02-30"}, "body.due_date"),
            ({"title": "a", "labels": ["x" * 31]}, "body.labels"),
            ({"title": "a", "labels": ["a,b"]}, "body.labels"),
            ({"title": "a", "labels": [" "]}, "body.labels"),
            ({"title": "a", "labels": [str(n) for n in range(11)]}, "body.labels"),
            ({"title": "a", "labels": "mail"}, "body.labels"),
            ({"title": "a", "labels": [None]}, "body.labels[0]"),
            ({"title": "a", "label": "mail"}, "body.label"),
        ],
    )
    def test_a_refusal_names_the_field(self, api, body, at):
        problem = is_problem(api.post(TASKS, body), 422, "unprocessable")
        assert problem["errors"][0]["at"] == at
        assert not TaskEvent.objects.exists()

    def test_a_stranger_is_nobody_to_assign_to(self, api, globex):
        problem = is_problem(
            api.post(TASKS, {"title": "a", "assignee": globex.gina.pk}), 422, "unprocessable"
        )
        assert problem["errors"] == [{"at": "body.assignee", "detail": problem["detail"]}]

    def test_viewers_may_not(self, acme):
        is_problem(called(acme.vera).post(TASKS, {"title": "a"}), 403, "forbidden")


class TestChanging:
    def test_several_fields_are_one_save(self, acme, api, task):
        body = {"title": "Paint it", "status": "in_progress", "assignee": acme.bob.pk, "description": "Red"}
        done = api.patch(f"{TASKS}/1", body, headers={"If-Match": '"1"'})
        events = done.json()["events"]
        assert (done.status_code, done["ETag"], len(events)) == (200, '"5"', 4)
        assert list(TaskEvent.objects.order_by("pk").values_list("parts", flat=True)) == [1, 0, 0, 0, 4]
        assert done.json()["task"] | body | {"assignee": None} == done.json()["task"] | {"assignee": None}
        assert_the_fold_is_the_row(task.pk)

    def test_no_change_is_200_without_events(self, api, task):
        done = api.patch(f"{TASKS}/1", {"title": task.title, "status": "open", "archived": False})
        assert (done.status_code, done.json()["events"], done["ETag"]) == (200, [], '"1"')
        assert api.patch(f"{TASKS}/1", {}).json()["events"] == []

    def test_null_takes_away_what_may_be_missing(self, acme, api, task):
        assign(task, acme.carol, actor=acme.alice)
        assert (
            api.patch(f"{TASKS}/1", {"assignee": None, "due_date": None}).json()["task"]["assignee"] is None
        )
        problem = is_problem(api.patch(f"{TASKS}/1", {"title": None}), 422, "unprocessable")
        assert problem["errors"][0]["at"] == "body.title"

    @pytest.mark.parametrize("body", [{"title": "Mine"}, {}])
    def test_a_stale_version_is_412_and_says_who_changed_what(self, acme, api, task, body):
        rename(task, "Theirs", actor=acme.carol)
        problem = is_problem(api.patch(f"{TASKS}/1", body, headers={"If-Match": '"1"'}), 412, "stale")
        assert "Carol renamed it from “Fix the door” to “Theirs”" in problem["detail"]
        assert Task.objects.get().title == "Theirs"

    def test_a_version_that_never_was_is_412_too(self, api, task):
        is_problem(api.patch(f"{TASKS}/1", {"title": "a"}, headers={"If-Match": '"9"'}), 412, "stale")
        is_problem(api.patch(f"{TASKS}/1", {"title": "a"}, headers={"If-Match": "abc"}), 400, "invalid")
        assert api.patch(f"{TASKS}/1", {"title": "a"}, headers={"If-Match": "*"}).status_code == 200

    def test_archived_tasks_are_restored_first(self, api, task):
        assert api.patch(f"{TASKS}/1", {"title": "Last", "archived": True}).json()["task"]["archived"] is True
        problem = is_problem(api.patch(f"{TASKS}/1", {"title": "a"}), 409, "conflict")
        assert "Restore it first" in problem["detail"]
        done = api.patch(f"{TASKS}/1", {"title": "a", "archived": False}).json()
        assert [event["action"] for event in done["events"]] == ["restored", "renamed"]

    def test_a_bogus_status_is_refused_in_words(self, api, task):
        problem = is_problem(api.patch(f"{TASKS}/1", {"status": "bogus"}), 422, "unprocessable")
        assert problem["errors"][0]["at"] == "body.status"
        assert "Choose open, in progress, done or cancelled" in problem["detail"]


class TestOne:
    def test_as_it_was(self, acme, api, task):
        describe(task, "Hinges", actor=acme.alice)
        before = TaskEvent.objects.get(version=2).created_at
        move(task, "done", actor=acme.bob)
        then = api.get(f"{TASKS}/1?version=2")
        assert (then.json()["status"], then.json()["description"], then["ETag"]) == ("open", "Hinges", '"2"')
        assert api.get(f"{TASKS}/1", {"at": before.isoformat()}).json() == then.json()
        assert api.get(f"{TASKS}/1?version=3").json() == api.get(f"{TASKS}/1").json()

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ("version=4", 404, "not_found"),
            ("at=1999-01-01", 404, "not_found"),
            ("version=0", 400, "invalid"),
            ("version=a", 400, "invalid"),
            (f"version={10**30}", 400, "invalid"),
            ("at=yesterday", 400, "invalid"),
            ("at=2026-01-01&version=1", 400, "invalid"),
            ("version=1&version=1", 400, "invalid"),
            ("verzion=1", 400, "invalid"),
        ],
    )
    def test_what_it_never_was(self, api, task, query, status, code):
        is_problem(api.get(f"{TASKS}/1?{query}"), status, code)

    @pytest.mark.parametrize("number", ["2", "0", "9" * 18, "9" * 30, "2147483648"])
    def test_no_such_number(self, api, task, number):
        for address in ("", "/comments", "/events", "/watch", f"/comments/{number}"):
            is_problem(api.get(f"{TASKS}/{number}{address}"), 404, "not_found")
        is_problem(api.patch(f"{TASKS}/{number}", {"title": "a"}), 404, "not_found")
        is_problem(api.get(f"{TASKS}/1/comments/{number}"), 404, "not_found")
        is_problem(api.delete(f"{TASKS}/1/comments/{number}"), 404, "not_found")

    def test_its_history_in_pages(self, acme, api, task):
        for title in "abcde":
            rename(task, title, actor=acme.alice)
        first = api.get(f"{TASKS}/1/events?limit=4").json()
        second = api.get(first["next"]).json()
        assert [event["version"] for event in first["items"] + second["items"]] == [1, 2, 3, 4, 5, 6]
        assert second["next"] is None


class TestTheList:
    def test_goes_through_all_in_any_order(self, acme, api, subtests):
        tasks = [new_task(acme, actor=acme.alice, title=title) for title in ("b", "C", "a", "a", "d")]
        assign(tasks[1], acme.carol, actor=acme.bob)
        assign(tasks[3], acme.alice, actor=acme.bob)
        move(tasks[0], "in_progress", actor=acme.bob)
        for order in ("key", "title", "status", "assignee", "due", "changed"):
            for asked in (order, f"-{order}"):
                with subtests.test(order=asked):
                    page, _ = task_page(acme.membership(acme.bob), {"sort": asked}, "1")
                    assert through(api, f"{TASKS}?order={asked}&limit=3") == [row.number for row in page]

    def test_filters_as_the_page_does(self, acme, api):
        mine, other, done = (
            new_task(acme, actor=acme.alice, title=title) for title in ("mail", "door", "roof")
        )
        assign(mine, acme.bob, actor=acme.alice)
        label(other, "wood", actor=acme.alice)
        move(done, "done", actor=acme.alice)
        for query, found in {
            "": [2, 1],
            "status=active": [2, 1],
            "status=done": [3],
            "status=all": [3, 2, 1],
            "status=archived": [],
            "assignee=me": [1],
            f"assignee={acme.bob.pk}": [1],
            "assignee=@bob": [1],
            "assignee=none": [2],
            "label=wood": [2],
            "q=door": [2],
            "q=nothing": [],
        }.items():
            assert numbers(api.get(f"{TASKS}?{query}").json()) == found, query

    def test_as_it_was(self, acme, api):
        first, _ = (new_task(acme, actor=acme.alice, title=title) for title in "ab")
        moment = TaskEvent.objects.order_by("pk").last().created_at
        move(first, "done", actor=acme.alice)
        assert numbers(api.get(TASKS).json()) == [2]
        then = api.get(TASKS, {"at": moment.isoformat(), "limit": 1}).json()
        assert then["items"][0]["title"] == "b"
        assert numbers(api.get(then["next"]).json()) == [1]
        assert api.get(TASKS, {"at": "1999-01-01"}).json()["items"] == []

    @pytest.mark.parametrize(
        ("query", "at"),
        [
            ("status=bogus", "query.status"),
            ("assignee=nobody_here", "query.assignee"),
            ("order=size", "query.order"),
            ("limit=0", "query.limit"),
            ("limit=101", "query.limit"),
            (f"limit={10**30}", "query.limit"),
            ("at=soon", "query.at"),
            ("next=abc", "query.next"),
            ("page=2", "query.page"),
            ("q=" + "+".join("abcdefghijklmnopqrstuv" * 5), "query.q"),
            (f"assignee={10**30}", "query.assignee"),
        ],
    )
    def test_nonsense_is_named(self, api, query, at):
        assert is_problem(api.get(f"{TASKS}?{query}"), 400, "invalid")["errors"][0]["at"] == at

    def test_the_end_of_another_order_is_no_place(self, acme, api):
        for title in "ab":
            new_task(acme, actor=acme.alice, title=title)
        following = api.get(f"{TASKS}?limit=1").json()["next"]
        is_problem(api.get(f"{following}&order=title"), 400, "invalid")

    def test_costs_the_same_however_many(self, acme, api, django_assert_max_num_queries):
        for number in range(12):
            new_task(acme, actor=acme.alice, title=str(number), assignee_id=acme.carol.pk)
        with django_assert_max_num_queries(6):
            assert len(api.get(TASKS).json()["items"]) == 12


def numbers(page):
    return [task["number"] for task in page["items"]]


def through(api, address):
    found = []
    while address:
        page = api.get(address)
        assert (page.json()["next"] is not None) == ("Link" in page)
        found += numbers(page.json())
        address = page.json()["next"]
    return found
