"""From the log to deliveries, and what they tell of when they are sent."""

import datetime as dt

import pytest
from django.utils import timezone

from followers.register import FOLLOWERS
from orgs.models import Membership
from outbound.mail import addresses
from outbound.making import make_due
from outbound.models import Delivery, Gathering
from outbound.telling import to_tell
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value
from preferences.services import choose, set_schedule
from tests.factories import UserFactory
from tests.followers.taking import take_all
from tests.inbox.acts import mark_read
from tests.outbound.conftest import confirmed
from tests.tasks.acme import assign, comment, new_task

pytestmark = pytest.mark.django_db

MAIL = FOLLOWERS["mail"]
SOON, DAYS = dt.timedelta(minutes=10), dt.timedelta(days=5)


@pytest.fixture(autouse=True)
def mail_is_on(settings):
    settings.MAIL_IS_ON = True


@pytest.fixture
def bob(acme):
    take_all(MAIL)
    return confirmed(acme.bob)


def deliveries(after=SOON):
    """What is made of all that has happened, as if so much time had passed."""
    take_all(MAIL)
    make_due(timezone.now() + after)
    return list(Delivery.objects.order_by("pk").prefetch_related("intervals"))


def told(delivery):
    return [row.event.position for row in to_tell(delivery)]


def test_a_burst_on_a_task_is_one_mail(acme, bob):
    task = new_task(acme, actor=acme.alice)
    first, *_, last = [comment(task, "@bob look", actor=acme.alice) for _ in range(40)]
    (delivery,) = deliveries()
    assert (delivery.kind, delivery.user, delivery.address) == ("at_once", bob, "")
    (interval,) = delivery.intervals.all()
    assert (interval.organization_id, interval.stream_id) == (acme.pk, task.pk)
    assert (interval.first, interval.last) == (first.position, last.position)
    assert told(delivery) == list(range(first.position, last.position + 1))


def test_a_burst_that_the_follower_takes_in_parts_is_one_mail(acme, bob):
    task = new_task(acme, actor=acme.alice)
    for _ in range(5):
        comment(task, "@bob look", actor=acme.alice)
        take_all(MAIL)
    assert Gathering.objects.get().first < Gathering.objects.get().last
    assert len(deliveries()) == 1


def test_what_goes_on_and_on_does_not_hold_it_back_for_ever(acme, bob):
    task = new_task(acme, actor=acme.alice)
    comment(task, "@bob look", actor=acme.alice)
    take_all(MAIL)
    began = timezone.now() - SOON
    Gathering.objects.update(since=began, due_at=began + SOON)
    comment(task, "@bob look", actor=acme.alice)
    take_all(MAIL)
    assert Gathering.objects.get().due_at == began + SOON


def test_a_few_tasks_are_a_mail_each_and_more_are_one(acme, bob):
    tasks = [new_task(acme, actor=acme.alice, title=f"Task {n}") for n in range(7)]
    for task in tasks[:3]:
        assign(task, bob, actor=acme.alice)
    assert len(deliveries()) == 3
    for task in tasks[3:]:
        assign(task, bob, actor=acme.alice)
    assert len(deliveries()) == 4
    assert Delivery.objects.latest("pk").intervals.count() == 4


def test_a_digest_is_one_mail_of_all_organizations(acme, globex, bob):
    globex.join("bob")
    take_all(MAIL)
    for team, actor in ((acme, acme.alice), (globex, globex.gina)):
        task = new_task(team, actor=bob)
        comment(task, actor=actor)
    assert deliveries() == []
    (delivery,) = deliveries(DAYS)
    assert delivery.kind == "digest"
    assert {interval.organization_id for interval in delivery.intervals.all()} == {acme.pk, globex.pk}
    assert len(to_tell(delivery)) == 2
    assert not Gathering.objects.exists()
    assert len(deliveries(DAYS)) == 1


def test_a_digest_leaves_out_what_was_read_and_what_was_told_at_once(acme, bob):
    task = new_task(acme, actor=bob)
    read, unread = comment(task, actor=acme.alice), comment(task, actor=acme.alice)
    other = new_task(acme, actor=acme.alice)
    assign(other, bob, actor=acme.alice)
    at_once, digest = [*deliveries(), *deliveries(DAYS)][-2:]
    mark_read(bob.pk, [read.pk])
    assert told(digest) == [unread.position]
    assert len(told(at_once)) == 1
    mark_read(bob.pk, [unread.pk])
    assert told(digest) == []


def test_nothing_is_told_to_who_left_or_wants_no_more_of_it(acme, bob):
    task = new_task(acme, actor=bob)
    comment(task, actor=acme.alice)
    (delivery,) = deliveries(DAYS)
    choose(bob.pk, acme.pk, Channel.MAIL, Kind.MINE, Value.OFF)
    assert told(delivery) == []
    choose(bob.pk, acme.pk, Channel.MAIL, Kind.MINE, Value.DIGEST)
    assert len(told(delivery)) == 1
    Membership.objects.filter(user=bob).delete()
    assert told(delivery) == []


def test_nothing_is_told_to_a_closed_account(acme, bob):
    comment(new_task(acme, actor=bob), actor=acme.alice)
    (delivery,) = deliveries(DAYS)
    bob.is_active = False
    bob.save()
    assert told(Delivery.objects.get(pk=delivery.pk)) == []


@pytest.mark.parametrize("unreachable", ["no address", "not confirmed", "bounced"])
def test_whom_mail_cannot_reach_is_gathered_nothing(acme, bob, unreachable):
    match unreachable:
        case "no address":
            bob.emailaddress_set.all().delete()
        case "not confirmed":
            bob.emailaddress_set.update(verified=False)
        case "bounced":
            addresses.mark(bob.email, "bounced", "no such user")
    comment(new_task(acme, actor=bob), "@bob look", actor=acme.alice)
    take_all(MAIL)
    assert not Gathering.objects.exists()


def test_everything_is_told_to_who_asks_for_it(acme, bob):
    confirmed(acme.carol)
    choose(bob.pk, None, Channel.MAIL, Kind.EVERYTHING, Value.DIGEST)
    new_task(acme, actor=acme.alice)
    (delivery,) = deliveries(DAYS)
    assert delivery.user == bob
    assert len(to_tell(delivery)) == 1


def test_quiet_hours_hold_a_mail_back(acme, bob):
    later = (timezone.now() + dt.timedelta(hours=5)).replace(minute=0, second=0, microsecond=0)
    ends = later + dt.timedelta(hours=1)
    every_day = frozenset(range(7))
    set_schedule(bob.pk, Hours("UTC", later.time(), ends.time(), every_day, later.time(), quiet=True))
    comment(new_task(acme, actor=acme.alice), "@bob look", actor=acme.alice)
    assert deliveries() == []
    assert Gathering.objects.get().due_at == later
    assert len(deliveries(dt.timedelta(hours=6))) == 1


def test_what_waits_follows_the_person_s_hours(acme, bob):
    comment(new_task(acme, actor=bob), actor=acme.alice)
    take_all(MAIL)
    soon = (timezone.now() + dt.timedelta(minutes=30)).replace(microsecond=0)
    set_schedule(bob.pk, Hours("UTC", days=frozenset(range(7)), digest_at=soon.time()))
    assert Gathering.objects.get().due_at == soon


def test_with_another_history_nothing_of_the_old_is_told(acme, bob):
    comment(new_task(acme, actor=acme.alice), "@bob look", actor=acme.alice)
    take_all(MAIL)
    MAIL.forget(acme.pk)
    assert deliveries() == []


def test_many_people_take_few_statements(acme, bob, django_assert_max_num_queries):
    for number in range(40):
        person = acme.join(f"p{number}")
        confirmed(person)
        choose(person.pk, None, Channel.MAIL, Kind.EVERYTHING, Value.DIGEST)
    new_task(acme, actor=acme.alice)
    with django_assert_max_num_queries(32):
        take_all(MAIL)
    assert Gathering.objects.count() == 40
    with django_assert_max_num_queries(14):
        make_due(timezone.now() + DAYS)
    assert Delivery.objects.count() == 40


def test_of_another_organization_nothing_is_told(acme, globex, bob):
    UserFactory(username="eve")
    comment(new_task(globex, actor=globex.gina), "@bob look", actor=globex.hank)
    assert deliveries(DAYS) == []
