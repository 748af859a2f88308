"""The one statement that delivers says the same as the pure rule, for everybody."""

import datetime as dt
import itertools
import uuid
from operator import attrgetter

import pytest
from django.db import IntegrityError, transaction

from base.statements import run
from events import log
from events.facts import Fact
from inbox.deliver import delivery
from inbox.event_frames import appended
from inbox.models import Notification, Reason
from inbox.news import News
from inbox.recipients import reason_for
from orgs.models import Membership
from realtime.ring import Entry
from tasks import facts
from tests.tasks.acme import Level, Role, found

pytestmark = pytest.mark.django_db

PARTS = [None, *(reason for reason in Reason.values if reason != "org")]


class Whispered(Fact, frozen=True):
    """Told to nobody but those who take part."""

    action = "whispered"
    to_all = False


CREATED = facts.TaskCreated("x")


def some_event(team, actor, fact=CREATED):
    with transaction.atomic():
        return log.append(
            log.lock_head(team.pk),
            uuid.uuid4(),
            1,
            0,
            [log.Entry(fact, "x")],
            actor=actor,
            now=dt.datetime.now(dt.UTC),
        )[0]


def deliver(event, news):
    run(statement := delivery(event, news))
    return statement.count


def rows(event):
    return dict(Notification.objects.filter(event=event).values_list("recipient_id", "reason"))


@pytest.mark.parametrize("fact", [CREATED, Whispered()], ids=lambda fact: fact.action)
def test_sql_the_hub_and_the_pure_rule_agree_for_every_level_part_role_and_mute(fact):
    team = found("everybody", actor=Role.MEMBER)
    part_of = {
        team.join(f"p{number}", role, level=level).pk: (part, muted)
        for number, (role, level, part, muted) in enumerate(
            itertools.product(Role.values, Level.values, PARTS, (False, True))
        )
    }
    watchers = frozenset(list(part_of)[::3]) & {user_id for user_id, (part, _) in part_of.items() if part}
    muters = [user_id for user_id, (_, muted) in part_of.items() if muted]
    concerned = {user_id: part for user_id, (part, _) in part_of.items() if part}
    news = News(concerned, fact.to_all, watchers).muted_by(muters)
    event = some_event(team, team.actor, fact)
    told = deliver(event, news)

    levels = dict(Membership.objects.values_list("user_id", "level"))
    expected = {
        user_id: reason_for(
            user_id,
            levels[user_id],
            actor_id=event.actor_id,
            participants=news.participants,
            to_all=fact.to_all,
            watching=news.watching,
        )
        for user_id in levels
    }
    event.organization = team.organization
    entry = Entry(appended(event, {}, news=news), 1)
    assert {user_id: entry.reason(user_id, levels[user_id]) for user_id in levels} == expected
    assert len(part_of) == 4 * len(Level) * len(PARTS) * 2
    assert {expected[user_id] for user_id in muters} == {None, "assigned", "mentioned"}
    assert rows(event) == {user_id: reason for user_id, reason in expected.items() if reason}
    assert told == len(rows(event))


@pytest.mark.parametrize("level", Level.values)
@pytest.mark.parametrize("part", PARTS)
def test_the_actor_gets_no_row_whatever_their_part(level, part):
    team = found("one", other=Role.MEMBER)
    actor = team.join("actor", level=level)
    event = some_event(team, actor)
    deliver(event, News({actor.pk: part} if part else {}, to_all=True))
    assert actor.pk not in rows(event)
    assert rows(event) == {team.other.pk: "org"}


def test_only_members_of_the_organization_get_rows(acme, globex):
    event = some_event(acme, acme.alice)
    deliver(event, News({globex.gina.pk: "mentioned", 999_999: "assigned"}, to_all=True))
    assert set(rows(event)) == {acme.bob.pk, acme.carol.pk, acme.vera.pk}


def test_closed_accounts_get_none(acme):
    carol = acme.carol
    carol.is_active = False
    carol.save()
    event = some_event(acme, acme.alice)
    deliver(event, News({carol.pk: "mentioned"}, to_all=True))
    assert carol.pk not in rows(event)


def test_a_row_is_unread_and_names_its_organization(acme):
    event = some_event(acme, acme.alice)
    deliver(event, News({}, to_all=True))
    note = Notification.objects.get(event=event, recipient=acme.bob)
    assert (note.organization_id, note.read_at, note.reason) == (acme.pk, None, "org")


def test_alone_in_an_organization_there_is_nobody_to_tell():
    team = found("one", actor=Role.OWNER)
    assert deliver(some_event(team, team.actor), News({team.actor.pk: "creator"}, to_all=True)) == 0
    assert not Notification.objects.exists()


@pytest.mark.parametrize("members", [1, 40])
def test_it_is_one_statement_whatever_the_number_of_members(acme, django_assert_num_queries, members):
    for number in range(members):
        acme.join(f"m{number}")
    event, bob = some_event(acme, acme.alice), acme.bob.pk
    with django_assert_num_queries(1) as queries:
        assert deliver(event, News({bob: "mentioned"}, to_all=True)) == members + 3
    assert queries[0]["sql"].strip().startswith("INSERT INTO")


def test_every_value_is_a_parameter(acme):
    """Nothing is written into the statement's text but our own words."""
    event = some_event(acme, acme.alice)
    quoted = "'); DROP TABLE inbox_notification; --"
    sql, parameters = attrgetter("sql", "parameters")(delivery(event, News({acme.bob.pk: quoted})))
    assert "DROP" not in sql
    assert quoted in parameters


def test_delivering_twice_is_refused_by_the_key(acme):
    event = some_event(acme, acme.alice)
    deliver(event, News({}, to_all=True))
    with pytest.raises(IntegrityError), transaction.atomic():
        deliver(event, News({}, to_all=True))
    assert len(rows(event)) == 3
