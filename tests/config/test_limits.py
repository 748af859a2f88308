"""One person can change so many things in a minute and no more; whoever only reads is not counted."""

from types import SimpleNamespace

import pytest

from config import limits
from config.limits import WINDOW, Counts
from inbox import marks
from inbox.states import Act
from orgs.models import User
from tests.tasks.acme import new_task, signed_in


class TestCounts:
    def test_so_many_in_any_minute(self):
        counts = Counts()
        assert [counts.add(1, now, 3) for now in (0, 10, 20)] == [0, 0, 0]
        assert counts.add(1, 30, 3) == 30
        assert counts.add(1, 59, 3) == 1
        assert counts.add(1, 60, 3) == 0
        assert counts.add(1, 61, 3) == 9

    def test_what_is_refused_does_not_count(self):
        counts = Counts()
        counts.add(1, 0, 1)
        assert [counts.add(1, now, 1) for now in (20, 40)] == [40, 20]
        assert counts.add(1, 60, 1) == 0

    def test_people_are_counted_apart(self):
        counts = Counts()
        assert [counts.add(user, 0, 1) for user in (1, 2, 1)] == [0, 0, WINDOW]

    def test_nothing_is_kept_of_those_who_did_nothing_lately(self):
        counts = Counts()
        for user in range(1000):
            counts.add(user, 0, 5)
        counts.add(7, WINDOW + 1, 5)
        assert list(counts._times) == [7]


@pytest.mark.django_db
class TestCommands:
    @pytest.fixture(autouse=True)
    def two_a_minute(self, settings, monkeypatch):
        settings.COMMANDS_PER_MINUTE = 2
        monkeypatch.setattr(limits, "time", SimpleNamespace(monotonic=lambda: 1000.5))

    @pytest.fixture
    def bob(self, acme):
        new_task(acme, actor=acme.alice)
        client = signed_in(acme.bob)
        for _ in range(2):
            assert client.post("/orgs/acme/tasks/1/comment/", {"text": "x"}).status_code == 302
        return client

    def test_one_too_many_is_refused_and_changes_nothing(self, bob, acme):
        page = bob.post("/orgs/acme/tasks/1/comment/", {"text": "one too many"})
        assert (page.status_code, page["Retry-After"]) == (429, "60")
        assert "You have changed 2 things within a minute" in page.text
        assert "Go back, wait 60 seconds and send it again" in page.text
        assert "one too many" not in bob.get("/orgs/acme/tasks/1/").text

    def test_a_program_is_told_in_json(self, bob):
        answer = bob.post("/inbox/mark/", {"act": "read"}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer["Retry-After"]) == (429, "60")
        assert answer.json()["error"]["code"] == "too_many"

    @pytest.mark.parametrize(
        "url", ["/inbox/mark/", "/orgs/new/", "/accounts/password_change/", "/admin/login/"]
    )
    def test_every_form_counts(self, bob, url):
        assert bob.post(url).status_code == 429

    def test_a_refusal_asks_the_database_for_no_more_than_who_it_is(self, bob, django_assert_num_queries):
        with django_assert_num_queries(2):
            bob.post("/orgs/acme/tasks/1/comment/", {"text": "x"})

    def test_reading_goes_on(self, bob):
        assert bob.get("/orgs/acme/tasks/1/").status_code == 200
        assert bob.head("/orgs/acme/tasks/1/").status_code == 200

    @pytest.mark.parametrize("url", ["/accounts/logout/", "/admin/logout/"])
    def test_signing_out_is_always_possible(self, bob, acme, url):
        User.objects.filter(pk=acme.bob.pk).update(is_staff=True)
        bob.post(url)
        assert bob.get("/inbox/").status_code == 302

    def test_others_are_not_concerned(self, bob, acme):
        assert signed_in(acme.carol).post("/orgs/acme/tasks/1/comment/", {"text": "x"}).status_code == 302

    def test_whoever_is_not_signed_in_is_not_counted_here(self, bob, client):
        for _ in range(3):
            assert client.post("/accounts/login/", {"username": "bob", "password": "x"}).status_code == 200

    def test_services_are_not_counted(self, bob, acme):
        for _ in range(3):
            marks.mark(acme.bob.pk, Act.READ, [1])
