"""The inbox for programs: lists, an inbox as of a moment, why, and counts."""

import datetime as dt
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from events import log
from inbox import marks
from inbox.models import Clearing, Notification
from inbox.org_inboxes import org_inboxes
from inbox.query import Query
from inbox.states import Act
from inbox.wanted import wanted
from orgs.models import User
from tests.api.answers import is_problem
from tests.tasks.acme import assign, comment, new_task, signed_in
from tests.tokens.making import by, new_token

pytestmark = [pytest.mark.django_db, pytest.mark.first]

LIST, COUNTS = "/api/v1/notifications", "/api/v1/notifications/counts"
A_DAY = dt.timedelta(days=1)
SAME = [
    ({}, ""),
    ({"state": "all"}, "is:all"),
    ({"state": "all", "org": "acme", "reason": "mentioned"}, "is:all org:acme reason:mentioned"),
    ({"state": "all", "reason": "mine"}, "is:all reason:mine"),
    ({"state": "all", "q": "-from:alice"}, "is:all -from:alice"),
    ({"q": 'is:done is:saved "ring 1"'}, 'is:done is:saved "ring 1"'),
    ({"q": "task:ACME-1 -reason:mentioned is:all"}, "task:ACME-1 -reason:mentioned is:all"),
    ({"state": "all", "q": "-bell -is:unread"}, "is:all -bell -is:unread"),
]
UNREADABLE = [
    ({"q": "x" * 2_001}, "query.q"),
    ({"limit": "0"}, "query.limit"),
    ({"limit": "101"}, "query.limit"),
    ({"limit": "many"}, "query.limit"),
    ({"before": "9" * 30}, "query.before"),
    ({"before": "-1"}, "query.before"),
    ({"at": "2026-11-20T10:00:00"}, "query.at"),
    ({"at": "yesterday"}, "query.at"),
    ({"state": "unread", "show": "unread"}, "query.show"),
]
UNMEANT = [
    ({"state": "open"}, "query.state"),
    ({"reason": "boredom"}, "query.reason"),
    ({"q": "from:nobody"}, "query.q"),
    ({"q": "org:globe"}, "query.q"),
    ({"q": "is:open"}, "query.q"),
    ({"q": " ".join(f"w{number}" for number in range(100))}, "query.q"),
    ({"at": "0001-01-01T00:00:00+14:00"}, "query.at"),
    ({"at": "9999-12-31T23:59:59-14:00"}, "query.at"),
]


@pytest.fixture
def told(acme, globex):
    """Seven events told to Bob, of two organizations and in all states but snoozed."""
    globex.join("bob")
    task, foreign = new_task(acme, actor=acme.alice), new_task(globex, actor=globex.gina, title="Gina's bell")
    assign(task, acme.bob, actor=acme.alice)
    comments = [comment(task, f"Ring {number}, @bob", actor=acme.alice) for number in range(3)]
    comment(foreign, "Quiet", actor=globex.gina)
    for act, event in zip((Act.READ, Act.DONE, Act.SAVE), comments, strict=True):
        marks.mark(acme.bob.pk, act, [event.pk])
    return list(rows(acme.bob).order_by("event_id").values_list("event_id", flat=True))


@pytest.fixture
def client(acme, told):
    return signed_in(acme.bob)


def rows(user):
    return Notification.objects.filter(recipient=user)


def ids(answer):
    assert answer.status_code == 200, answer.json()
    return [item["event_id"] for item in answer.json()["items"]]


def all_ids(client, address):
    found = []
    while address:
        answer = client.get(address)
        found += ids(answer)
        address = answer.json()["next"]
        assert answer.get("Link") == (f'<{address}>; rel="next"' if address else None)
    return found


class TestLists:
    def test_show_what_the_page_shows_for_the_same_words(self, acme, client):
        for named, words in SAME:
            answer = client.get(LIST, named)
            asked = wanted(Query.parse(words), org_inboxes(acme.bob.pk))
            meant = asked.rows(acme.bob.pk).order_by("-event_id").values_list("event_id", flat=True)
            assert ids(answer) == list(meant), named
            page = client.get("/inbox/", {"q": words}).context["groups"]
            threads = {row.stream_id for group in page for row in group["rows"]}
            assert {item["task_id"] for item in answer.json()["items"]} == threads

    def test_an_item_is_the_frame_of_the_twin_with_more_of_its_notification(self, acme, client):
        twin = client.get("/api/users/me/notifications/").json()
        frames = {item["event_id"]: item for item in twin["items"]}
        for item in client.get(LIST, {"state": "all"}).json()["items"]:
            frame = frames[item["event_id"]]
            # A list goes back, so nobody stands where one of its items is: `cursor` of the answer says where it ends.
            own = ("replayed", "notification", "cursor")
            shared = {key: value for key, value in frame.items() if key not in own}
            assert {key: item[key] for key in shared} == shared
            assert item["notification"].items() >= frame["notification"].items()
            assert item["org"]["id"] == item["org_id"]

    def test_say_since_when(self, acme, client, told):
        items = client.get(LIST, {"state": "all", "org": "acme"}).json()["items"]
        saved, done, read, *unread = (item["notification"] for item in items)
        assert [each["state"] for each in (saved, done, read)] == ["saved", "done", "read"]
        assert all(each["since"] == each["read_at"] for each in (saved, done, read))
        created = {item["event_id"]: dt.datetime.fromisoformat(item["created_at"]) for item in items}
        assert all(
            dt.datetime.fromisoformat(each["since"]) == created[each["id"]] and each["read_at"] is None
            for each in unread
        )

    def test_pages_are_exact_while_things_change_between_them(self, acme, client, told):
        first = client.get(LIST, {"state": "all", "limit": 2})
        marks.mark(acme.bob.pk, Act.DONE, told)
        comment_of_since = rows(acme.bob).count()
        new_task(acme, actor=acme.alice)
        assert rows(acme.bob).count() == comment_of_since + 1
        assert [*ids(first), *all_ids(client, first.json()["next"])] == told[::-1]
        assert all_ids(client, f"{LIST}?state=done&limit=1") == told[::-1]
        assert client.get(LIST, {"state": "done", "limit": len(told)}).json()["next"] is None

    def test_go_on_by_the_cursor_without_a_hole(self, acme, client):
        cursor = client.get(LIST).json()["cursor"]
        assert cursor == client.get("/api/users/me/notifications/").json()["cursor"]
        new_task(acme, actor=acme.alice)
        twin = client.get("/api/users/me/notifications/", {"after": cursor}).json()
        assert [item["event_id"] for item in twin["items"]] == ids(client.get(LIST, {"limit": 1}))

    def test_what_cannot_be_read_is_said_and_hides_nothing(self, client):
        for named, at in UNREADABLE:
            assert is_problem(client.get(LIST, named), 400, "invalid")["errors"][0]["at"] == at, named
        for named, at in UNMEANT:
            assert is_problem(client.get(LIST, named), 422, "unprocessable")["errors"][0]["at"] == at, named
        assert client.get(LIST, {"q": '"'}).status_code == 200

    def test_a_foreign_organization_is_not_found_as_an_unknown_one(self, client, globex):
        globex.membership(User.objects.get(username="bob")).delete()
        for slug in ("globex", "nowhere", "", "a b", 'acme" is:all'):
            is_problem(client.get(LIST, {"org": slug}), 404, "not_found")

    def test_cost_the_same_statements_whatever_there_is(self, acme, client):
        def cost(**named):
            with CaptureQueriesContext(connection) as statements:
                client.get(LIST, named)
            return len(statements)

        few = cost(state="all"), cost(q="ring"), cost(at=timezone.now().isoformat())
        task = new_task(acme, actor=acme.alice)
        for number in range(12):
            comment(task, f"@bob ring {number}", actor=acme.alice)
        many = cost(state="all"), cost(q="ring"), cost(at=timezone.now().isoformat())
        assert many <= few
        assert (many[0], many[2]) <= (8, 10)


def test_counts_are_those_of_the_twin(acme, globex, client):
    answer = client.get(COUNTS).json()
    twin = client.get("/api/users/me/notifications/").json()
    assert {name: answer[name] for name in ("counts", "cursor", "revision")} == {
        name: twin[name] for name in ("counts", "cursor", "revision")
    }
    assert {str(org["id"]): (org["counts"]["unread"], org["at"]) for org in answer["orgs"]} == {
        number: (unread, twin["at"][number]) for number, unread in twin["orgs"].items()
    }
    assert [org["slug"] for org in answer["orgs"]] == ["acme", "globex"]


class TestReach:
    def test_a_token_of_one_organization_sees_that_one_alone(self, acme, globex, told):
        token = by(new_token(acme.bob, ["inbox"], globex.organization))
        items = Client().get(LIST, {"state": "all"}, **token).json()["items"]
        assert {item["org_id"] for item in items} == {globex.pk}
        counts = Client().get(COUNTS, **token).json()
        assert ([org["slug"] for org in counts["orgs"]], counts["counts"]["unread"]) == (["globex"], 2)
        assert counts["cursor"].startswith(f"{globex.pk}.") and "," not in counts["cursor"]
        client = signed_in(acme.carol)  # whom the token passes over
        is_problem(client.get(LIST, {"org": "acme"}, **token), 404, "not_found")
        is_problem(client.get(f"{LIST}/{told[0]}", **token), 404, "not_found")
        is_problem(client.get(LIST, {"q": "org:acme"}, **token), 422, "unprocessable")

    def test_another_scope_is_refused(self, acme):
        token = by(new_token(acme.bob, ["read", "write", "audit", "admin"]))
        for address in (LIST, COUNTS, f"{LIST}/1"):
            refused = Client().get(address, **token)
            assert refused.status_code == 403
            assert "inbox" in refused.json()["detail"]


class TestWhy:
    def test_says_why_somebody_was_told(self, acme, client, told):
        answer = client.get(f"{LIST}/{told[3]}").json()
        assert answer["notification"]["state"] == "read"
        assert answer["why"]["sentence"].startswith("You were told because Alice mentioned you in it.")
        assert (answer["why"]["reason"], answer["why"]["agrees"]) == ("mentioned", True)
        assert answer["why"]["held"] == {
            "role": "admin",
            "level": "all",
            "watching": False,
            "muted": False,
            "part": "mentioned",
        }

    def test_and_why_not(self, acme, client):
        task = new_task(acme, actor=acme.bob)
        event = log.load_stream(acme.pk, task.pk)[0]
        answer = client.get(f"{LIST}/{event.pk}").json()
        assert (answer["notification"], answer["why"]["reason"]) == (None, None)
        assert answer["why"]["sentence"].startswith("You did it yourself")

    def test_of_what_is_not_there_it_is_not_found(self, client):
        for number in ("0", "9" * 18, "9" * 30, "-1", "x"):
            is_problem(client.get(f"{LIST}/{number}"), 404, "not_found")

    def test_of_a_foreign_event_it_is_not_found(self, globex, acme, told):
        is_problem(signed_in(globex.hank).get(f"{LIST}/{told[0]}"), 404, "not_found")


class TestAtAMoment:
    def test_what_was_unread_is_known_though_much_was_done_since(self, acme, client, told):
        marks.mark(acme.bob.pk, Act.UNREAD, told)
        first = comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        moment = timezone.now().isoformat()
        for act in (Act.READ, Act.DONE, Act.SAVE):
            marks.mark(acme.bob.pk, act, [first.pk])
        (item,) = client.get(LIST, {"state": "unread", "at": moment, "limit": 1}).json()["items"]
        assert (item["event_id"], item["notification"]["read_at"]) == (first.pk, None)

    def test_what_was_undone_counts_as_not_having_been(self, acme, client, told):
        new = comment(new_task(acme, actor=acme.alice), actor=acme.alice).pk
        number = marks.mark(acme.bob.pk, Act.DONE, [new]).mark
        moment = timezone.now().isoformat()
        marks.undo(acme.bob.pk, number)
        assert ids(client.get(LIST, {"state": "unread", "at": moment, "limit": 1})) == [new]

    def test_it_can_be_filtered_and_paged(self, acme, client, told):
        moment = timezone.now().isoformat()
        comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        address = f"{LIST}?{urlencode({'state': 'all', 'org': 'acme', 'at': moment, 'limit': 2})}"
        mine = rows(acme.bob).filter(organization_id=acme.pk, event_id__in=told)
        assert all_ids(client, address) == list(mine.order_by("-event_id").values_list("event_id", flat=True))

    def test_before_everything_it_is_empty(self, client):
        assert client.get(LIST, {"state": "all", "at": "0001-01-01T00:00:00Z"}).json()["items"] == []

    def test_to_come_it_is_refused(self, client):
        tomorrow = (timezone.now() + A_DAY).isoformat()
        is_problem(client.get(LIST, {"at": tomorrow}), 422, "unprocessable")

    def test_what_was_cleared_is_gone_and_it_says_from_when_on_it_can_be_told(self, client):
        now = timezone.now()
        Clearing.objects.create(pk=1, before=now - A_DAY, next_at=now)
        gone = is_problem(client.get(LIST, {"at": (now - 2 * A_DAY).isoformat()}), 410, "not_kept")
        assert f"{now - A_DAY + dt.timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}" in gone["detail"]
        assert client.get(LIST, {"at": (now - A_DAY).isoformat()}).status_code == 200
