"""What members chose is kept with the place in the log that it holds from, and never changed."""

import pytest
from django.db import IntegrityError, connection, transaction

from inbox.choices import REFUSED, level_at, was_muted, was_watching
from inbox.models import Choice, Mute, Notification, Watch
from inbox.services import mute, watch
from membership import services
from tests.factories import UserFactory
from tests.tasks.acme import assign, comment, new_task

pytestmark = pytest.mark.django_db

STATEMENTS = {
    "update": "UPDATE inbox_choice SET after = 'all'",
    "delete": "DELETE FROM inbox_choice",
    "replace": "INSERT OR REPLACE INTO inbox_choice SELECT * FROM inbox_choice",
    "truncate": "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE inbox_choice",
}


def choices():
    return list(
        Choice.objects.order_by("user", "number").values_list("number", "kind", "before", "after", "position")
    )


def test_a_level_holds_from_the_next_event_on(acme):
    task = new_task(acme, actor=acme.alice)
    member = acme.membership(acme.bob)
    services.change_level(membership=member, level="muted")
    comment(task, actor=acme.alice)
    services.change_level(membership=member, level="participating")
    assert choices() == [(1, "level", "all", "muted", 1), (2, "level", "muted", "participating", 2)]
    assert [level_at(acme.pk, acme.bob.pk, position) for position in (1, 2, 3)] == [
        "all",
        "muted",
        "participating",
    ]
    assert level_at(acme.pk, acme.carol.pk, 1) == "all"


def test_who_joins_and_leaves_begins_and_ends_one(acme):
    dave = UserFactory(username="dave")
    services.add_member(by=acme.membership(acme.alice), username="dave", role="member")
    services.remove_member(by=acme.membership(dave), user_id=dave.pk)
    assert choices() == [(1, "level", "", "all", 0), (2, "level", "all", "", 1)]
    assert [level_at(acme.pk, dave.pk, position) for position in (1, 2)] == ["all", ""]


def test_a_watch_is_of_one_task(acme):
    task, other = new_task(acme, actor=acme.alice), new_task(acme, actor=acme.alice)
    for watching in (True, True, False):
        watch(acme.bob.pk, acme.pk, task.pk, watching=watching)
        comment(task, actor=acme.alice)
    assert choices() == [(1, "watch", "", "1", 2), (2, "watch", "1", "", 4)]
    seen = [was_watching(acme.pk, acme.bob.pk, task.pk, position) for position in range(1, 6)]
    assert seen == [False, False, True, True, False]
    assert not was_watching(acme.pk, acme.bob.pk, other.pk, 3)


def test_a_mute_ends_a_watch_and_a_watch_a_mute(acme):
    task = new_task(acme, actor=acme.alice)
    watch(acme.bob.pk, acme.pk, task.pk, watching=True)
    mute(acme.bob.pk, acme.pk, task.pk, muted=True)
    assert (Watch.objects.count(), Mute.objects.count()) == (0, 1)
    watch(acme.bob.pk, acme.pk, task.pk, watching=True)
    assert (Watch.objects.count(), Mute.objects.count()) == (1, 0)
    kinds = [(kind, after) for _, kind, _, after, _ in choices()]
    assert kinds == [("watch", "1"), ("watch", ""), ("mute", "1"), ("mute", ""), ("watch", "1")]


@pytest.mark.parametrize(
    "single_out",
    [
        lambda task, acme: comment(task, "@bob?", actor=acme.alice),
        lambda task, acme: assign(task, acme.bob, actor=acme.alice),
    ],
)
def test_a_mute_ends_with_the_event_that_singles_out(acme, single_out):
    task = new_task(acme, actor=acme.alice)
    mute(acme.bob.pk, acme.pk, task.pk, muted=True)
    assert not Notification.objects.filter(recipient=acme.bob, event=comment(task, actor=acme.alice)).exists()
    event = single_out(task, acme)
    assert Notification.objects.filter(recipient=acme.bob, event=event).exists()
    assert not Mute.objects.exists()
    assert choices()[-1] == (2, "mute", "1", "", event.position)
    seen = [was_muted(acme.pk, acme.bob.pk, task.pk, position) for position in range(1, 5)]
    assert seen == [False, True, True, False]


def test_a_watch_from_before_is_known_by_what_ended_it(acme):
    task = new_task(acme, actor=acme.alice)
    Watch.objects.create(user=acme.bob, stream_id=task.pk)
    assert was_watching(acme.pk, acme.bob.pk, task.pk, 1)
    watch(acme.bob.pk, acme.pk, task.pk, watching=False)
    assert [was_watching(acme.pk, acme.bob.pk, task.pk, position) for position in (1, 2)] == [True, False]


@pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)
def test_the_database_refuses_to_change_one(acme, statement):
    if ("REPLACE" in statement) != (connection.vendor == "sqlite") and statement.split()[0] in (
        "INSERT",
        "SET",
    ):
        pytest.skip("of the other database")
    services.change_level(membership=acme.membership(acme.bob), level="muted")
    before = choices()
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        for part in statement.split("; "):
            cursor.execute(part)
    assert REFUSED in str(refusal.value)
    assert choices() == before
