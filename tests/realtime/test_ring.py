import json

import pytest

from base.messages import AppendedEvent
from inbox.frames import encode
from inbox.models import Reason
from realtime import ring as ring_module
from realtime.ring import SIZE, Entry, FellBehind, Ring, frames_for


def entry(position, participants=(), actor_id=1, version=1):
    frame = {"type": "task_event", "position": position, "event_id": position * 10, "actor_id": actor_id}
    told = list(dict(participants).items())
    digest = f"digest {position}"
    return Entry(AppendedEvent(position, position * 10, actor_id, digest, encode(frame), told), version)


def filled(start, count):
    ring = Ring(start, f"digest {start}")
    for position in range(start + 1, start + count + 1):
        ring.append(entry(position))
    return ring


def positions(entries):
    return [entry.position for entry in entries]


def test_a_reader_gets_what_is_beyond_its_place_in_order():
    ring = filled(5, 4)
    assert positions(ring.after(5)) == [6, 7, 8, 9]
    assert positions(ring.after(8)) == [9]


def test_a_reader_at_or_ahead_of_the_end_gets_nothing():
    ring = filled(5, 4)
    assert ring.after(9) == []
    assert ring.after(12) == []


def test_what_the_ring_never_had_or_has_no_more_is_not_made_up():
    with pytest.raises(FellBehind):
        filled(5, 4).after(4)
    ring = filled(0, SIZE + 3)
    assert len(ring.after(3)) == SIZE
    with pytest.raises(FellBehind):
        ring.after(2)


@pytest.mark.parametrize("position", [5, 7])
def test_a_hole_or_a_repeat_cannot_be_appended(position):
    with pytest.raises(ValueError, match="does not follow"):
        Ring(5, "digest 5").append(entry(position))


def test_an_event_is_closed_for_each_reader_whatever_it_means_to_whom():
    told = entry(1, {2: Reason.ASSIGNED})
    assert json.loads(told.payload(Reason.ASSIGNED))["notification"] == {
        "id": 10,
        "reason": "assigned",
        "unread": True,
        "state": "unread",
    }
    assert json.loads(told.payload(None))["notification"] is None
    assert json.loads(told.payload(None))["replayed"] is False
    assert json.loads(told.payload(None))["actor_id"] == 1


def test_large_events_leave_the_ring_earlier(monkeypatch):
    monkeypatch.setattr(ring_module, "MEMORY", 3 * len(entry(1)))
    ring = filled(0, 5)
    assert positions(ring.after(2)) == [3, 4, 5]
    with pytest.raises(FellBehind):
        ring.after(1)
    monkeypatch.setattr(ring_module, "MEMORY", 1)
    ring.append(entry(6))
    assert positions(ring.after(5)) == [6], "the newest stays, whatever its size"


def test_an_organizations_socket_gets_every_event_and_a_users_socket_what_is_addressed():
    entries = [entry(1), entry(2, {7: Reason.ASSIGNED}), entry(3)]

    def sent(level, all_events):
        batches = list(frames_for(7, level, entries, all_events=all_events))
        return [
            (frame["position"], frame["notification"] and frame["notification"]["reason"])
            for batch in batches
            for frame in map(json.loads, batch.payloads)
        ]

    assert sent("all", all_events=True) == [(1, "org"), (2, "assigned"), (3, "org")]
    assert sent("participating", all_events=True) == [(1, None), (2, "assigned"), (3, None)]
    assert sent("participating", all_events=False) == [(2, "assigned")]


def test_a_known_row_beats_the_rule():
    told = entry(1, {2: Reason.ASSIGNED})
    assert told.reason(2, "all") == Reason.ASSIGNED
    told.rows[2] = None
    assert told.reason(2, "all") is None


def test_an_entry_knows_users_of_its_version_and_users_whose_rows_were_read():
    live, read = entry(1, version=7), entry(1, version=None)
    read.rows = {2: "org"}
    assert live.knows(3, 7)
    assert not live.knows(3, 8)
    assert read.knows(2, 8)
    assert not read.knows(3, 8)


def sent(ring, position, user_id, level="all", *, all_events=True):
    return list(ring.batches_after(position, user_id, level, all_events=all_events))


def test_who_goes_on_from_the_same_place_shares_what_is_encoded(monkeypatch):
    monkeypatch.setattr(ring_module, "CHUNK", 300)
    ring = filled(0, 9)
    first, second = sent(ring, 2, 7), sent(ring, 2, 8)
    assert all(one is other for one, other in zip(first, second, strict=True))
    assert len(first) > 1
    whole = [
        payload
        for batch in frames_for(7, "all", ring.after(2), all_events=True)
        for payload in batch.payloads
    ]
    assert [payload for batch in first for payload in batch.payloads] == whole
    assert first[-1].end == 9
    ring.append(entry(10))
    assert sent(ring, 2, 7)[-1].end == 10
    assert len(ring._stretches) <= ring_module.STRETCHES


def test_who_is_singled_out_among_many_is_told_why():
    ring = filled(0, 3)
    ring.append(entry(4, {2: Reason.ASSIGNED}))

    def reasons(user_id, level="all"):
        frames = [
            json.loads(payload) for batch in sent(ring, 0, user_id, level) for payload in batch.payloads
        ]
        return [frame["notification"] and frame["notification"]["reason"] for frame in frames]

    assert reasons(7) == ["org"] * 4
    assert reasons(2) == ["org"] * 3 + ["assigned"]
    assert reasons(1) == [None] * 4
    assert reasons(7, "participating") == [None] * 4
    ring.keep_reasons(2, 0, "all")
    ring.keep_reasons(8, 0, "all")
    assert reasons(8, "participating") == ["org"] * 4
