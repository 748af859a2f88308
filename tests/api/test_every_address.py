"""Every address of the router that names an organization, or something of somebody's, asked by whom it is not for.
What is new in the router is walked by itself, and fails here until it is known what is there."""

import re

import pytest
from django.test import Client

from api.urls import RESOURCES
from membership import inviting, service_accounts
from orgs.models import Organization, User
from tests.api.answers import is_problem, send
from tests.tasks.acme import comment, new_task, signed_in
from tests.tokens.making import by, new_token
from tokens.models import Token
from tokens.scopes import SCOPES
from webhooks import services
from webhooks.models import Webhook, WebhookDelivery
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db

TOKEN = {"name": "a bot", "scopes": ["read"]}
# What is sent, so that nothing but who asks is a reason to refuse it.
BODIES = {
    "PUT orgs/{slug}/level": {"level": "all"},
    "PATCH orgs/{slug}/members/{user_id}": {"role": "viewer"},
    "POST orgs/{slug}/invitations": {"to": "x@example.com"},
    "POST orgs/{slug}/service-accounts": {"name": "Robot"},
    "POST orgs/{slug}/service-accounts/{user_id}/tokens": TOKEN,
    "POST orgs/{slug}/tasks": {"title": "Mine"},
    "PATCH orgs/{slug}/tasks/{number}": {"title": "Mine"},
    "POST orgs/{slug}/tasks/{number}/comments": {"text": "Mine"},
    "PATCH orgs/{slug}/tasks/{number}/comments/{version}": {"text": "Mine"},
    "POST orgs/{slug}/webhooks": {"name": "Mine", "address": "https://example.com/hook"},
    "PATCH orgs/{slug}/webhooks/{number}": {"name": "Mine"},
    "POST orgs/{slug}/webhooks/{number}/resume": {},
}


def addresses(beginning: str) -> list[tuple[str, str]]:
    """Each method of each address, its parts written as in the document."""
    return [
        (method, re.sub(r"<\w+:(\w+)>", r"{\1}", str(route.pattern)))
        for resource in RESOURCES
        for route in resource.routes
        for method in sorted(route.callback.view_class.api_endpoints)
        if str(route.pattern).startswith(beginning)
    ]


@pytest.fixture
def theirs(acme) -> dict[str, dict[str, object]]:
    """What there is in Acme, by the part of an address that comes before it."""
    alice = acme.membership(acme.alice)
    task = new_task(acme, actor=acme.alice)
    event = comment(task, actor=acme.alice)
    service = service_accounts.make(by=alice, name="Robot", role="member")
    hook = services.make(alice, Wish("Archive", "https://example.com/hook")).webhook
    delivery = WebhookDelivery.objects.create(
        webhook=hook, message_id="evt_1", kind="event", state="delivered"
    )
    return {
        "members": {"user_id": acme.bob.pk},
        "invitations": {"invitation_id": inviting.invite(by=alice, to="dave@example.com", role="member").pk},
        "service-accounts": {
            "user_id": service.user_id,
            "token_id": new_token(service.user, ["read"], acme.organization).token.pk,
        },
        "tasks": {"number": task.number, "version": 2, "name": "heart"},
        "events": {"id": event.pk},
        "webhooks": {"number": hook.number, "delivery_id": delivery.pk},
    }


def state() -> tuple[object, ...]:
    """What nobody may have changed."""
    return (
        list(Token.objects.order_by("pk").values_list("pk", "revoked_at")),
        list(Webhook.objects.values_list("state", "name", "position")),
        WebhookDelivery.objects.count(),
    )


def program(user: User, *organization: Organization) -> Client:
    """A client with a token of theirs that may do everything."""
    return Client(**by(new_token(user, SCOPES, *organization)))


def ask(client: Client, method: str, pattern: str, slug: str, theirs):
    kind = pattern.split("/")[2] if pattern.count("/") > 1 else ""
    return send(
        client,
        method,
        "/" + pattern.format(slug=slug, **theirs.get(kind, {})),
        BODIES.get(f"{method} {pattern}"),
    )


def test_an_organization_answers_strangers_as_if_it_were_not_there(acme, globex, theirs, subtests):
    gina, before = program(globex.gina), state()
    walked = addresses("orgs/")
    assert len(walked) > 45
    for method, pattern in walked:
        with subtests.test(method=method, pattern=pattern):
            there, nowhere = (
                is_problem(ask(gina, method, pattern, slug, theirs), 404, "not_found")
                for slug in ("acme", "nowhere")
            )
            assert there["detail"] == nowhere["detail"]
    assert state() == before


def test_what_is_in_another_organization_is_not_found_under_ones_own(acme, globex, theirs, subtests):
    """Numbers and ids of Acme's, asked for by the owner of Globex in Globex."""
    gina, before = program(globex.gina), state()
    walked = [(method, pattern) for method, pattern in addresses("orgs/") if pattern.count("{") > 1]
    assert len(walked) > 30
    for method, pattern in walked:
        with subtests.test(method=method, pattern=pattern):
            is_problem(ask(gina, method, pattern, "globex", theirs), 404, "not_found")
    assert state() == before


def test_a_token_of_one_organization_finds_nothing_in_another(acme, globex, theirs, subtests):
    globex.join("alice", "owner")
    robot = program(acme.alice, globex.organization)
    for method, pattern in addresses("orgs/"):
        with subtests.test(method=method, pattern=pattern):
            is_problem(ask(robot, method, pattern, "acme", theirs), 404, "not_found")


def test_what_is_somebody_s_own_is_found_by_nobody_else(acme, globex, theirs, subtests):
    """Nor is a token by an owner of the same organization; of an event a member may ask why they were not told."""
    ids = {"token_id": new_token(acme.carol).token.pk, "event_id": theirs["events"]["id"]}
    walked = [each for each in addresses("") if each[1] in ("tokens/{token_id}", "notifications/{event_id}")]
    assert len(walked) == 3
    before = state()
    for method, pattern in walked:
        for asking in (globex.gina, *([acme.alice] if "token" in pattern else [])):
            with subtests.test(method=method, pattern=pattern, by=asking.username):
                is_problem(send(signed_in(asking), method, "/" + pattern.format(**ids)), 404, "not_found")
    assert state() == before
