"""The administration's button: what it verified, from where to where, when and by whom, and what it found."""

import re

import pytest
from django.db.models import QuerySet

from events import verification
from events.audit import verifying
from events.audit.heads import clock
from events.audit.verifying import since_the_start, verify_further
from events.models import GENESIS, LogHead, LogVerification, TaskEvent
from events.verification import Verification
from tests.events.audited import HEADS, page_of, staff, text
from tests.tasks.acme import comment, new_task, signed_in
from tests.triggers import without_triggers

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(db):
    return signed_in(staff("audrey", "view_loghead", "view_taskevent"))


@pytest.fixture
def one_at_a_time(monkeypatch):
    """As if a press had the time for a single event."""

    def verify(org_id, after, digest, *, seconds):
        event = TaskEvent.objects.filter(organization=org_id, position=after + 1).first()
        if event is None:
            return Verification(after, digest, [], complete=True)
        complete = not TaskEvent.objects.filter(organization=org_id, position=after + 2).exists()
        return Verification(event.position, event.digest, [], complete)

    monkeypatch.setattr(verifying, "verify", verify)


def alter(task, position, **fields):
    with without_triggers():
        QuerySet(TaskEvent).filter(organization=task.organization_id, position=position).update(**fields)


def page(head):
    return f"{HEADS}{head.organization_id}/change/"


def press(client, head, **data):
    answer = client.post(f"{HEADS}{head.organization_id}/verify/", data)
    assert answer["Location"] == page(head)
    return text(client.get(page(head)))


def head_of(task):
    return LogHead.objects.get(pk=task.organization_id)


class TestAPress:
    def test_verifies_to_the_end_and_is_kept(self, acme, auditor, task):
        head = head_of(task)
        said = press(auditor, head)
        kept = LogVerification.objects.get()
        assert (kept.after_position, kept.position, kept.digest) == (0, 3, head.digest)
        assert (kept.findings, kept.found, kept.by.username) == ([], 0, "audrey")
        dated = f"Verified to position 3 at {clock(kept.verified_at)}"
        assert dated in said
        assert dated in text(auditor.get(HEADS))
        assert re.fullmatch(r"\d\d:\d\d on \d{1,2} \w{3} \d{4}", clock(kept.verified_at))

    def test_goes_on_after_the_last_one(self, acme, auditor, task):
        press(auditor, head_of(task))
        comment(task, "And now?", actor=acme.bob)
        said = text(auditor.get(page(head_of(task))))
        assert "Verified to position 3 of 4 at " in said
        assert "Go on from position 3" in said
        said = press(auditor, head_of(task))
        assert "Verified to position 4 at " in said
        assert "4 to 4 0 audrey" in said
        assert LogVerification.objects.latest("pk").after_position == 3

    def test_takes_a_bounded_time_and_says_how_far_it_came(self, auditor, task, one_at_a_time):
        assert "Verified to position 1 of 3 at " in press(auditor, head_of(task))
        assert "Verified to position 2 of 3 at " in press(auditor, head_of(task))
        said = press(auditor, head_of(task))
        assert "Verified to position 3 at " in said
        assert "Verify what is new" in said
        assert "none new 0 audrey" in press(auditor, head_of(task))

    def test_gives_the_verification_its_seconds(self, acme, task, monkeypatch):
        asked = []

        def verify(org_id, after, digest, *, seconds):
            asked.append((org_id, after, digest, seconds))
            return Verification(3, "d" * 64, [], complete=True)

        monkeypatch.setattr(verifying, "verify", verify)
        verify_further(acme.pk, acme.alice)
        verify_further(acme.pk, acme.alice)
        verify_further(acme.pk, acme.alice, from_start=True)
        seconds = verifying.SECONDS
        assert asked == [
            (acme.pk, 0, GENESIS, seconds),
            (acme.pk, 3, "d" * 64, seconds),
            (acme.pk, 0, GENESIS, seconds),
        ]
        assert seconds <= 5

    def test_may_begin_anew(self, auditor, task, one_at_a_time):
        press(auditor, head_of(task))
        press(auditor, head_of(task))
        assert "Verified to position 1 of 3 at " in press(auditor, head_of(task), from_start="1")
        assert len(since_the_start(task.organization_id)) == 1

    def test_of_one_organization_leaves_the_others(self, globex, auditor, task):
        new_task(globex, actor=globex.gina)
        press(auditor, head_of(task))
        said = text(auditor.get(HEADS))
        assert said.count("Not verified yet") == 1
        assert said.count("Verified to position") == 1

    def test_of_an_empty_log_is_fine(self, globex, auditor):
        LogHead.objects.create(organization=globex.organization)
        assert "Verified to position 0 at " in press(auditor, LogHead.objects.get())


class TestFindings:
    def test_are_shown_with_their_event(self, auditor, task):
        event = TaskEvent.objects.get(position=2)
        alter(task, 2, subject="Fix the gate")
        said = press(auditor, head_of(task))
        assert "1 finding up to position 3 at " in said
        assert "Findings Position What differs 2 " in said
        assert "event_altered" in said
        assert f'href="{page_of(event)}">2</a>' in auditor.get(page(head_of(task))).content.decode()
        assert "1 finding up to position 3" in text(auditor.get(HEADS))

    def test_that_have_no_event_are_told(self, auditor, task):
        with without_triggers():
            QuerySet(TaskEvent).filter(position=2).delete()
        said = press(auditor, head_of(task))
        assert "position_missing" in said
        assert f"{HEADS}" not in said

    def test_stay_while_the_rest_is_verified(self, acme, auditor, task):
        alter(task, 2, subject="Fix the gate")
        press(auditor, head_of(task))
        comment(task, "And now?", actor=acme.bob)
        said = press(auditor, head_of(task))
        assert "1 finding up to position 4 at " in said
        assert "event_altered" in said

    def test_that_every_press_meets_are_told_once(self, auditor, task, monkeypatch):
        monkeypatch.setattr(
            verification.append_only, "missing_triggers", lambda connection: ["event_append_only"]
        )
        press(auditor, head_of(task))
        said = press(auditor, head_of(task))
        assert "1 finding up to position 3" in said
        assert said.count("trigger_missing") == 1

    def test_of_what_was_verified_before_come_from_the_start(self, auditor, task):
        press(auditor, head_of(task))
        alter(task, 1, subject="Fix the gate")
        assert "Verified to position 3 at " in press(auditor, head_of(task))
        assert "1 finding up to position 3 at " in press(auditor, head_of(task), from_start="1")

    def test_of_a_history_written_anew_come_at_the_next_press(self, auditor, task):
        press(auditor, head_of(task))
        alter(task, 3, digest="0" * 64)
        assert "history_replaced" in press(auditor, head_of(task))


class TestWhoMay:
    def test_is_who_may_see_the_heads(self, acme, task):
        address = f"{HEADS}{task.organization_id}/verify/"
        assert signed_in(staff("stan", "view_taskevent")).post(address).status_code == 403
        assert signed_in(acme.alice).post(address)["Location"].startswith("/admin/login/")
        strict = signed_in(staff("steve", "view_loghead"), enforce_csrf_checks=True)
        assert strict.post(address).status_code == 403
        assert not LogVerification.objects.exists()

    def test_asks_by_a_form(self, auditor, task):
        page = f"{HEADS}{task.organization_id}/"
        assert auditor.get(f"{page}verify/")["Location"] == page
        assert not LogVerification.objects.exists()

    @pytest.mark.parametrize("key", ["999999", "9" * 30])
    def test_finds_no_log_that_is_not_there(self, auditor, task, key):
        assert auditor.post(f"{HEADS}{key}/verify/").status_code == 404

    def test_has_a_button_for_each_in_the_list(self, auditor, task):
        shown = auditor.get(HEADS).content.decode()
        assert (
            f'formaction="{HEADS}{task.organization_id}/verify/" aria-label="Verify the log of Acme"' in shown
        )
