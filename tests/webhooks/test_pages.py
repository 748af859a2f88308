"""Pages of webhooks: what owners and admins do there, and what nobody else sees."""

import pytest

from events.models import TaskEvent
from events.telling import Around
from servers.receiver import Said
from tests.tasks.acme import move, new_task, signed_in
from tests.webhooks.conftest import again, work
from webhooks.models import Webhook, WebhookDelivery

pytestmark = [pytest.mark.django_db, pytest.mark.first]

HOOKS = "/orgs/acme/webhooks/"


@pytest.fixture
def alice(acme):
    return signed_in(acme.alice)


def form(address, **fields):
    return {"name": "Archive", "address": address, "format": "standard", "begins": "now"} | fields


def test_a_webhook_is_made_and_its_secret_is_shown_once(acme, alice, receiver):
    assert "No webhooks yet" in alice.get(HOOKS).content.decode()
    page = alice.post(f"{HOOKS}new/", form(f"{receiver.address}?key=1", kinds=["created"])).content.decode()
    assert "whsec_" in page
    shown = alice.get(f"{HOOKS}1/").content.decode()
    assert "whpk_" in shown
    assert "whsec_" not in shown
    assert "Archive" in alice.get(HOOKS).content.decode()
    (event,) = TaskEvent.objects.readable().filter(action="webhook_made")
    assert "key=1" not in str(event.details)
    history = alice.get("/orgs/acme/history/").content.decode()
    assert "made the webhook ACME-W1" in history


def test_what_is_wrong_stands_beside_its_field(acme, alice, receiver):
    page = alice.post(f"{HOOKS}new/", form("https://user:x@e.example/"))
    assert (page.status_code, "Leave out the name and the password" in page.content.decode()) == (400, True)
    page = alice.post(f"{HOOKS}new/", form(receiver.address, kinds=["nonsense"]))
    assert page.status_code == 400
    assert not Webhook.objects.exists()


def test_it_is_changed_paused_resumed_skipped_and_removed(acme, alice, receiver, hook):
    edit = alice.get(f"{HOOKS}1/edit/").content.decode()
    assert receiver.address in edit
    alice.post(f"{HOOKS}1/edit/", form(receiver.address, name="Bot", kinds=["commented"]))
    alice.post(f"{HOOKS}1/pause/")
    new_task(acme, actor=acme.bob)
    page = alice.get(f"{HOOKS}1/").content.decode()
    assert "Resume from where it stopped" in page
    assert "Skip 3 events" in page
    alice.post(f"{HOOKS}1/resume/", {"skip": "1"})
    work()
    assert [got.message["type"] for got in receiver.taken] == ["reset"]
    alice.post(f"{HOOKS}1/secret/")
    alice.post(f"{HOOKS}1/secret/end/")
    alice.post(f"{HOOKS}1/remove/")
    assert alice.get(f"{HOOKS}1/").status_code == 404
    told = TaskEvent.objects.filter(action__startswith="webhook_").order_by("position")
    assert [event.action.removeprefix("webhook_") for event in told] == [
        "made", "changed", "paused", "resumed", "secret_made", "secret_ended", "removed",
    ]  # fmt: skip


def test_a_failure_is_explained_and_an_answer_is_escaped(acme, alice, receiver, hook):
    receiver.says = lambda got: Said(410, body=b"<script>alert(1)</script>" + b"x" * 1000)
    new_task(acme, actor=acme.bob)
    work()
    page = alice.get(f"{HOOKS}1/").content.decode()
    assert "its receiver says that it is gone for good" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert len(WebhookDelivery.objects.get().answer) == 500
    assert "it is gone for good" in signed_in(acme.bob).get("/inbox/").content.decode()
    part = alice.get(f"{HOOKS}1/?part=1").content.decode()
    assert "<html" not in part
    assert "Stopped" in part


def test_a_test_and_a_delivery_again_are_asked_for(acme, alice, receiver, hook):
    alice.post(f"{HOOKS}1/test/")
    new_task(acme, actor=acme.bob)
    work()
    delivery = WebhookDelivery.objects.get(kind="event")
    alice.post(f"{HOOKS}1/deliveries/{delivery.pk}/replay/")
    again(hook)
    kinds = [got.message["type"] for got in receiver.taken]
    assert kinds == ["test", "created", "created"]
    test = WebhookDelivery.objects.get(kind="test")
    page = alice.post(f"{HOOKS}1/deliveries/{test.pk}/replay/", follow=True).content.decode()
    assert "Only an event can be sent again" in page


def test_kinds_of_events_are_said_in_words(acme, alice, receiver, hook):
    kinds = ["status_changed", "member_joined"]
    alice.post(f"{HOOKS}1/edit/", form(receiver.address, name="Bot", kinds=kinds))
    task = new_task(acme, actor=acme.bob)
    move(task, "done", actor=acme.bob)
    alice.post(f"{HOOKS}1/test/")
    work()
    page = alice.get(f"{HOOKS}1/").content.decode()
    for words in ("Status changed", "Member joined", "<strong>Test</strong>"):
        assert words in page
    for kind in kinds:
        assert kind not in page
    (changed,) = TaskEvent.objects.filter(action="webhook_changed")
    assert changed.fact.predicate(Around("ACME-W1", 1, "Alice", 2026, {})) == (
        "changed name and kinds of events of the webhook ACME-W1"
    )
    shown = {change.field: change.after for change in changed.fact.changes({}, None)}
    assert shown == {"Name": "Bot", "Kinds of events": "Member joined, Status changed"}


def test_nobody_else_sees_or_changes_them(acme, globex, receiver, hook):
    for path in ("", "new/", "1/", "1/edit/"):
        assert signed_in(acme.carol).get(f"{HOOKS}{path}").status_code == 403
        assert signed_in(globex.gina).get(f"{HOOKS}{path}").status_code == 404
    before = Webhook.objects.values().get()
    for path in (
        "pause/",
        "resume/",
        "remove/",
        "secret/",
        "secret/end/",
        "test/",
        "edit/",
        "deliveries/1/replay/",
    ):
        assert signed_in(acme.carol).post(f"{HOOKS}1/{path}", form(receiver.address)).status_code == 403
        assert signed_in(globex.gina).post(f"{HOOKS}1/{path}", form(receiver.address)).status_code == 404
        assert (
            signed_in(globex.gina).post(f"/orgs/globex/webhooks/1/{path}", form(receiver.address)).status_code
            == 404
        )
    assert Webhook.objects.values().get() == before
    assert not WebhookDelivery.objects.exists()
    assert "Webhooks" not in signed_in(acme.carol).get("/orgs/acme/members/").content.decode()
