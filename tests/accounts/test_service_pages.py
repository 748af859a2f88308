"""The pages of service accounts."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.recovery import account_to_reset
from orgs.models import User
from tests.factories import PASSWORD, UserFactory
from tests.tasks.acme import new_task, signed_in

pytestmark = pytest.mark.django_db

PAGE = "/orgs/acme/service-accounts/"


def test_an_admin_makes_one_gives_it_a_token_and_takes_it_back(acme, bob):
    bob.post("/accounts/reauthenticate/", {"password": PASSWORD})
    bob.post(PAGE, {"name": "Deploy", "role": "member"})
    bot = User.objects.get(is_service=True)
    made = bob.post(f"{PAGE}{bot.pk}/tokens/new/", {"name": "CI", "scopes": ["read"], "ends": "30"})
    (text,) = set(re.findall(r"crl_\w+", made.content.decode()))
    bearer = {"headers": {"Authorization": f"Bearer {text}"}}
    assert Client().get("/api/v1/me", **bearer).json()["id"] == bot.pk
    assert "deploy-bot" in bob.get(PAGE).content.decode()
    assert '<span class="tag">bot</span>' in bob.get("/orgs/acme/members/").content.decode()
    token = bot.tokens.get()
    assert token.organization_id == acme.pk and token.made_by == acme.bob
    assert bob.post(f"{PAGE}{bot.pk}/tokens/{token.pk}/revoke/").status_code == 302
    assert Client().get("/api/v1/me", **bearer).status_code == 401
    bob.post(f"/orgs/acme/members/{bot.pk}/remove/")
    assert not User.objects.get(pk=bot.pk).is_active


def test_a_program_is_told_from_people_wherever_one_chooses(acme, bob):
    bob.post(PAGE, {"name": "Deploy", "role": "member"})
    bot = User.objects.get(is_service=True)
    new_task(acme, actor=acme.bob)
    selects = {"tasks/": 2, "board/": 2, "tasks/1/": 1, "tasks/new/": 1}  # filters and the editors of fields
    for page, count in selects.items():
        shown = bob.get(f"/orgs/acme/{page}").content.decode()
        assert (shown.count("Deploy (bot)"), shown.count("Carol (bot)")) == (count, 0), page
    (offer,) = bob.get("/orgs/acme/complete/people/", {"q": "depl"}).json()["items"]
    assert (offer["label"], offer["is_service"]) == ("Deploy", True)
    members = bob.get("/api/v1/orgs/acme/members").json()["items"]
    assert [each["user_id"] for each in members if each["is_service"]] == [bot.pk]


def test_only_who_manages_members_and_has_proved_lately(acme, globex, bob):
    assert signed_in(acme.carol).get(PAGE).status_code == 403
    assert signed_in(globex.gina).get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    bob.post(PAGE, {"name": "Deploy", "role": "member"})
    bot = User.objects.get(is_service=True)
    assert "reauthenticate" in bob.get(f"{PAGE}{bot.pk}/tokens/new/")["Location"]
    assert bob.post(PAGE, {"name": "Deploy", "role": "owner"}).status_code == 400
    assert bob.get(f"{PAGE}{acme.carol.pk}/tokens/new/").status_code in (302, 404)


def test_one_signs_in_with_nothing_but_a_token(client):
    """Whatever an administrator wrote down for it."""
    bot = UserFactory(username="deploy-bot", email="bot@example.com", is_service=True)
    assert bot.check_password(PASSWORD)
    answer = client.post("/accounts/login/", {"login": "deploy-bot", "password": PASSWORD})
    assert "do not match an account" in answer.text
    assert "_auth_user_id" not in client.session
    assert account_to_reset("bot@example.com") is None
    EmailAddress.objects.create(user=bot, email="bot@example.com", verified=True)
    assert account_to_reset("bot@example.com") is None
