"""Comments, reactions, watching and muting, for programs."""

import pytest

from events.models import TaskEvent
from tests.api.answers import is_problem
from tests.api.calling import called
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db

TASK = "/api/v1/orgs/acme/tasks/1"
COMMENTS = f"{TASK}/comments"


@pytest.fixture
def task(acme):
    return new_task(acme, actor=acme.alice)


@pytest.fixture
def api(acme, task):
    return called(acme.bob)


def test_a_comment_from_its_first_word_to_its_end(acme, api):
    made = api.post(COMMENTS, {"text": "Ask @carol"})
    said = made.json()["comment"]
    assert (made.status_code, made["Location"], made["ETag"]) == (201, f"{COMMENTS}/2", '"2"')
    assert (said["text"], said["author"]["username"], said["edited_at"]) == ("Ask @carol", "bob", None)
    assert made.json()["events"][0]["details"]["mentions"] == [acme.carol.pk]
    assert api.get(made["Location"]).json() == said
    edited = api.patch(made["Location"], {"text": "Ask Carol"}, headers={"If-Match": '"2"'})
    assert (edited.json()["comment"]["text"], edited["ETag"]) == ("Ask Carol", '"3"')
    assert edited.json()["comment"]["edited_at"]
    assert api.patch(made["Location"], {"text": "Ask Carol"}).json()["events"] == []
    is_problem(api.patch(made["Location"], {"text": "No"}, headers={"If-Match": '"2"'}), 412, "stale")
    gone = api.delete(made["Location"]).json()
    assert (gone["comment"]["deleted"], gone["comment"]["text"]) == (True, None)
    assert api.delete(made["Location"]).json()["events"] == []
    is_problem(api.patch(made["Location"], {"text": "No"}), 409, "conflict")
    assert gone["task"]["version"] == 4


def test_what_was_deleted_is_in_no_list(acme, api):
    api.post(COMMENTS, {"text": "My secret"})
    api.patch(f"{COMMENTS}/2", {"text": "My other secret"})
    api.delete(f"{COMMENTS}/2")
    for address in (
        COMMENTS,
        f"{COMMENTS}/2",
        f"{TASK}/events",
        "/api/v1/orgs/acme/events",
        "/api/v1/search?q=secret",
    ):
        assert "secret" not in str(api.get(address).json().get("items", api.get(address).json())), address


@pytest.mark.parametrize(
    ("body", "status", "at"),
    [
        ({"text": "x" * 20_001}, 422, "body.text"), ({"text": " "}, 422, "body.text"), ({}, 422, "body.text"),
        ({"text": None}, 422, "body.text"), ({"text": "a", "attempt": "b"}, 422, "body.attempt"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_in_few_words(acme, task, api, body, status, at):
    comment(task, actor=acme.bob)
    for refused in (api.post(COMMENTS, body), api.patch(f"{COMMENTS}/2", body)):
        assert is_problem(refused, status, "unprocessable")["errors"][0]["at"] == at
        assert len(refused.content) < 1_000


def test_only_its_author_changes_a_comment(acme, task, api):
    comment(task, actor=acme.carol)
    is_problem(api.patch(f"{COMMENTS}/2", {"text": "Ha"}), 403, "forbidden")
    is_problem(api.delete(f"{COMMENTS}/2"), 403, "forbidden")
    is_problem(called(acme.vera).post(COMMENTS, {"text": "Ha"}), 403, "forbidden")


def test_what_is_no_comment_is_404(api):
    for address in (f"{COMMENTS}/1", f"{COMMENTS}/7", f"{COMMENTS}/{2**31}", f"{COMMENTS}/{'9' * 30}"):
        is_problem(api.get(address), 404, "not_found")
        is_problem(api.patch(address, {"text": "a"}), 404, "not_found")
        is_problem(api.delete(address), 404, "not_found")
        is_problem(api.put(f"{address}/reactions/heart"), 404, "not_found")


def test_reactions_are_given_once_and_taken_back(acme, task, api):
    comment(task, actor=acme.carol)
    given = api.put(f"{COMMENTS}/2/reactions/heart").json()
    assert given["comment"]["reactions"] == {"heart": [acme.bob.pk]}
    assert api.put(f"{COMMENTS}/2/reactions/heart").json()["events"] == []
    assert api.delete(f"{COMMENTS}/2/reactions/heart").json()["comment"]["reactions"] == {}
    assert "thumbs_up" in is_problem(api.put(f"{COMMENTS}/2/reactions/bang"), 404, "not_found")["detail"]


def test_the_list_goes_on_after_the_last(acme, task, api, django_assert_max_num_queries):
    for number in range(5):
        comment(task, str(number), actor=acme.bob)
    first = api.get(f"{COMMENTS}?limit=3").json()
    rest = api.get(first["next"]).json()
    assert [each["text"] for each in first["items"] + rest["items"]] == list("01234")
    assert rest["next"] is None
    with django_assert_max_num_queries(9):
        api.get(COMMENTS)


def test_a_page_of_large_comments_is_bounded_by_bytes(acme, task, api):
    for _ in range(8):
        comment(task, "é" * 20_000 + "x" * 0, actor=acme.bob)
    TaskEvent.objects.count()
    pages, address = [], COMMENTS
    while address:
        page = api.get(address).json()
        pages.append(len(page["items"]))
        address = page["next"]
    assert sum(pages) == 8


def test_watching_and_muting_end_each_other(acme, task, api):
    assert api.put(f"{TASK}/watch").json() == {"watching": True, "muted": False}
    assert api.put(f"{TASK}/mute").json() == {"watching": False, "muted": True}
    assert api.delete(f"{TASK}/mute").json() == {"watching": False, "muted": False}
    assert api.delete(f"{TASK}/watch").json() == {"watching": False, "muted": False}
    assert called(acme.vera).put(f"{TASK}/watch").json()["watching"] is True
