"""A database in which the release before erased people: migrated, it verifies, and what is taken later is found."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from events.erasure import Erasures
from events.models import EventText, TaskEvent
from orgs.models import Membership, User
from tasks.models import Task
from tests.audits import findings
from tests.events.test_tampering import put
from tests.tasks.acme import comment, describe, new_task
from tests.tasks.invariants import assert_the_log_holds
from tests.triggers import without_triggers


def erase_as_before(user):
    """Texts are deleted, names in others' replaced beside an empty nonce; no event says so."""
    new = f"erased-{user.pk}"
    with without_triggers():
        EventText.objects.filter(event__actor=user).delete()
        for text in EventText.objects.filter(body__contains=f"@{user.username}"):
            put(text, nonce="", body=text.body.replace(f"@{user.username}", f"@{new}"))
    for task in Task.objects.filter(creator=user):
        put(task, description="")
    Membership.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(username=new, erased_at=timezone.now(), is_active=False)


@pytest.mark.first
@pytest.mark.django_db(transaction=True)
def test_gets_the_events_of_its_erasures(transactional_db, acme, globex):
    carol, vera = acme.carol, acme.vera
    first = new_task(acme, actor=carol, description="Secret")
    comment(first, "Words", actor=carol)
    comment(first, "Ask @carol or @vera", actor=acme.bob)
    second = new_task(acme, actor=acme.alice, description="No @carol")
    describe(second, "", actor=acme.bob)
    new_task(globex, actor=globex.gina, description="Nothing to do with it")
    erase_as_before(carol), erase_as_before(vera)
    assert {finding.code for finding in findings()} == {"text_missing", "text_altered"}
    try:
        call_command("migrate", "events", "0004", verbosity=0)
    finally:
        call_command("migrate", verbosity=0)
    assert findings() == []
    events = assert_the_log_holds(acme.pk)
    told = [
        (event.stream_id, event.fact.erased, [each.version for each in event.fact.redacted])
        for event in events
        if event.action == "texts_erased"
    ]
    assert told == [(first.pk, [1, 2], [3]), (second.pk, [], [1])]
    assert len(assert_the_log_holds(globex.pk)) == 1
    bob = acme.bob
    assert Erasures.of(acme.pk, first.pk).taken(1, carol.pk) and not Erasures.of(acme.pk, first.pk).taken(
        4, bob.pk
    )
    event = comment(first, "Later", actor=bob)
    with without_triggers():
        EventText.objects.filter(pk=event.pk).delete()
        User.objects.filter(pk=bob.pk).update(erased_at=timezone.now())
    assert [(finding.position, finding.code) for finding in findings()] == [(event.position, "text_missing")]


@pytest.mark.first
@pytest.mark.django_db(transaction=True)
def test_where_nobody_was_erased_nothing_is_appended(transactional_db, acme):
    new_task(acme, actor=acme.alice, description="Hm.")
    call_command("migrate", "events", "0004", verbosity=0)
    call_command("migrate", verbosity=0)
    assert TaskEvent.objects.count() == 1
    assert findings() == []
