"""What becomes of the webhooks of a person who is forgotten."""

import pytest

from orgs import personal_data
from tasks.erasure import erase_user
from tests.tasks.acme import comment, found, new_task
from tests.webhooks.conftest import work
from webhooks import services
from webhooks.models import Secret, Webhook
from webhooks.wishes import Wish

pytestmark = pytest.mark.django_db


def test_of_an_organization_they_go_on_and_say_no_more_of_the_person(acme, receiver, hook):
    task = new_task(acme, actor=acme.bob)
    comment(task, "Words of the one who goes", actor=acme.alice)
    alice = acme.alice
    erase_user(alice.pk)
    services.make(acme.membership(acme.bob), Wish("Archive", receiver.address), from_start=True)
    comment(task, "Words that stay", actor=acme.bob)
    work()
    said = b"".join(got.body for got in receiver.taken)
    assert b"Words that stay" in said
    assert b"Words of the one" not in said
    assert b"Alice" not in said
    hook.refresh_from_db()
    assert (hook.state, hook.created_by.display_name) == ("active", "Erased person")


def test_of_an_organization_that_nobody_else_is_in_they_go_with_their_secrets(receiver):
    alone = found("alone", dora="owner")
    services.make(alone.membership(alone.dora), Wish("Archive", receiver.address))
    assert [dict(row)["name"] for row in dict(personal_data.told(alone.dora))["webhooks"]] == ["Archive"]
    erase_user(alone.dora.pk)
    assert not Webhook.objects.exists()
    assert not Secret.objects.exists()
    work()
    assert receiver.got == []
