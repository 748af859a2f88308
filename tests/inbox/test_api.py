"""The HTTP twins of the two sockets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inbox.org_inboxes import org_inboxes
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = pytest.mark.django_db

ORG, ME = "/api/orgs/acme/notifications/", "/api/users/me/notifications/"


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice)
    comment(task, actor=acme.bob)
    comment(task, "@bob", actor=acme.alice)
    return task


class TestOfOneOrganization:
    def test_answers_every_event_with_the_cursor_to_go_on_from(self, acme, bob, task):
        answer = bob.get(ORG).json()
        assert [item["position"] for item in answer["items"]] == [1, 2, 3]
        assert [item["notification"] and item["notification"]["reason"] for item in answer["items"]] == [
            "org",
            None,
            "mentioned",
        ]
        assert answer["replay"] == {"mode": "latest", "count": 3, "missed": 0}
        assert answer["unread"] == 2
        assert answer["cursor"] == answer["items"][-1]["cursor"] == str(org_inboxes(acme.bob.pk)[0].cursor)

    def test_resumes(self, bob, task):
        first = bob.get(ORG).json()["items"][0]
        answer = bob.get(ORG, {"after": first["cursor"]}).json()
        assert [item["position"] for item in answer["items"]] == [2, 3]
        assert answer["replay"] == {"mode": "resume", "count": 2, "missed": 2}
        again = bob.get(ORG, {"after": answer["cursor"]}).json()
        assert (again["items"], again["cursor"]) == ([], answer["cursor"])

    @pytest.mark.parametrize("after", ["rubbish", "\x00", "9" * 3_000])
    def test_resets(self, bob, task, after):
        assert bob.get(ORG, {"after": after}).json()["replay"]["mode"] == "reset"

    def test_of_a_plain_organization_is_empty(self, acme, bob):
        answer = bob.get(ORG).json()
        assert (answer["items"], answer["unread"], answer["cursor"]) == ([], 0, f"{acme.pk}.0.00000000")


class TestOfTheUser:
    def test_answers_what_is_addressed_to_them(self, acme, globex, bob, task):
        globex.join("bob")
        new_task(globex, actor=globex.gina)
        answer = bob.get(ME).json()
        assert [(item["org_id"], item["position"]) for item in answer["items"]] == [
            (acme.pk, 1),
            (acme.pk, 3),
            (globex.pk, 1),
        ]
        assert (answer["unread"], answer["orgs"]) == (3, {str(acme.pk): 2, str(globex.pk): 1})
        assert answer["at"] == {str(acme.pk): 3, str(globex.pk): 1}
        assert bob.get(ME, {"after": answer["cursor"]}).json()["items"] == []

    def test_resumes(self, acme, bob, task):
        at = bob.get(ME).json()["cursor"]
        comment(task, actor=acme.alice)
        answer = bob.get(ME, {"after": at}).json()
        assert [item["position"] for item in answer["items"]] == [4]
        assert answer["replay"]["mode"] == "resume"


@pytest.mark.parametrize("url", [ORG, ME])
class TestBoth:
    def test_an_empty_cursor_is_none_at_all(self, bob, task, url):
        assert bob.get(url, {"after": ""}).json() == bob.get(url).json()
        assert bob.get(url).json()["replay"]["mode"] == "latest"

    def test_say_whose_answer_it_is(self, acme, bob, task, url):
        assert bob.get(url).json()["user_id"] == acme.bob.pk


class TestRefusals:
    @pytest.mark.parametrize("url", [ORG, ME, "/api/orgs/nowhere/notifications/"])
    def test_the_signed_out_get_401(self, client, acme, url):
        response = client.get(url)
        assert response.status_code == 401
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["error"] == {"code": "signed_out", "message": response.json()["detail"]}

    def test_a_closed_account_is_signed_out(self, acme, bob):
        user = acme.bob
        user.is_active = False
        user.save()
        assert bob.get(ME).status_code == 401

    @pytest.mark.parametrize("slug", ["acme", "nowhere"])
    def test_foreign_and_unknown_get_the_same_404(self, acme, globex, slug):
        response = signed_in(globex.gina).get(f"/api/orgs/{slug}/notifications/")
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"
        assert response.json()["error"]["message"].startswith("There is nothing here")

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    @pytest.mark.parametrize("url", [ORG, ME])
    def test_it_only_reads(self, bob, method, url):
        assert getattr(bob, method)(url).status_code == 405

    def test_nobody_keeps_a_copy_on_the_way(self, bob):
        """Answers are one person's: a shared cache must not hold them."""
        for url in (ORG, ME):
            assert "Cookie" in bob.get(url)["Vary"]


@pytest.mark.parametrize("url", [ORG, ME])
def test_costs_the_same_queries_whatever_there_is(acme, bob, task, url):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert bob.get(url).status_code == 200
        return len(queries)

    few = cost()
    for _ in range(8):
        comment(task, "@carol @vera", actor=acme.carol)
    assert cost() == few
