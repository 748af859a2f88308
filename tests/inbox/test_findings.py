"""The audit looks for notifications that nothing stands behind."""

import pytest
from django.utils import timezone

from events.findings import Scope
from inbox.models import Notification
from inbox.states import State
from tests.audits import findings
from tests.events.test_tampering import put
from tests.tasks.acme import move, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def note(acme):
    """Bob's, of what Alice did."""
    event = move(new_task(acme, actor=acme.alice), "done", actor=acme.alice)
    return Notification.objects.get(event=event, recipient=acme.bob)


def told(scope=Scope()):  # noqa: B008 - it is frozen
    return [(finding.position, finding.code) for finding in findings(scope)]


def test_all_is_well(note):
    assert told() == []


WRONG = {
    "event": (lambda note, acme, globex: 10**9, None, "notification_without_event"),
    "recipient": (lambda note, acme, globex: 10**9, 2, "notification_without_recipient"),
    "organization": (lambda note, acme, globex: globex.pk, 2, "notification_elsewhere"),
    "reason": (lambda note, acme, globex: "whim", 2, "notification_reason"),
    "state": (lambda note, acme, globex: 9, 2, "notification_state"),
}


@pytest.mark.parametrize("field", WRONG)
def test_what_cannot_be_is_named(note, acme, globex, field):
    value, position, code = WRONG[field]
    put(note, **{field: value(note, acme, globex)})
    assert told() == [(position, code)]


def test_what_is_snoozed_has_a_moment_to_come_back(note):
    put(note, state=State.SNOOZED, snoozed_until=timezone.now())
    assert told() == []
    put(note, state=State.UNREAD)  # it came back
    assert told() == []
    put(note, state=State.READ)
    assert told() == [(2, "notification_snooze")]
    put(note, state=State.SNOOZED, snoozed_until=None)
    assert told() == [(2, "notification_snooze")]


def test_nobody_is_told_of_their_own_deed(note, acme):
    put(note, recipient=acme.alice.pk)
    assert told() == [(2, "notification_of_own_deed")]


def test_the_sentence_says_whose_and_of_what(note):
    put(note, reason="whim")
    (finding,) = findings()
    assert finding.message == (
        f"the notification of user {note.recipient_id} about the event with the id {note.event_id} "
        "has the reason 'whim', which does not exist"
    )


def test_only_what_is_asked_for(note, acme, globex):
    other = new_task(acme, actor=acme.alice)
    put(note, reason="whim")
    assert told(Scope(acme.pk)) == told(Scope(acme.pk, note.event.stream_id)) == [(2, "notification_reason")]
    assert told(Scope(globex.pk)) == told(Scope(acme.pk, other.pk)) == []


def test_whoever_left_was_a_member(note, acme):
    """Memberships have no history: a recipient who is no member now is no finding."""
    acme.membership(acme.bob).delete()
    assert told() == []
