"""Who sends a token, over the twins: whatever is below /api/ is the same."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AccessRecord
from events.models import TaskEvent
from tests.api.answers import send
from tests.tasks.acme import new_task
from tests.tokens.making import by, new_token
from tokens import authentication, using
from tokens.models import Token
from tokens.services import revoke

pytestmark = pytest.mark.django_db

ORG, ME = "/api/orgs/acme/notifications/", "/api/users/me/notifications/"


@pytest.fixture(autouse=True)
def none_known():
    authentication._good.clear()
    using.USES.forget()


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer["WWW-Authenticate"]


INVALID = 401, 'Bearer error="invalid_token"'


class TestAGoodOne:
    def test_reads_as_its_user(self, acme, bob):
        new_task(acme, actor=acme.alice)
        answer = Client().get(ORG, **by(new_token(acme.bob))).json()
        assert answer == bob.get(ORG).json()
        assert answer["user_id"] == acme.bob.pk

    def test_wins_over_a_cookie_and_sets_none(self, acme, bob):
        answer = bob.get(ME, **by(new_token(acme.alice)))
        assert answer.json()["user_id"] == acme.alice.pk
        assert not answer.cookies

    @pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
    def test_is_read_whatever_the_case(self, acme, scheme):
        header = f"{scheme} {new_token(acme.bob).text}"
        assert Client().get(ME, headers={"Authorization": header}).status_code == 200

    def test_costs_one_statement_more(self, acme):
        made = new_token(acme.bob)
        Client().get(ME, **by(made))  # notes the use
        with CaptureQueriesContext(
            connection,
        ) as asked:
            Client().get(ME, **by(made))
        assert [sql for sql in (each["sql"] for each in asked) if "tokens_token" in sql] == [asked[0]["sql"]]
        assert not [each for each in asked if "django_session" in each["sql"]]

    def test_notes_its_use_once_in_a_minute(self, acme):
        made = new_token(acme.bob)
        Client().get(ME, **by(made))
        first = Token.objects.get().last_used_at
        Client().get(ME, **by(made))
        assert first is not None
        assert Token.objects.get().last_used_at == first

    def test_opens_nothing_but_the_api(self, acme):
        answer = Client().get("/inbox/", **by(new_token(acme.bob)))
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


class TestScopesAndReach:
    def test_a_missing_scope_is_named(self, acme):
        answer = Client().get(ME, **by(new_token(acme.bob, ["read"])))
        assert answer.status_code == 403
        assert answer["WWW-Authenticate"] == 'Bearer error="insufficient_scope", scope="inbox"'
        assert "'inbox'" in answer.json()["error"]["message"]

    def test_one_organization_is_the_only_one(self, acme, globex):
        globex.join("bob")
        new_task(acme, actor=acme.alice)
        new_task(globex, actor=globex.gina)
        made = new_token(acme.bob, organization=acme.organization)
        assert list(Client().get(ME, **by(made)).json()["orgs"]) == [str(acme.pk)]
        assert Client().get("/api/orgs/globex/notifications/", **by(made)).status_code == 404
        assert list(Client().get(ME, **by(new_token(acme.bob))).json()["orgs"]) == [
            str(acme.pk),
            str(globex.pk),
        ]


class TestABadOne:
    def test_revoked_or_expired_or_of_a_closed_account(self, acme):
        revoked, expired, closed = new_token(acme.bob), new_token(acme.bob), new_token(acme.alice)
        revoke([revoked.token])
        Token.objects.filter(pk=expired.token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        type(acme.alice).objects.filter(pk=acme.alice.pk).update(is_active=False)
        for made in (revoked, expired, closed):
            answer = Client().get(ME, **by(made))
            assert refusal(answer) == INVALID
            assert "Make another one" in answer.json()["error"]["message"]

    def test_does_not_fall_back_on_the_cookie(self, acme, bob):
        assert refusal(bob.get(ME, headers={"Authorization": "Bearer nonsense"})) == INVALID

    @pytest.mark.parametrize(
        "header",
        ["Bearer", "Bearer ", "Bearer x", "Bearer crl_", "Token crl_abc", "crl_abc", "Bearer " + "9" * 9000],
    )
    def test_malformed_needs_no_database(self, django_assert_num_queries, header):
        with django_assert_num_queries(0):
            assert refusal(Client().get(ME, headers={"Authorization": header})) == INVALID

    def test_one_letter_off_needs_no_database(self, acme, django_assert_num_queries):
        text = new_token(acme.bob).text
        wrong = text[:-8] + ("a" if text[-8] != "a" else "b") + text[-7:]
        with django_assert_num_queries(0):
            assert refusal(Client().get(ME, headers={"Authorization": f"Bearer {wrong}"})) == INVALID

    def test_another_scheme_leaves_the_cookie_alone(self, bob):
        assert bob.get(ME, headers={"Authorization": "Basic cHJveHk6cGFzcw=="}).status_code == 200

    def test_without_any_is_asked_for_one(self, client):
        answer = client.get(ME)
        assert refusal(answer) == (401, "Bearer")

    @pytest.mark.parametrize("name", ["token", "access_token", "Token", "after"])
    def test_in_an_address_is_refused_with_words(self, acme, bob, name):
        answer = bob.get(ME, {name: new_token(acme.bob).text})
        assert refusal(answer) == INVALID
        assert "header" in answer.json()["error"]["message"]

    def test_guessing_is_bounded_and_a_good_one_of_the_same_address_goes_on(self, acme, monkeypatch):
        monkeypatch.setattr(authentication, "TRIES", 3)
        good, unknown = new_token(acme.bob), new_token(acme.bob)
        Token.objects.filter(pk=unknown.token.pk).delete()
        assert Client().get(ME, **by(good)).status_code == 200
        statuses = [Client().get(ME, **by(unknown)).status_code for _ in range(4)]
        assert statuses == [401, 401, 401, 429]
        with CaptureQueriesContext(connection) as asked:
            answer = Client().get(ME, **by(unknown))
        assert (answer.status_code, len(asked)) == (429, 0)
        assert 1 <= int(answer["Retry-After"]) <= 60
        assert Client().get(ME, **by(good)).status_code == 200
        assert Client(REMOTE_ADDR="192.0.2.9").get(ME, **by(unknown)).status_code == 401


class TestWhatItDid:
    def acts(self, acme) -> list[tuple[str, int]]:
        return list(AccessRecord.objects.filter(kind="token_acted").values_list("about", "times"))

    def test_stands_in_the_access_record_where_it_is_in_no_log(self, acme):
        made = new_token(acme.bob)
        for level in ("muted", "all"):
            send(Client(), "PUT", "/orgs/acme/level", {"level": level}, Authorization=f"Bearer {made.text}")
        ((about, times),) = self.acts(acme)
        assert (about.split(": ")[0], times) == (str(made.token), 2)

    def test_is_not_told_twice(self, acme):
        made = new_token(acme.alice)
        address = f"/orgs/acme/members/{acme.carol.pk}"
        send(Client(), "PATCH", address, {"role": "admin"}, Authorization=f"Bearer {made.text}")
        assert TaskEvent.objects.get().via == made.token.public_id
        assert self.acts(acme) == []
