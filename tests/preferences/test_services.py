"""What is chosen holds: in what is read, and in the levels that delivery reads."""

import datetime as dt
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from base.errors import Invalid
from membership import rows
from membership.services import add_member, change_level, leave
from preferences import services
from preferences.chosen import chosen, hours_of, switches_of
from preferences.hours import Hours
from preferences.inbox_levels import SWITCHED
from preferences.kinds import Channel, Kind, Value, defaults
from preferences.models import Preference, Schedule
from tests.tasks.acme import Level, Role, found

pytestmark = pytest.mark.django_db

INBOX, MAIL, TOAST = Channel.INBOX, Channel.MAIL, Channel.TOAST
ON, OFF = Value.ON, Value.OFF


def test_an_organizations_own_choice_goes_before_everywheres_and_that_before_the_default(acme, globex):
    bob, carol = acme.bob.pk, acme.carol.pk
    services.choose(bob, None, MAIL, Kind.MENTIONS, OFF)
    services.choose(bob, acme.pk, MAIL, Kind.MENTIONS, Value.DIGEST)
    services.choose(bob, None, MAIL, Kind.MINE, Value.AT_ONCE)
    services.choose(bob, acme.pk, TOAST, Kind.MINE, OFF)
    usual = defaults(MAIL)
    everywhere = usual | {Kind.MENTIONS: OFF, Kind.MINE: Value.AT_ONCE}
    assert chosen([bob, carol], acme.pk, MAIL) == {
        bob: everywhere | {Kind.MENTIONS: Value.DIGEST},
        carol: usual,
    }
    assert chosen([bob], globex.pk, MAIL) == chosen([bob], None, MAIL) == {bob: everywhere}
    services.as_everywhere(bob, acme.pk)
    assert chosen([bob], acme.pk, MAIL) == {bob: everywhere}
    assert chosen([bob], acme.pk, TOAST) == {bob: defaults(TOAST)}


def test_choices_are_read_by_one_query_whatever_their_number(acme, django_assert_num_queries):
    services.choose(acme.bob.pk, acme.pk, MAIL, Kind.MENTIONS, OFF)
    people = [acme.bob.pk, acme.carol.pk, acme.vera.pk]
    with django_assert_num_queries(1):
        chosen(people, acme.pk, MAIL)


@pytest.mark.parametrize(
    ("channel", "kind", "value"),
    [
        (INBOX, Kind.MENTIONS, OFF),
        (INBOX, Kind.MEMBERSHIPS, OFF),
        (INBOX, Kind.MINE, Value.DIGEST),
        (TOAST, Kind.MINE, Value.AT_ONCE),
        (MAIL, Kind.MINE, ON),
    ],
)
def test_what_cannot_be_chosen_is_refused_by_the_service_and_by_the_database(acme, channel, kind, value):
    with pytest.raises(Invalid):
        services.choose(acme.bob.pk, None, channel, kind, value)
    if value != kind:
        with pytest.raises(IntegrityError), transaction.atomic():
            Preference.objects.create(user=acme.bob, channel=channel, kind=kind, value=value)


def test_a_switch_is_one_row_everywhere_too(acme):
    Preference.objects.create(user=acme.bob, channel=TOAST, kind=Kind.MINE, value=OFF)
    with pytest.raises(IntegrityError), transaction.atomic():
        Preference.objects.create(user=acme.bob, channel=TOAST, kind=Kind.MINE, value=ON)
    services.choose(acme.bob.pk, None, TOAST, Kind.MINE, ON)
    assert [switch.value for switch in switches_of(acme.bob.pk)] == ["on"]


class TestLevels:
    def test_they_follow_the_switches_but_where_an_organization_has_its_own(self, acme):
        other = found("other", bob2=Role.MEMBER)
        other.organization.memberships.create(user=acme.bob)
        bob = acme.bob.pk

        def levels():
            members = acme.bob.memberships.order_by("organization")
            return list(members.values_list("level", flat=True))

        services.choose(bob, None, INBOX, Kind.EVERYTHING, OFF)
        assert levels() == ["participating", "participating"]
        services.choose(bob, other.pk, INBOX, Kind.WATCHED, OFF)
        assert levels() == ["participating", "mine"]
        services.choose(bob, None, INBOX, Kind.MINE, OFF)
        assert levels() == ["watched", "muted"]
        services.choose(bob, other.pk, INBOX, Kind.EVERYTHING, ON)
        assert levels() == ["watched", "all"]
        services.as_everywhere(bob, other.pk)
        assert levels() == ["watched", "watched"]

    def test_each_is_recorded_and_nothing_is_where_nothing_changes(self, acme):
        before = acme.organization.membership_version
        services.choose(acme.bob.pk, None, INBOX, Kind.MINE, OFF)  # everything has it in it
        acme.organization.refresh_from_db()
        assert acme.organization.membership_version == before
        services.choose(acme.bob.pk, None, INBOX, Kind.EVERYTHING, OFF)
        acme.organization.refresh_from_db()
        assert acme.organization.membership_version == before + 1
        assert acme.membership(acme.bob).level == "watched"

    def test_one_that_was_chosen_for_an_organization_is_its_own(self, acme):
        change_level(membership=acme.membership(acme.bob), level=Level.MUTED)
        services.choose(acme.bob.pk, None, INBOX, Kind.EVERYTHING, ON)
        assert acme.membership(acme.bob).level == "muted"
        services.as_everywhere(acme.bob.pk, acme.pk)
        assert acme.membership(acme.bob).level == "all"

    def test_who_joins_later_begins_with_what_they_chose_everywhere(self, acme, globex):
        services.choose(acme.bob.pk, None, INBOX, Kind.EVERYTHING, OFF)
        gina = globex.membership(globex.gina)
        assert add_member(by=gina, username="bob", role="member").level == "participating"
        assert add_member(by=gina, username="carol", role="member").level == "all"

    def test_a_large_organization_tells_everything_to_who_asked_for_it(self, acme, globex, monkeypatch):
        monkeypatch.setattr(rows, "LARGE_ORGANIZATION", 1)
        gina = globex.membership(globex.gina)
        assert add_member(by=gina, username="carol", role="member").level == "participating"
        services.choose(acme.bob.pk, None, INBOX, Kind.EVERYTHING, ON)
        assert add_member(by=gina, username="bob", role="member").level == "all"
        services.choose(acme.carol.pk, None, INBOX, Kind.WATCHED, OFF)
        assert globex.membership(acme.carol).level == "mine"

    def test_who_left_is_no_longer_asked(self, acme):
        leave(acme.membership(acme.bob))
        services.choose(acme.bob.pk, None, INBOX, Kind.EVERYTHING, OFF)
        assert not acme.bob.memberships.exists()

    def test_those_of_an_older_release_are_an_organizations_own(self, acme):
        acme.organization.memberships.filter(user=acme.bob).update(level=Level.MUTED)
        acme.organization.memberships.filter(user=acme.carol).update(level=Level.PARTICIPATING)
        migration = import_module("preferences.migrations.0002_own_levels")
        with connection.cursor() as cursor:
            migration.keep(None, cursor)
        assert set(Preference.objects.values_list("user", flat=True)) == {acme.bob.pk, acme.carol.pk}
        for person, level in ((acme.bob, "muted"), (acme.carol, "participating"), (acme.vera, "watched")):
            services.choose(person.pk, None, INBOX, Kind.EVERYTHING, OFF)
            services.choose(person.pk, None, INBOX, Kind.MINE, OFF)
            assert acme.membership(person).level == level


class TestSchedule:
    def test_it_is_what_was_set_and_the_usual_where_nothing_was(self, acme):
        hours = Hours("Asia/Kolkata", dt.time(8), dt.time(16, 30), frozenset({0, 6}), dt.time(7), quiet=True)
        services.set_schedule(acme.bob.pk, Hours())
        services.set_schedule(acme.bob.pk, hours)
        assert hours_of([acme.bob.pk, acme.carol.pk]) == {acme.bob.pk: hours, acme.carol.pk: Hours()}

    @pytest.mark.parametrize(
        "hours",
        [
            Hours("Mars/Olympus"),
            Hours("../../etc/passwd"),
            Hours(days=frozenset()),
            Hours(days=frozenset({7})),
        ],
    )
    def test_a_zone_that_is_none_and_no_day_at_all_are_refused(self, acme, hours):
        with pytest.raises(Invalid):
            services.set_schedule(acme.bob.pk, hours)
        assert not Schedule.objects.exists()


def test_who_is_forgotten_leaves_no_choices(acme):
    services.choose(acme.bob.pk, acme.pk, MAIL, Kind.MENTIONS, OFF)
    services.set_schedule(acme.bob.pk, Hours())
    services.forget(acme.bob.pk)
    assert not switches_of(acme.bob.pk)
    assert not Schedule.objects.exists()


def test_switched_kinds_are_those_that_the_inbox_can_leave_out():
    assert set(SWITCHED) == set(Kind) - {Kind.MENTIONS, Kind.ASSIGNMENTS, Kind.MEMBERSHIPS}
