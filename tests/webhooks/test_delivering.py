"""What a receiver gets: everything, in order, once per id, however long it was away."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from events.models import LogHead, TaskEvent
from inbox.event_frames import event_frame
from inbox.models import Notification
from operations.backup_aftermath import aftermath
from orgs.models import Membership
from outbound.to_strangers import Posting
from servers.receiver import Receiver, Said
from tests.tasks.acme import comment, move, new_task, rename
from tests.waiting import wait_until
from tests.webhooks.conftest import again, work
from webhooks import asked, delivering, recording, services
from webhooks.claiming import LEASE, Lost, claim, release
from webhooks.claiming import move as record
from webhooks.delivering import visit
from webhooks.models import Webhook, WebhookDelivery
from webhooks.trying import try_once
from webhooks.wishes import Wish
from webhooks.worker import Worker

pytestmark = pytest.mark.django_db


def head(team):
    return LogHead.objects.get(pk=team.pk).position


def events_after(team, position):
    return list(TaskEvent.objects.filter(organization=team.pk, position__gt=position).order_by("position"))


def test_what_happens_from_now_on_comes_in_order_with_its_place(acme, receiver, hook):
    began = head(acme)
    task = new_task(acme, actor=acme.alice)
    comment(task, "Hm.", actor=acme.carol)
    work()
    work()
    assert receiver.positions == [began + 1, began + 2]
    first, second = (got.message for got in receiver.taken)
    assert (first["type"], second["type"]) == ("created", "commented")
    assert (first["previous"], second["previous"]) == (began, began + 1)
    event = TaskEvent.objects.readable().get(organization=acme.pk, position=began + 2)
    frame = event_frame(event, {})
    assert (second["cursor"], second["data"]["event_id"]) == (frame.cursor, event.pk)
    assert second["data"]["details"] == {"text": "Hm.", "mentions": []}
    assert "notification" not in second["data"]


def test_one_from_the_start_gets_the_whole_log(acme, receiver):
    new_task(acme, actor=acme.alice)
    services.make(acme.membership(acme.bob), Wish("Archive", receiver.address), from_start=True)
    work()
    assert receiver.positions == [1, 2]
    assert receiver.taken[0].message["previous"] == 0


def test_a_receiver_that_was_away_gets_everything_afterwards_once_and_in_order(
    acme, receiver, hook, monkeypatch
):
    monkeypatch.setattr(delivering, "LOT", 3)
    began = head(acme)
    receiver.says = lambda got: Said(503)
    task = new_task(acme, actor=acme.alice)
    work()
    for number in range(7):  # more than are read at once
        rename(task, f"Title {number}", actor=acme.alice)
    work()  # not before its pause is over
    assert len(receiver.got) == 1
    again(hook)
    assert [got.id for got in receiver.got] == [receiver.got[0].id] * 2
    receiver.says = lambda got: Said()
    again(hook)
    assert receiver.positions == list(range(began + 1, head(acme) + 1))
    assert len({got.id for got in receiver.taken}) == 8
    assert WebhookDelivery.objects.get(message_id=receiver.got[0].id).tries == 3


def test_an_answer_that_was_lost_is_told_by_the_id(acme, receiver, hook):
    """It was taken, and whoever sent it died before it was recorded."""
    new_task(acme, actor=acme.alice)
    webhook = claim("who dies", quick_only=False)
    assert claim("another", quick_only=False) is None
    with Posting() as posting:
        try_once(webhook, *_next_of(webhook), posting)
    Webhook.objects.update(leased_until=timezone.now() - LEASE)
    work()
    first, second = receiver.taken
    assert (first.id, first.body) == (second.id, second.body)
    with pytest.raises(Lost):
        record(webhook, "who dies", failures=0)


def _next_of(webhook):
    from webhooks.delivering import _next
    from webhooks.messages import of_events

    return of_events(webhook, _next(webhook)[0])


@pytest.mark.parametrize("status", [302, 400, 404, 429, 500, 503])
def test_whatever_is_no_success_is_tried_again(acme, receiver, hook, status):
    receiver.says = lambda got: Said(
        status, {"Location": receiver.address, "Retry-After": "600"}, b"<b>no</b>\0"
    )
    new_task(acme, actor=acme.alice)
    work()
    hook.refresh_from_db()
    assert (len(receiver.got), hook.failures, hook.last_status) == (1, 1, status)
    assert (hook.due_at - timezone.now()).total_seconds() > 590
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.answer) == ("failed", "<b>no</b>\ufffd")


def test_after_three_days_it_stops_and_managers_are_told_and_it_goes_on_from_there(acme, receiver, hook):
    began = head(acme)
    Membership.objects.filter(user=acme.bob).update(level=Membership.Level.MUTED)
    receiver.says = lambda got: Said(500)
    new_task(acme, actor=acme.alice)
    work()
    Webhook.objects.update(failing_since=timezone.now() - dt.timedelta(days=3))
    again(hook)
    hook.refresh_from_db()
    assert (hook.state, hook.stopped_why) == ("stopped", "failing")
    stopped = TaskEvent.objects.get(action="webhook_stopped")
    told = Notification.objects.filter(event=stopped).values_list("recipient__username", "reason")
    assert sorted(told) == [("alice", "webhook"), ("bob", "webhook")]
    receiver.says = lambda got: Said()
    again(hook)
    assert receiver.taken == []
    services.resume(acme.membership(acme.bob), hook.number)
    work()
    assert receiver.positions == list(range(began + 1, head(acme) + 1))


def test_one_that_says_it_is_gone_is_stopped_at_once(acme, receiver, hook):
    receiver.says = lambda got: Said(410)
    new_task(acme, actor=acme.alice)
    work()
    hook.refresh_from_db()
    assert (hook.state, hook.stopped_why, len(receiver.got)) == ("stopped", "gone", 1)


def test_what_is_skipped_is_told_to_the_receiver(acme, receiver, hook):
    receiver.says = lambda got: Said(500)
    was = head(acme)
    task = new_task(acme, actor=acme.alice)
    work()
    services.pause(acme.membership(acme.alice), hook.number)
    services.resume(acme.membership(acme.alice), hook.number, skip=True)
    receiver.says = lambda got: Said()
    move(task, "in_progress", actor=acme.alice)
    work()
    reset, *after = (got.message for got in receiver.taken)
    assert (reset["type"], reset["data"]["why"]) == ("reset", "skipped")
    assert reset["data"]["from"].split(".")[1] == str(was)
    assert reset["position"] == was + 2  # created and paused
    assert [message["type"] for message in after] == ["webhook_resumed", "status_changed"]
    assert after[0]["previous"] == reset["position"]
    resumed = TaskEvent.objects.get(action="webhook_resumed")
    assert resumed.details == {"skipped": 2}


def test_another_history_is_told_and_it_goes_on_at_the_head(acme, receiver, hook):
    new_task(acme, actor=acme.alice)
    work()
    Webhook.objects.update(digest="f" * 64)
    receiver.says = lambda got: Said(500)
    work()
    task = new_task(acme, actor=acme.bob)
    receiver.taken.clear()
    receiver.says = lambda got: Said()
    again(hook)
    reset, following = (got.message for got in receiver.taken)
    assert (reset["type"], reset["data"]["why"], reset["position"]) == ("reset", "another_history", 2)
    assert reset["data"]["from"].endswith(".2.ffffffff")
    assert (following["data"]["task_id"], following["previous"]) == (str(task.pk), 2)


def test_after_a_restore_each_receiver_is_told_first(acme, receiver, hook):
    new_task(acme, actor=acme.alice)
    asked.ask_test(hook, acme.alice)
    for statement in aftermath(["webhooks.0001_initial"]):
        with connection.cursor() as cursor:
            cursor.execute(statement)
    work()
    reset, created = (got.message for got in receiver.taken)
    assert (reset["type"], reset["data"]["why"]) == ("reset", "restored")
    assert reset["data"]["from"] == reset["data"]["to"] == reset["cursor"]
    assert (created["type"], created["previous"]) == ("created", reset["position"])


def test_only_the_kinds_that_are_wanted_come_and_the_place_moves_past_the_others(acme, receiver):
    hook = services.make(
        acme.membership(acme.alice), Wish("Bot", receiver.address, kinds=("commented",))
    ).webhook
    task = new_task(acme, actor=acme.alice)
    comment(task, actor=acme.bob)
    rename(task, "Other", actor=acme.alice)
    work()
    services.pause(acme.membership(acme.alice), hook.number)
    services.resume(acme.membership(acme.alice), hook.number)
    comment(task, actor=acme.bob)
    work()
    first, second = (got.message for got in receiver.taken)
    assert (first["previous"], second["previous"]) == (1, first["position"])
    hook.refresh_from_db()
    assert (hook.position, claim("a thread", quick_only=False)) == (head(acme), None)


def test_a_pause_holds_what_waits(acme, receiver, hook):
    services.pause(acme.membership(acme.alice), hook.number)
    new_task(acme, actor=acme.alice)
    work()
    assert receiver.got == []
    services.resume(acme.membership(acme.alice), hook.number)
    work()
    assert [got.message["type"] for got in receiver.taken] == ["webhook_paused", "created", "webhook_resumed"]


def meanwhile(monkeypatch, **columns):
    """Somebody changes this of the webhook while the first event is on its way."""

    def tried(webhook, outgoing, posting):
        found = try_once(webhook, outgoing, posting)
        Webhook.objects.filter(pk=webhook.pk).update(**columns)
        return found

    monkeypatch.setattr(delivering, "try_once", tried)


def test_a_pause_in_the_midst_ends_the_visit_after_what_is_under_way(acme, receiver, hook, monkeypatch):
    rename(new_task(acme, actor=acme.alice), "Other", actor=acme.alice)
    meanwhile(monkeypatch, state="paused")
    work()
    hook.refresh_from_db()
    assert (len(receiver.got), hook.position) == (1, 2)


def test_who_moves_it_elsewhere_meanwhile_is_not_overruled(acme, receiver, hook, monkeypatch):
    new_task(acme, actor=acme.alice)
    meanwhile(monkeypatch, position=77, digest="a" * 64)
    visit(claim("a thread", quick_only=False), "a thread")
    hook.refresh_from_db()
    assert (hook.position, hook.leased_until) == (77, None)


def test_who_is_slow_or_fails_is_left_to_half_of_the_threads(acme, receiver, hook):
    new_task(acme, actor=acme.alice)
    for slow in ({"failures": 1}, {"failures": 0, "last_ms": 5000}):
        Webhook.objects.update(**slow)
        assert claim("a thread", quick_only=True) is None
    release(claim("a thread", quick_only=False), "a thread")


def test_a_test_and_a_replay_move_nothing_and_come_though_it_is_stopped(acme, receiver, hook):
    new_task(acme, actor=acme.alice)
    work()
    services.pause(acme.membership(acme.alice), hook.number)
    (delivery,) = WebhookDelivery.objects.all()
    asked.ask_test(hook, acme.alice)
    asked.ask_replay(delivery, acme.alice)
    hook.refresh_from_db()
    place = hook.position
    work()
    event, test, replay = receiver.taken
    assert test.message["type"] == "test"
    assert "position" not in test.message
    assert replay.id == event.id
    assert "previous" not in replay.message
    hook.refresh_from_db()
    assert hook.position == place
    assert set(WebhookDelivery.objects.values_list("kind", "state")) == {
        ("event", "delivered"), ("test", "delivered"), ("replay", "delivered"),
    }  # fmt: skip


def test_an_event_that_is_not_there_any_more_is_not_replayed(acme, receiver, hook):
    new_task(acme, actor=acme.alice)
    work()
    WebhookDelivery.objects.update(message_id="msg_of_another_history")
    asked.ask_replay(WebhookDelivery.objects.get(), acme.alice)
    work()
    assert len(receiver.got) == 1
    assert "not in the log" in WebhookDelivery.objects.get(kind="replay").error


def test_a_secret_that_cannot_be_read_stops_it(acme, receiver, hook):
    hook.secrets.update(sealed="nonsense")
    new_task(acme, actor=acme.alice)
    work()
    hook.refresh_from_db()
    assert (hook.state, hook.stopped_why, receiver.got) == ("stopped", "unreadable", [])
    services.rotate(acme.membership(acme.alice), hook.number)
    services.resume(acme.membership(acme.alice), hook.number)
    work()
    assert receiver.positions[0] == 2


def test_a_former_secret_that_cannot_be_read_signs_no_more(acme, receiver, hook):
    hook.secrets.update(sealed="nonsense")
    services.rotate(acme.membership(acme.alice), hook.number)
    work()
    assert len(receiver.taken[0].headers["webhook-signature"].split()) == 2


def test_what_was_asked_of_one_without_a_readable_secret_is_noted_and_waits_for_nothing(acme, receiver, hook):
    hook.secrets.update(sealed="nonsense")
    services.pause(acme.membership(acme.alice), hook.number)
    asked.ask_test(hook, acme.alice)
    visit(claim("a thread", quick_only=False), "a thread")
    assert claim("a thread", quick_only=False) is None
    assert "cannot be read" in WebhookDelivery.objects.get().error


def test_no_name_and_no_date_of_a_stranger_makes_a_visit_fail(acme, receiver, hook):
    far = {"Date": "Mon, 02 Jan 2026 00:00:00 +99999999999999999999"}
    receiver.says = lambda got: Said(500, far | {"Retry-After": far["Date"]})
    new_task(acme, actor=acme.alice)
    work()
    Webhook.objects.update(address=f"https://{'a' * 64}.example.com/", due_at=None)
    work()
    hook.refresh_from_db()
    assert (hook.failures, hook.last_status) == (2, None)


def test_what_this_server_cannot_do_is_put_off_and_holds_up_no_other(
    acme, receiver, hook, monkeypatch, caplog
):
    new_task(acme, actor=acme.alice)
    asked.ask_test(hook, acme.alice)
    for module in (asked, delivering):
        monkeypatch.setattr(module, "try_once", lambda *_: 1 / 0)
    visit(claim("a thread", quick_only=False), "a thread")
    assert claim("a thread", quick_only=False) is None
    hook.refresh_from_db()
    assert (hook.failures, hook.position, hook.last_error) == (1, 1, delivering.FAILED_HERE.error)
    assert WebhookDelivery.objects.get().state == "failed"
    assert caplog.text.count("ZeroDivisionError") == 2


def test_a_skip_does_not_take_the_place_of_what_weighs_more(acme, receiver, hook):
    Webhook.objects.update(reset_why="restored", reset_from="1.1.00000000")
    new_task(acme, actor=acme.alice)
    services.resume(acme.membership(acme.alice), hook.number, skip=True)
    work()
    assert receiver.taken[0].message["data"]["why"] == "restored"


def test_the_record_is_bounded_in_age_and_number(hook, monkeypatch):
    monkeypatch.setattr(recording, "MOST", 3)
    now = timezone.now()
    for number in range(3):
        hook.deliveries.create(
            kind="event",
            state="delivered",
            message_id=str(number),
            first_at=now - dt.timedelta(days=31 - number),
        )
    recording.clear(now)
    assert [each.message_id for each in hook.deliveries.all()] == ["1", "2"]
    for number in range(6):
        hook.deliveries.create(kind="test", state="delivered", message_id=f"test {number}", first_at=now)
    recording.clear(now)
    assert hook.deliveries.count() == 3


@pytest.mark.django_db(transaction=True)
def test_threads_wake_by_the_commit_and_a_slow_receiver_holds_up_only_itself(acme, receiver, hook, settings):
    settings.POLL_SECONDS = 30.0
    held = threading.Event()
    with Receiver() as slow:
        slow.says = lambda got: Said() if held.wait(30) else Said(500)
        services.make(acme.membership(acme.alice), Wish("Slow", slow.address))
        task = new_task(acme, actor=acme.alice)
        worker = Worker()
        threads = [threading.Thread(target=worker.run) for _ in range(worker.threads)]
        try:
            for thread in threads:
                thread.start()
            wait_until(lambda: slow.got and len(receiver.taken) == 2, "both were tried")
            rename(task, "Other", actor=acme.alice)
            wait_until(lambda: len(receiver.taken) == 3, "the quick one has everything")
            assert len(slow.got) == 1
            held.set()
            wait_until(lambda: len(slow.taken) == 2, "the slow one too")
        finally:
            held.set()
            worker.stop()
            for thread in threads:
                thread.join()
    assert receiver.positions == [2, 3, 4]
