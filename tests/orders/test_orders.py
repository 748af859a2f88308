"""Another subject than the task lives in the log, the inboxes, the sockets and the audit, without a line in them."""

import io
import json
import uuid
from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async
from django.core.management import CommandError, call_command
from django.test import override_settings

from base.errors import Conflict, Forbidden, NotFound
from events.management.scopes import scope_of
from events.models import EventText, TaskEvent
from events.subjects import SUBJECTS, OwnReason, register, subject_of
from inbox.models import Notification
from inbox.states import State
from orgs.models import Membership
from realtime.hub import get_hub
from tasks.erasure import erase_user
from tasks.subject import TASK
from tests.audits import findings
from tests.events.audited import LIST
from tests.factories import UserFactory
from tests.orders.facts import OrderNoted, OrderPlaced, OrderShipped
from tests.orders.models import Order
from tests.orders.services import execute
from tests.orders.subject import ORDER
from tests.realtime.sockets import opened, org_path, session_cookie, user_path
from tests.tasks.acme import Level, comment, new_task, signed_in

pytestmark = pytest.mark.django_db

ORDER_ID = uuid.UUID(int=5)


def order(team, wish, actor, order_id=ORDER_ID):
    (event,) = execute(team.pk, order_id, wish, actor=actor)
    return event


@pytest.fixture
def placed(acme):
    """Bob ordered, Carol wrote a note, Alice shipped; a task has the same number."""
    new_task(acme, actor=acme.alice)
    return [
        order(acme, OrderPlaced("a bell"), acme.bob),
        order(acme, OrderNoted("For @alice, from Carol."), acme.carol),
        order(acme, OrderShipped("Post"), acme.alice),
    ]


def told(event):
    return dict(Notification.objects.filter(event=event).values_list("recipient__username", "reason"))


def test_rows_tell_whom_it_concerns_and_why(acme, placed):
    ordered, noted, shipped = placed
    assert told(ordered) == {"alice": "org", "carol": "org", "vera": "org"}
    assert told(noted) == {"bob": "buyer"}  # others follow everything, but a note is not for all
    assert told(shipped) == {"bob": "shipped", "carol": "participant", "vera": "org"}
    assert Order.objects.get().note == "For @alice, from Carol."


def test_a_direct_reason_of_its_own_reaches_who_muted_the_organization(acme, placed):
    Membership.objects.filter(user=acme.bob).update(level=Level.MUTED)
    other = uuid.UUID(int=6)
    order(acme, OrderPlaced("a rope"), acme.bob, other)
    assert told(order(acme, OrderNoted("Hm."), acme.alice, other)) == {}
    assert told(order(acme, OrderShipped("Bike"), acme.alice, other))["bob"] == "shipped"


def test_its_own_rules_hold_and_the_check_of_editors(acme, placed):
    with pytest.raises(Conflict):
        order(acme, OrderShipped("Bike"), acme.bob)
    with pytest.raises(NotFound):
        order(acme, OrderShipped("Bike"), acme.bob, uuid.UUID(int=7))
    with pytest.raises(Forbidden):
        order(acme, OrderNoted("Hm."), acme.vera)
    assert TaskEvent.objects.filter(stream_id=ORDER_ID).count() == 3


def test_a_frame_says_what_it_is_about_and_where_its_page_is(acme, placed):
    item = signed_in(acme.bob).get("/api/orgs/acme/notifications/").json()["items"][-1]
    assert (item["type"], item["about"], item["page"]) == ("event", "order", "orders/1/")
    assert (item["stream_id"], item["key"]) == (str(ORDER_ID), "ACME-O1")
    assert item["sentence"] == "Alice shipped ACME-O1 with Post"
    assert "task_id" not in item
    assert item["notification"]["reason"] == "shipped"


async def live(path, user, deed):
    """The welcome, the frames before the deed, and its own."""
    cookie = await sync_to_async(session_cookie)(user)
    async with opened(path, cookie) as socket:
        welcome = await socket.frame()
        before = [await socket.frame() for _ in range(welcome["replay"]["count"])]
        await deed()
        return before, await socket.frame()


@pytest.mark.parametrize("by_hint", [True, False], ids=["by a hint", "read from the database"])
async def test_live_frames_agree_with_the_rows(world, monkeypatch, by_hint):
    place = sync_to_async(execute)
    await place(world.org.pk, ORDER_ID, OrderPlaced("a bell"), actor=world.bob)
    if not by_hint:
        hint = "realtime.followed_log.FollowedLog.hint"
        monkeypatch.setattr(hint, lambda *_: False)

    async def note():
        await place(world.org.pk, ORDER_ID, OrderNoted("Hm."), actor=world.alice)

    before, frame = await live(user_path(), world.bob, note)
    assert [each["type"] for each in before] == ["task_event"]
    assert (frame["about"], frame["details"]) == ("order", {"note": "Hm."})
    assert frame["notification"]["reason"] == "buyer"
    before, frame = await live(org_path("acme"), world.alice, note)
    assert [each["type"] for each in before] == ["task_event", "event", "event"]
    assert frame["notification"] is None

    # Somebody who follows everything and takes no part: the row and the frame say the same, nothing.
    carol = await sync_to_async(UserFactory)(username="carol")
    await sync_to_async(Membership.objects.create)(organization=world.org, user=carol)
    _, frame = await live(org_path("acme"), carol, note)
    assert frame["notification"] is None
    assert not await sync_to_async(Notification.objects.filter(recipient=carol).exists)()
    assert get_hub().logs == {}


@override_settings(ROOT_URLCONF="tests.orders.urls")
def test_inbox_and_bell_lead_to_its_page(acme, placed):
    bob, shipped = signed_in(acme.bob), placed[-1]
    for address in ("/inbox/", "/inbox/?reason=shipped", "/orgs/acme/tasks/"):  # the bell is on every page
        page = bob.get(address).content.decode()
        assert f'href="/inbox/{shipped.pk}/"' in page
        assert "on its way to you" in page
    opened_page = bob.get(f"/inbox/{shipped.pk}/", follow=True)
    assert opened_page.redirect_chain == [("/orgs/acme/orders/1/", 302)]
    # Its page opens at no event, so the link reads.
    assert Notification.objects.get(event=shipped, recipient=acme.bob).state == State.READ
    assert opened_page.content.decode() == "a bell: For @alice, from Carol."
    assert bob.get("/inbox/").context["boot"]["words"]["carriers"] == ["Post", "Bike"]
    history = bob.get("/orgs/acme/history/").content.decode()
    assert 'href="/orgs/acme/orders/1/"' in history
    assert 'href="/orgs/acme/tasks/1/?version=1"' in history


@pytest.fixture
def auditor(acme):
    return signed_in(UserFactory(username="auditor", is_staff=True, is_superuser=True))


def test_the_audit_shows_and_exports_it(auditor, placed):
    page = auditor.get(f"{LIST}?q=acme-o1").content.decode()
    assert "ACME-O1" in page
    assert "ACME-1<" not in page
    noted = auditor.get(f"{LIST}{placed[1].pk}/change/").content.decode()
    for words in (
        "Carol wrote a note on ACME-O1",
        "For @alice, from Carol.",
        "Bought the order",
        "of the order",
    ):
        assert words in noted
    lines = auditor.post(f"{LIST}export/?action=order_noted", {"format": "jsonl"})
    (row,) = [json.loads(line) for line in b"".join(lines).splitlines()]
    assert row["changes"] == [{"field": "Note", "before": None, "after": "For @alice, from Carol."}]
    assert (row["task"], row["about"]) == ("ACME-O1", "order")


def test_a_second_note_shows_the_one_before(acme, auditor, placed):
    again = order(acme, OrderNoted("Carol forgot it."), acme.alice)
    page = auditor.get(f"{LIST}{again.pk}/change/").content.decode()
    assert "For @alice, from Carol." in page
    assert "Carol forgot it." in page


def test_the_history_is_clean_and_can_be_asked_for_by_key(acme, placed):
    assert findings() == []
    for key in ("ACME-O1", "acme-o1", "ACME-1"):
        assert findings(scope_of(key=key)) == []
    with pytest.raises(CommandError, match="has no order 2"):
        scope_of(key="ACME-O2")


def test_tasks_are_rebuilt_beside_it(acme, placed):
    out = io.StringIO()
    call_command("rebuild_tasks", stdout=out)
    assert "0 changed, 0 added, 0 removed" in out.getvalue()


def test_its_inboxes_are_rebuilt(acme, placed):
    before = sorted(Notification.objects.values_list("recipient_id", "event_id", "reason"))
    Notification.objects.filter(reason__in=["shipped", "buyer"]).delete()
    Membership.objects.update(created="2020-01-01T00:00:00Z")
    out = io.StringIO()
    call_command("rebuild_inbox", stdout=out)
    assert "2 added, 1 of them" in out.getvalue()
    assert sorted(Notification.objects.values_list("recipient_id", "event_id", "reason")) == before


def test_its_texts_are_erased_with_their_author(acme, placed):
    task = new_task(acme, actor=acme.alice, title="Oil the hinges")
    comment(task, "Carol's own.", actor=acme.carol)
    carol = acme.carol
    erase_user(carol.pk)
    assert Order.objects.get().note == ""
    assert not EventText.objects.filter(event__actor=carol).exists()
    of_order, of_task = TaskEvent.objects.filter(action="texts_erased").order_by("stream_id")
    if of_order.stream_id != ORDER_ID:
        of_order, of_task = of_task, of_order
    assert of_order.details == {"erased": [2], "redacted": [], "about": "order"}
    assert of_task.details == {"erased": [2], "redacted": []}
    assert (subject_of(of_order), subject_of(of_task)) == (ORDER, TASK)
    assert of_order.key == "ACME-O1"
    assert findings() == []
    item = signed_in(acme.bob).get("/api/orgs/acme/notifications/").json()["items"][-1]
    assert item["action"] == "texts_erased"


def test_a_name_is_taken_from_others_notes(acme, placed):
    alice = acme.alice
    Membership.objects.filter(user=acme.bob).update(role="owner")
    erase_user(alice.pk)
    assert Order.objects.get().note == f"For @erased-{alice.pk}, from Carol."
    assert findings() == []


def test_names_and_actions_are_registered_once():
    with pytest.raises(ValueError, match="'order' is registered already"):
        register(ORDER)
    with pytest.raises(ValueError, match="order_placed, order_shipped, order_noted are taken"):
        register(replace(ORDER, name="another"))
    with pytest.raises(ValueError, match="at most 11 characters: much_too_long"):
        register(replace(ORDER, name="another", facts=(), reasons=(OwnReason("much_too_long", "x", "x"),)))
    with pytest.raises(ValueError, match="only one subject stands in"):
        register(replace(ORDER, name="another", facts=(), stands_in=True))
    assert "another" not in SUBJECTS
    assert SUBJECTS["order"] is ORDER
    assert TASK.stands_in
    assert not ORDER.stands_in
