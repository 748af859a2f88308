import pytest

from events.models import LogHead
from inbox import org_inboxes as module
from inbox.frames import StateCounts
from inbox.models import Notification
from inbox.org_inboxes import counts_by_state, joined_cursors, org_inboxes, total_unread
from inbox.states import State
from membership import services as orgs
from tests.factories import OrganizationFactory, UserFactory
from tests.inbox.acts import mark_all_read, mark_read
from tests.tasks.acme import Level, comment, move, new_task

pytestmark = pytest.mark.django_db


def test_everything_comes_from_one_statement(acme, globex, django_assert_num_queries):
    """One statement, one snapshot: the counts are exact as of the positions."""
    globex.join("carol")
    task = new_task(acme, actor=acme.alice)
    move(task, "done", actor=acme.alice)
    new_task(globex, actor=globex.gina)
    carol = acme.carol.pk
    with django_assert_num_queries(1):
        places = org_inboxes(carol)
        assert [(place.slug, place.position, place.unread) for place in places] == [
            ("acme", 2, 2),
            ("globex", 1, 1),
        ]
        assert total_unread(places) == 3


def test_an_organization_without_a_log_stands_at_its_beginning(acme):
    assert not LogHead.objects.exists()
    (place,) = org_inboxes(acme.alice.pk)
    assert (place.position, place.unread) == (0, 0)
    assert str(place.cursor) == f"{acme.pk}.0.00000000"


def test_the_cursor_is_the_last_events(acme):
    event = move(new_task(acme, actor=acme.alice), "done", actor=acme.alice)
    (place,) = org_inboxes(acme.vera.pk)
    assert str(place.cursor) == f"{acme.pk}.2.{event.digest[:8]}"


def test_only_ones_own_unread_are_counted(acme):
    task = new_task(acme, actor=acme.alice)
    event = comment(task, actor=acme.bob)
    unread = {name: total_unread(org_inboxes(getattr(acme, name).pk)) for name in ("alice", "bob", "vera")}
    assert unread == {"alice": 1, "bob": 1, "vera": 2}
    mark_read(acme.vera.pk, [event.pk])
    assert total_unread(org_inboxes(acme.vera.pk)) == 1
    mark_all_read(acme.vera.pk, {acme.pk: event.pk})
    assert total_unread(org_inboxes(acme.vera.pk)) == 0
    assert total_unread(org_inboxes(acme.alice.pk)) == 1


@pytest.mark.parametrize(
    ("to_all", "own", "counted"),
    [(998, 1, 999), (999, 1, 1000), (1001, 0, 1000), (0, 1001, 1000), (600, 600, 1000)],
)
def test_counts_stop_beyond_999(acme, to_all, own, counted):
    reasons = ["org"] * to_all + ["mentioned", "creator", "watching"] * (own // 3) + ["assigned"] * (own % 3)
    Notification.objects.bulk_create(
        Notification(recipient=acme.bob, event_id=number, organization=acme.organization, reason=reason)
        for number, reason in enumerate(reasons)
    )
    places = org_inboxes(acme.bob.pk)
    assert (places[0].unread, total_unread(places)) == (counted, counted)


def test_counts_of_all_states_come_from_the_same_statement_and_stop_likewise(
    acme, globex, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(module, "COUNTED", 10)
    globex.join("bob")
    numbers = {State.READ: 12, State.DONE: 7, State.SNOOZED: 1, State.UNREAD: 2}
    states = [state for state, number in numbers.items() for _ in range(number)]
    Notification.objects.bulk_create(
        Notification(recipient=acme.bob, event_id=number, organization=org, reason="org", state=state)
        for number, (state, org) in enumerate(
            [(state, acme.organization) for state in states] + [(State.DONE, globex.organization)] * 4
        )
    )
    bob = acme.bob.pk
    with django_assert_num_queries(1):
        places = org_inboxes(bob, by_state=True)
    assert counts_by_state(places) == StateCounts(unread=2, read=10, done=10, snoozed=1, saved=0)
    assert [counts_by_state([place]).done for place in places] == [7, 4]
    assert counts_by_state([]) == StateCounts(unread=0, read=0, done=0, snoozed=0, saved=0)


def test_what_was_left_is_not_counted_and_comes_back_with_membership(acme):
    new_task(acme, actor=acme.alice)
    carol = acme.carol
    orgs.remove_member(by=acme.membership(acme.alice), user_id=carol.pk)
    assert org_inboxes(carol.pk) == []
    orgs.add_member(by=acme.membership(acme.alice), username="carol", role="viewer")
    assert total_unread(org_inboxes(carol.pk)) == 2  # and that she was added


def test_level_and_membership_version_belong_together(acme):
    orgs.change_level(membership=acme.membership(acme.carol), level=Level.MUTED)
    (place,) = org_inboxes(acme.carol.pk)
    assert (place.level, place.membership_version) == ("muted", 1)


@pytest.mark.parametrize("who", ["signed out", "no organization", "closed account"])
def test_whoever_belongs_to_nothing_stands_nowhere(acme, who):
    user = UserFactory()
    if who == "closed account":
        user = acme.carol
        user.is_active = False
        user.save()
    assert org_inboxes(None if who == "signed out" else user.pk) == []


def test_organizations_come_by_name(acme):
    alice = acme.alice
    for name in ("Zed", "Beta", "Beta"):
        OrganizationFactory(name=name).memberships.create(user=alice)
    assert [place.name for place in org_inboxes(alice.pk)] == ["Acme", "Beta", "Beta", "Zed"]


def test_the_users_cursor_has_one_for_each(acme, globex):
    globex.join("alice")
    new_task(globex, actor=globex.gina)
    first, second = org_inboxes(acme.alice.pk)
    assert joined_cursors([first, second]) == f"{first.cursor},{second.cursor}"
    assert joined_cursors([]) == ""
