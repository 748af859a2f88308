"""Acts on notifications by programs, and taking them back."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from inbox import marks
from inbox.models import Notification
from inbox.org_inboxes import counts_by_state, org_inboxes
from inbox.states import STEPS, Act, State
from tests.api.answers import is_problem, send
from tests.tasks.acme import assign, comment, new_task, signed_in
from tests.tokens.making import by, new_token

pytestmark = [pytest.mark.django_db, pytest.mark.first]

MARKS, UNDO = "/notifications/marks", "/notifications/undo"
TOMORROW = (timezone.now() + dt.timedelta(days=1)).isoformat()


@pytest.fixture
def told(acme, globex):
    """Four events told to Bob, the last by Globex."""
    globex.join("bob")
    task = new_task(acme, actor=acme.alice)
    assign(task, acme.bob, actor=acme.alice)
    comment(task, "@bob", actor=acme.alice)
    new_task(globex, actor=globex.gina)
    rows = Notification.objects.filter(recipient=acme.bob).order_by("event_id")
    return list(rows.values_list("event_id", flat=True))


@pytest.fixture
def client(acme, told):
    return signed_in(acme.bob)


def states(user):
    rows = Notification.objects.filter(recipient=user).order_by("event_id")
    return [State(state).word for state in rows.values_list("state", flat=True)]


def marked(client, **body):
    answer = send(client, "POST", MARKS, body)
    assert answer.status_code == 200, answer.json()
    return answer.json()


class TestSome:
    def test_every_act_leads_to_its_state_and_back(self, acme, client, told):
        for act in Act:
            before = min(STEPS[act].sources)
            Notification.objects.update(state=before, snoozed_until=None)
            until = {"until": TOMORROW} if act is Act.SNOOZE else {}
            answer = marked(client, act=act, event_ids=told[:2], **until)
            target = STEPS[act].target.word
            assert states(acme.bob) == [target, target, before.word, before.word]
            places = org_inboxes(acme.bob.pk, by_state=True)
            counts = counts_by_state(places)
            assert answer["changed"] == 2
            assert answer["counts"] == {name: getattr(counts, name) for name in counts.__struct_fields__}
            assert answer["revision"] == places[0].revision
            back = send(client, "POST", UNDO, answer["undo"]).json()
            assert (back["changed"], back["undo"]) == (2, None)
            assert states(acme.bob) == [before.word] * 4

    def test_twice_is_once(self, client, told):
        assert marked(client, act="done", event_ids=told)["changed"] == 4
        again = marked(client, act="done", event_ids=told)
        assert (again["changed"], again["undo"]) == (0, None)

    def test_what_is_named_twice_or_is_not_theirs_is_ignored(self, acme, client, told):
        mine = new_task(acme, actor=acme.bob)  # told to others alone
        others = list(Notification.objects.filter(recipient=acme.carol).values_list("event_id", flat=True))
        named = [told[0], told[0], *others, 10**18 - 1, 0]
        assert marked(client, act="read", event_ids=named)["changed"] == len({*named} & {*told})
        assert set(states(acme.carol)) == {"unread"}
        assert mine

    def test_an_undo_leaves_alone_what_was_changed_since_and_what_is_anothers(self, acme, client, told):
        undo = marked(client, act="read", event_ids=told)["undo"]
        marks.mark(acme.bob.pk, Act.DONE, told[:1])
        assert send(signed_in(acme.carol), "POST", UNDO, undo).json()["changed"] == 0
        assert send(client, "POST", UNDO, undo).json()["changed"] == 3
        assert states(acme.bob) == ["done", "unread", "unread", "unread"]


class TestAllOfAList:
    def seen(self, client, **named):
        answer = client.get("/api/v1/notifications", named).json()
        return {"seen": answer["cursor"], "revision": answer["revision"]}

    def test_what_it_showed_and_nothing_that_came_or_changed_since(self, acme, client, told):
        seen = self.seen(client, state="unread")
        marks.mark(acme.bob.pk, Act.READ, [told[0]])
        marks.mark(acme.bob.pk, Act.UNREAD, [told[0]])
        comment(new_task(acme, actor=acme.alice), actor=acme.alice)
        assert marked(client, act="read", state="unread", **seen)["changed"] == 3
        assert states(acme.bob) == ["unread", "read", "read", "read", "unread", "unread"]

    def test_by_every_word_of_the_list(self, acme, client, told):
        seen = self.seen(client)
        named = {"org": "acme", "q": "-reason:assigned from:alice", "state": "inbox"}
        assert marked(client, act="done", **named, **seen)["changed"] == 2
        assert states(acme.bob) == ["done", "unread", "done", "unread"]
        assert marked(client, act="snooze", until=TOMORROW, reason="assigned", **seen)["changed"] == 1

    def test_a_cursor_of_another_history_user_or_installation_changes_nothing(
        self, acme, globex, client, told
    ):
        (mine,) = (place for place in org_inboxes(acme.bob.pk) if place.org_id == acme.pk)
        for cursor in (
            f"{acme.pk}.{mine.position}.00000000",
            f"{acme.pk}.{mine.position + 9}.{mine.digest[:8]}",
            "987654.3.ab12cd34",
        ):
            refused = send(client, "POST", MARKS, {"act": "done", "seen": cursor})
            is_problem(refused, 409, "conflict")
        hanks = signed_in(globex.hank).get("/api/v1/notifications").json()["cursor"]
        is_problem(
            send(signed_in(acme.carol), "POST", MARKS, {"act": "done", "seen": hanks}), 409, "conflict"
        )
        assert states(acme.bob) == ["unread"] * 4

    def test_a_list_that_names_what_is_not_there_is_refused(self, client, told, acme):
        seen = self.seen(client)
        for named, at in (
            ({"q": "from:nobody"}, "body.q"),
            ({"q": " ".join(f"w{number}" for number in range(100))}, "body.q"),
            ({"state": "open"}, "body.state"),
            ({"reason": "boredom"}, "body.reason"),
        ):
            refused = send(client, "POST", MARKS, {"act": "done", **seen, **named})
            assert is_problem(refused, 422, "unprocessable")["errors"][0]["at"] == at
        is_problem(send(client, "POST", MARKS, {"act": "done", **seen, "org": "initech"}), 404, "not_found")
        assert states(acme.bob) == ["unread"] * 4


BAD = [
    {},
    {"act": "done"},
    {"act": "wake", "event_ids": [1]},
    {"act": "done-all", "event_ids": [1]},
    {"act": "done", "event_ids": []},
    {"act": "done", "event_ids": 1},
    {"act": "done", "event_ids": ["1"]},
    {"act": "done", "event_ids": [-1]},
    {"act": "done", "event_ids": [1.5]},
    {"act": "done", "event_ids": [True]},
    {"act": "done", "event_ids": [10**30]},
    {"act": "done", "event_ids": list(range(501))},
    {"act": "done", "event_ids": [1], "seen": "1.0.00000000"},
    {"act": "done", "event_ids": [1], "state": "unread"},
    {"act": "done", "event_ids": [1], "revision": 1},
    {"act": "done", "event_ids": [1], "until": TOMORROW},
    {"act": "done", "seen": ""},
    {"act": "done", "seen": "now"},
    {"act": "done", "seen": "1.5.0000000,"},
    {"act": "done", "seen": "1.0.00000000", "revision": -1},
    {"act": "done", "seen": "1.0.00000000", "revision": 10**30},
    {"act": "done", "event_ids": [1], "offer": True},
    {"act": "snooze", "event_ids": [1]},
    {"act": "snooze", "event_ids": [1], "until": "tomorrow"},
    {"act": "snooze", "event_ids": [1], "until": "2027-02-03T09:00:00"},
    {"act": "snooze", "event_ids": [1], "until": "2020-01-01T09:00:00Z"},
    {"act": "snooze", "event_ids": [1], "until": "9999-12-31T23:59:59Z"},
    {"act": "snooze", "event_ids": [1], "until": "9999-12-31T23:59:59-14:00"},
    {"act": "snooze", "event_ids": [1], "until": "0001-01-01T00:00:00+14:00"},
    {f"key{number}": number for number in range(10_000)},
    [],
    "done",
    None,
]


def test_what_cannot_be_meant_is_refused_with_words_and_nothing_is_changed(acme, client, told):
    for body in BAD:
        refused = send(client, "POST", MARKS, body)
        assert refused.status_code in (400, 422), (body, refused.status_code)
        is_problem(refused, refused.status_code, "invalid" if refused.status_code == 400 else "unprocessable")
    for body in ({}, {"mark": "1"}, {"mark": -1}, {"mark": 10**30}, {"mark": 10**18 - 1}, {"mark": None}):
        is_problem(send(client, "POST", UNDO, body), 422, "unprocessable")
    assert states(acme.bob) == ["unread"] * 4


def test_a_token_of_one_organization_marks_and_undoes_there_alone(acme, globex, told):
    token, nobody = by(new_token(acme.bob, ["inbox"], globex.organization))["headers"], Client()
    everything = {"act": "done", "event_ids": told}
    answer = send(nobody, "POST", MARKS, everything, **token).json()
    assert (answer["changed"], answer["counts"]["done"]) == (1, 1)
    assert states(acme.bob) == ["unread", "unread", "unread", "done"]
    both = ",".join(str(place.cursor) for place in org_inboxes(acme.bob.pk))
    listed = {"act": "save", "seen": both, "state": "all"}
    assert send(nobody, "POST", MARKS, listed, **token).json()["changed"] == 1
    foreign = next(str(place.cursor) for place in org_inboxes(acme.bob.pk) if place.org_id == acme.pk)
    refused = send(nobody, "POST", MARKS, listed | {"seen": foreign}, **token)
    is_problem(refused, 409, "conflict")
    mark = marks.mark(acme.bob.pk, Act.READ, told).mark
    marks.mark(acme.bob.pk, Act.DONE, told[3:])
    mark = marks.mark(acme.bob.pk, Act.SAVE, told).mark
    assert send(nobody, "POST", UNDO, {"mark": mark}, **token).json()["changed"] == 1
    assert states(acme.bob) == ["saved", "saved", "saved", "done"]


def test_another_scope_marks_nothing(acme, told):
    token = by(new_token(acme.bob, ["read", "write", "audit", "admin"]))["headers"]
    for address, body in ((MARKS, {"act": "done", "event_ids": told}), (UNDO, {"mark": 1})):
        assert send(Client(), "POST", address, body, **token).status_code == 403
    assert states(acme.bob) == ["unread"] * 4
