"""The end of an account, by its person: what they take with them, who has to prove what, and that nothing is left."""

import json
from io import BytesIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts import profile
from accounts.export import export_of
from accounts.models import AccessRecord
from events.models import EventText
from orgs import personal_data
from orgs.access_record import Kind
from orgs.models import Picture, User
from outbound.models import Delivery, Gathering, PushSubscription, Unreachable
from preferences import services as preferences
from preferences.kinds import Channel, Value
from preferences.kinds import Kind as News
from preferences.models import Preference
from tests.factories import PASSWORD
from tests.tasks.acme import comment, listening, new_task, signed_in

pytestmark = pytest.mark.django_db

CLOSE, EXPORT, CLOSED = "/accounts/close/", "/accounts/close/export/", "/accounts/closed/"


@pytest.fixture
def carol(acme):
    """Somebody of whom every app keeps something."""
    user = acme.carol
    file = BytesIO()
    Image.new("RGB", (9, 9)).save(file, "PNG")
    profile.save_picture(user.pk, file.getvalue())
    user.refresh_from_db()
    EmailAddress.objects.create(user=user, email="carol@example.com", verified=True, primary=True)
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "secret-seed"})
    preferences.choose(user.pk, None, Channel.MAIL, News.MINE, Value.OFF)
    now = timezone.now()
    for key, who in (("of-carol", user), ("to-carol", None)):
        Delivery.objects.create(
            key=key,
            channel="mail",
            kind="account",
            user=who,
            address="carol@example.com",
            due_at=now,
            created_at=now,
        )
    Gathering.objects.create(
        user=user,
        organization_id=acme.pk,
        channel="mail",
        mode="digest",
        first=1,
        last=1,
        since=now,
        due_at=now,
    )
    PushSubscription.objects.create(
        user=user, endpoint="https://push.example.com/1", browser="Firefox on Linux", created_at=now
    )
    Unreachable.objects.create(address="carol@example.com", why="bounced", since=now)
    task = new_task(acme, actor=acme.alice)
    comment(task, "Words of Carol", actor=user)
    comment(task, "Words of Alice, @carol", actor=acme.alice)
    return user


def by_password(user):
    """Their browser, signed in as people do."""
    client = Client(headers={"user-agent": "Carol's browser"})
    answer = client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def exported(client):
    answer = client.get(EXPORT)
    assert answer["Content-Disposition"].startswith("attachment")
    return json.loads(b"".join(answer.streaming_content))


def test_the_export_has_what_is_theirs_and_nothing_else(acme, carol):
    client = by_password(carol)
    told = exported(client)
    assert [row["text"] for row in told["texts"]] == ["Words of Carol"]
    assert told["account"][0]["user_name"] == "carol"
    assert told["account"][0]["picture_webp_base64"]
    assert [row["short_name"] for row in told["memberships"]] == ["acme"]
    assert {row["where"] for row in told["notifications"]} == {"ACME-1"}
    assert told["addresses"] == [{"email": "carol@example.com", "verified": True, "primary": True}]
    assert told["sessions"][0]["user_agent"] == "Carol's browser"
    assert told["preferences"] == [
        {"organization__name": None, "channel": "mail", "kind": "mine", "value": "off"}
    ]
    assert "secret-seed" not in json.dumps(told)
    assert "Words of Alice" not in json.dumps(told)
    assert carol.password not in json.dumps(told)


def test_the_export_is_read_a_part_at_a_time(acme, carol, monkeypatch):
    """However much there is; and what an organization tells ends with the membership."""
    rows = ({"number": number} for number in range(250))
    monkeypatch.setitem(personal_data._kept, "much", personal_data.Kept("much", lambda _: rows, None))
    parts = list(export_of(carol))
    assert max(part.count(b"number") for part in parts) == 100
    assert len(json.loads(b"".join(parts))["much"]) == 250
    monkeypatch.setattr("events.personal.PAGE", 1)
    for number in range(3):
        comment(new_task(acme, actor=acme.alice), f"More {number}", actor=carol)
    acme.membership(carol).delete()
    told = json.loads(b"".join(export_of(carol)))
    assert [row["text"] for row in told["texts"]] == ["Words of Carol", "More 0", "More 1", "More 2"]
    assert told["notifications"] == []


def test_is_closed_by_ones_name_and_password_and_nothing_is_left(
    acme, carol, django_capture_on_commit_callbacks
):
    client, elsewhere = by_password(carol), by_password(carol)
    asked = client.post(CLOSE, {"user_name": "carol"})
    assert "/reauthenticate/" in asked["Location"]
    assert client.get(asked["Location"]).status_code == 200
    carol.refresh_from_db()
    assert carol.is_active
    with listening() as announced, django_capture_on_commit_callbacks(execute=True):
        answer = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == CLOSED
    assert "Your account is closed" in answer.content.decode()
    assert f"user-{carol.pk}" in {group for group, _ in announced}
    assert_nothing_is_left(carol)
    for browser in (client, elsewhere):
        assert "/accounts/login/" in browser.get("/inbox/")["Location"]


def assert_nothing_is_left(user):
    user.refresh_from_db()
    assert (user.is_active, user.username, user.picture, user.email) == (False, f"erased-{user.pk}", "", "")
    assert user.erased_at
    assert not Session.objects.exists()
    assert not EventText.objects.filter(body__icontains="carol").exists()
    for model in (Picture, EmailAddress, Authenticator, UserSession, Preference, Gathering, PushSubscription):
        assert not model.objects.filter(user_id=user.pk).exists(), model
    assert not Delivery.objects.exists()
    assert not Unreachable.objects.exists()
    kept = AccessRecord.objects.filter(user=user).values_list("kind", "about")
    assert set(kept) <= {(Kind.ACCOUNT_CLOSED, "")}


@pytest.mark.parametrize("typed", ["", "alice", "CAROL", "carol2"])
def test_another_name_closes_nothing(acme, carol, typed):
    client = proven(by_password(carol))
    page = client.post(CLOSE, {"user_name": typed})
    assert (page.status_code, User.objects.get(pk=carol.pk).is_active) == (400, True)


def proven(client):
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_wrong_password_closes_nothing(acme, carol):
    client = by_password(carol)
    asked = client.post(CLOSE, {"user_name": "carol"})
    client.post(asked["Location"], {"password": "wrong"})
    assert User.objects.get(pk=carol.pk).is_active


def test_nothing_is_closed_by_a_look_nor_by_who_is_signed_out(acme, carol):
    client = proven(by_password(carol))
    page = client.get(CLOSE, {"user_name": "carol"})
    assert (page.status_code, "What goes" in page.content.decode()) == (200, True)
    assert "/accounts/login/" in Client().post(CLOSE, {"user_name": "carol"})["Location"]
    assert "/accounts/login/" in Client().get(EXPORT)["Location"]
    assert User.objects.get(pk=carol.pk).is_active


def test_who_has_nothing_to_prove_themselves_by_types_their_name_alone(acme):
    user = acme.carol
    user.set_unusable_password()
    user.save()
    assert signed_in(user).post(CLOSE, {"user_name": "carol"})["Location"] == CLOSED
    assert not User.objects.get(pk=user.pk).is_active


def test_an_only_owner_is_told_what_becomes_of_the_organization(acme):
    page = signed_in(acme.alice).get(CLOSE).content.decode()
    assert "You are the only owner of Acme" in page
    assert "only owner" not in signed_in(acme.bob).get(CLOSE).content.decode()
