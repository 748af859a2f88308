import datetime as dt
import json

import pytest
from msgspec import to_builtins

from events.sentences import names_in
from inbox.event_frames import event_frame
from inbox.frames import Mark, mark
from inbox.org_inboxes import org_inboxes
from tests.inbox.replays import frames_of, org_replay, user_replay
from tests.tasks.acme import assign, comment, new_task

pytestmark = pytest.mark.django_db

KEYS = {
    "type",
    "org_id",
    "task_id",
    "action",
    "actor_id",
    "details",
    "created_at",
    "position",
    "version",
    "cursor",
    "event_id",
    "key",
    "number",
    "page",
    "subject",
    "actor",
    "sentence",
    "names",
}


def frame_of(event):
    return to_builtins(event_frame(event, names_in([event])))


def test_a_frame_says_what_the_protocol_promises(acme):
    task = new_task(acme, actor=acme.alice)
    event = assign(task, acme.bob, actor=acme.alice)
    assert frame_of(event) == {
        "type": "task_event",
        "org_id": acme.pk,
        "task_id": str(task.pk),
        "action": "assignee_changed",
        "actor_id": acme.alice.pk,
        "details": {"from": None, "to": acme.bob.pk},
        "created_at": event.created_at.isoformat(),
        "position": 2,
        "version": 2,
        "cursor": f"{acme.pk}.2.{event.digest[:8]}",
        "event_id": event.pk,
        "key": "ACME-1",
        "number": 1,
        "subject": "Fix the door",
        "actor": "Alice",
        "sentence": "Alice assigned ACME-1 to Bob",
        "names": {str(acme.bob.pk): "Bob"},
        "page": "tasks/1/",
    }
    assert set(frame_of(event)) == KEYS


def test_it_is_json_with_a_time_that_has_its_zone(acme):
    task = new_task(acme, actor=acme.alice, description="@bob", due_date=dt.date(2026, 11, 27))
    frame = frame_of(comment(task, "門 🚪 </script>", actor=acme.bob))
    assert json.loads(json.dumps(frame)) == frame
    assert dt.datetime.fromisoformat(frame["created_at"]).utcoffset() == dt.timedelta(0)


def test_live_and_replayed_are_the_same_but_for_their_marks(
    acme, announcements, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        task = new_task(acme, actor=acme.alice, description="@bob")
        assign(task, acme.carol, actor=acme.bob)
    live = [event["frame"] for _, message in announcements for event in message["events"]]
    (place,) = org_inboxes(acme.carol.pk)
    replayed = frames_of(org_replay(place, acme.carol.pk, None))
    assert [without_marks(frame) for frame in replayed] == live
    assert frames_of(user_replay([place], acme.carol.pk, None)) == replayed


def without_marks(frame):
    assert set(frame) == KEYS | {"notification", "replayed"}
    return {key: value for key, value in frame.items() if key in KEYS}


def test_no_frame_carries_an_e_mail_address(acme):
    """Ids and public words only: no address, no markup, no address to follow."""
    task = new_task(acme, actor=acme.alice, description="@bob @carol")
    assign(task, acme.bob, actor=acme.alice)
    comment(task, "@vera", actor=acme.bob)
    for name in ("alice", "bob", "carol", "vera"):
        user = getattr(acme, name)
        places = org_inboxes(user.pk)
        for replay in (org_replay(places[0], user.pk, None), user_replay(places, user.pk, None)):
            text = json.dumps(frames_of(replay))
            assert frames_of(replay)
            assert "@example.com" not in text
            assert "http" not in text
            assert "/orgs/" not in text


def test_a_mark_names_the_event():
    assert mark(977, "org") == Mark(977, "org", unread=True)
    assert mark(977, "org", unread=False) == Mark(977, "org", unread=False)
    assert mark(977, None) is None
