"""Many readers at once get what each would get alone, by a fixed number of queries."""

import random

import msgspec
import pytest

from events.models import TaskEvent
from inbox import replay_plan
from inbox.org_inboxes import joined_cursors, org_inboxes, org_inboxes_of
from inbox.replay import replays
from inbox.replay_plan import Ask
from tests.inbox.acts import mark_read
from tests.inbox.replays import frames_of, org_replay, texts_of, user_replay
from tests.tasks.acme import Level, comment, new_task

pytestmark = [pytest.mark.django_db, pytest.mark.second]

QUERIES = 6  # points, the tenth newest, rows, sizes, events, names


@pytest.fixture
def everybody(acme, globex, monkeypatch):
    """Six people of two organizations, carol of both, with 30 events that concern them differently."""
    monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 12)
    globex.join("carol")
    acme.join("mute", level=Level.MUTED)
    ours, theirs = new_task(acme, actor=acme.alice), new_task(globex, actor=globex.gina)
    for turn in range(14):
        event = comment(ours, ("ding", "dong @mute")[turn % 2], actor=acme.alice if turn % 3 else acme.bob)
        comment(theirs, "@hank", actor=globex.gina)
        mark_read(acme.carol.pk, [event.pk] if turn % 2 else [])
    return [acme.alice, acme.bob, acme.carol, acme.mute, globex.gina, globex.hank]


def cursors(*teams):
    """Every kind, from none to nonsense."""
    kinds = [None, "", "rubbish", "999.1.ab12cd34"]
    for team in teams:
        kinds += [
            f"{team.pk}.0.00000000",
            f"{team.pk}.0.00000001",
            f"{team.pk}.5.ffffffff",
            f"{team.pk}.99.ab12cd34",
        ]
        log = TaskEvent.objects.filter(organization_id=team.pk, position__in=[2, 3, 9, 13, 15])
        kinds += [f"{team.pk}.{event.position}.{event.digest[:8]}" for event in log]
    return kinds


def asks_of(people, afters):
    places = org_inboxes_of([user.pk for user in people])
    for user in people:
        for after in [*afters, joined_cursors(places[user.pk]), f"{afters[8]},{afters[-1]}"]:
            yield Ask(user.pk, places[user.pk], after, whole=False)
            yield from (Ask(user.pk, [place], after, whole=True) for place in places[user.pk])


def alone(ask):
    return (
        org_replay(ask.places[0], ask.user_id, ask.after)
        if ask.whole
        else user_replay(ask.places, *ask[:3:2])
    )


def test_each_gets_what_they_would_get_alone(acme, globex, everybody):
    asks = list(asks_of(everybody, cursors(acme, globex)))
    random.Random(4).shuffle(asks)
    answers = replays(asks)
    assert {answer.mode for answer in answers} == {"latest", "resume", "reset"}
    assert {len(frames_of(answer)) for answer in answers} >= {0, 1, 10, 12}
    for ask, answer in zip(asks, answers, strict=True):
        one = alone(ask)
        assert (answer.summary(), frames_of(answer)) == (one.summary(), frames_of(one)), ask


def test_the_text_is_the_frame(acme, globex, everybody):
    for answer in replays(list(asks_of(everybody, cursors(acme, globex)))):
        assert [msgspec.json.decode(text) for text in texts_of(answer)] == frames_of(answer)


def test_readers_share_the_texts_that_are_equal(acme):
    task = new_task(acme, actor=acme.alice)
    for _ in range(3):
        comment(task, actor=acme.alice)
    places = org_inboxes_of([acme.bob.pk, acme.carol.pk])
    one, two = replays([Ask(user_id, own, None, whole=False) for user_id, own in places.items()])
    assert len(texts_of(one)) == 4
    assert all(mine is theirs for mine, theirs in zip(texts_of(one), texts_of(two), strict=True))


def test_the_number_of_queries_does_not_depend_on_the_number_of_readers(
    acme, globex, everybody, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(replay_plan, "RESUME_LIMIT", 500)
    asks = list(asks_of(everybody, cursors(acme, globex)))
    assert len(asks) > 200
    with django_assert_num_queries(QUERIES + 1):  # some get the newest of two logs
        replays(asks)


def test_two_sockets_of_one_user_do_not_share_their_cursors(acme):
    task = new_task(acme, actor=acme.alice)
    events = [comment(task, actor=acme.alice) for _ in range(4)]
    (place,) = org_inboxes(acme.bob.pk)
    afters = [f"{acme.pk}.{event.position}.{event.digest[:8]}" for event in events]
    asks = [Ask(acme.bob.pk, [place], after, whole) for after in afters for whole in (True, False)]
    assert [len(frames_of(answer)) for answer in replays(asks)] == [3, 3, 2, 2, 1, 1, 0, 0]


def test_nobody_asks_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert replays([]) == []


def test_a_log_that_was_emptied_meanwhile_has_nothing_to_replay(acme):
    """Somebody restores a backup between two reads. Nobody's handshake fails over it."""
    new_task(acme, actor=acme.alice)
    (place,) = org_inboxes(acme.bob.pk)
    gone = [place._replace(position=place.position + 5)]
    after = f"{acme.pk}.{place.position + 5}.{'ab' * 4}"
    for cursor in (None, after):
        for whole in (True, False):
            (replay,) = replays([Ask(acme.bob.pk, gone, cursor, whole)])
            assert [frame["position"] for frame in frames_of(replay)] in ([], [1])


def test_a_log_that_one_reads_whole_hides_nothing_of_another_from_those_beside(acme, globex, everybody):
    """Ids of two logs interleave: what lies between two events of one need not be in it."""

    def behind(team, user, *, whole):
        place = next(place for place in org_inboxes(user.pk) if place.org_id == team.pk)
        event = TaskEvent.objects.get(organization_id=team.pk, position=place.position - 5)
        return Ask(user.pk, [place], f"{team.pk}.{event.position}.{event.digest[:8]}", whole)

    ours, theirs = behind(acme, acme.bob, whole=False), behind(globex, globex.gina, whole=True)
    together, alone = replays([ours, theirs]), replays([ours])
    assert together[0].items == alone[0].items
    assert len(alone[0].items) > 2
