"""The chain at one event, as the audit's page of it says: every alteration shows where it was made."""

import pytest
from django.db.models import QuerySet

from events.audit.links import links_of
from events.models import EventText, LogHead, TaskEvent
from tasks.erasure import erase_user
from tests.events.audited import page_of, staff, text
from tests.tasks.acme import comment, new_task, signed_in
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db

FOLLOWS, CONTINUED = "Its digest follows on the one before.", "The next one's digest follows on it."
NEWEST = "It is the newest event, and the log's head holds its digest."
PROVED = "The text beside it matches the digest in its details."
SINCE_CUT = "Position 2 is missing: what its digest follows on is unknown."


def event_at(task, position):
    return TaskEvent.objects.readable().get(organization=task.organization_id, position=position)


def holds(task, position):
    return [link.says for link in links_of(event_at(task, position)) if link.holds]


def broken(task, position):
    return [link.says for link in links_of(event_at(task, position)) if not link.holds]


def rows(task, position):
    """A queryset that refuses nothing."""
    return QuerySet(TaskEvent).filter(organization=task.organization_id, position=position)


def test_holds_all_along_an_honest_log(globex, task):
    new_task(globex, actor=globex.gina)
    assert [holds(task, position) for position in (1, 2, 3)] == [
        [FOLLOWS, CONTINUED],
        [FOLLOWS, CONTINUED],
        [FOLLOWS, NEWEST, PROVED],
    ]
    assert not any(broken(task, position) for position in (1, 2, 3))


def test_leads_to_the_events_before_and_after(task):
    before, after = links_of(event_at(task, 2))
    assert (before.event, after.event) == (event_at(task, 1), event_at(task, 3))


@pytest.mark.parametrize("change", [{"subject": "Fix the gate"}, {"digest": "0" * 64}, {"actor_id": 0}])
def test_an_altered_event_does_not_follow(acme, task, change):
    change = {name: acme.alice.pk if name == "actor_id" else value for name, value in change.items()}
    with without_triggers():
        rows(task, 2).update(**change)
    assert broken(task, 2)[0].startswith(
        "Its digest does not follow on the one before. From what stands here"
    )
    if "digest" in change:
        assert broken(task, 2)[1:] == [
            "The digest at position 3 does not follow on it: one of the two was changed."
        ]


def test_the_first_event_follows_on_the_start(task):
    with without_triggers():
        rows(task, 1).update(subject="Fix the gate")
    assert "from the start of the log" in broken(task, 1)[0]


def test_an_event_beside_a_hole_says_so(task):
    with without_triggers():
        rows(task, 2).delete()
    assert broken(task, 3) == [SINCE_CUT]
    assert broken(task, 1) == ["Position 2 is missing, but the log ends at 3."]


def test_an_event_beyond_the_head_says_so(task):
    with without_triggers():
        LogHead.objects.update(position=2, digest=event_at(task, 2).digest)
    assert broken(task, 3) == ["It lies beyond the log's head, or the head holds another digest."]
    LogHead.objects.update(position=3, digest="0" * 64)
    assert broken(task, 3) == ["It lies beyond the log's head, or the head holds another digest."]


class TestTheTextBesideIt:
    def test_that_is_gone_is_missing(self, task):
        with without_triggers():
            EventText.objects.all().delete()
        assert broken(task, 3) == ["Its text is missing, and no erasure names it."]

    def test_that_is_gone_is_right_where_an_erasure_took_it(self, acme, task):
        comment(task, "Mine.", actor=acme.carol)
        erase_user(acme.carol.pk)
        assert "Its text was erased, as its author asked. The digest in its details stays." in holds(task, 4)

    def test_that_was_exchanged_does_not_match(self, task):
        with without_triggers():
            EventText.objects.update(body="Never.")
        assert broken(task, 3) == ["The text beside it is not the one that was written: its digest differs."]

    def test_that_named_somebody_who_was_erased_is_said_to_have(self, acme, task):
        comment(task, "Ask @carol", actor=acme.bob)
        erase_user(acme.carol.pk)
        assert any(link.startswith("Somebody whom its text named was erased") for link in holds(task, 4))


def test_the_page_says_what_is_broken(task):
    auditor = signed_in(staff("audrey", "view_taskevent"))
    assert "Broken." not in text(auditor.get(page_of(event_at(task, 2))))
    with without_triggers():
        rows(task, 2).update(subject="Fix the gate")
    said = text(auditor.get(page_of(event_at(task, 2))))
    assert "✗ Broken. Its digest does not follow on the one before." in said
    assert "Position 1" in said
