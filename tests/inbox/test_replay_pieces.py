"""However small the pieces, they are the whole: once each, in order, and each read brings a reader further."""

import random

import msgspec
import pytest

from events.models import TaskEvent
from inbox import answers, replay, replay_pieces
from inbox.answers import answer
from inbox.frames import ReplaySummary
from inbox.org_inboxes import org_inboxes
from inbox.replay import events_after, replays
from inbox.replay_plan import Ask
from tests.inbox.replays import frames_of
from tests.tasks.acme import comment, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.second]

LARGE = "💥" * 20_000  # 80 KB
BOUNDS = [1, 1_100, 1_300, 2_000, 3_500, 8_000, 50_000]


@pytest.fixture
def interleaved(acme, globex):
    """Carol is in both, and not everything is addressed to her. Texts from nothing to 3 KB."""
    globex.join("carol")
    chance = random.Random(8)
    tasks = [
        (new_task(acme, actor=acme.alice), acme.alice),
        (new_task(globex, actor=globex.gina), globex.gina),
    ]
    for number in range(24):
        task, actor = tasks[chance.randrange(2)]
        comment(
            task, "ö" * chance.choice([1, 40, 400, 1_500]), actor=acme.carol if number % 5 == 0 else actor
        )
    return acme, globex


def asks_of(user):
    places = org_inboxes(user.pk)
    starts = [f"{place.org_id}.0.00000000" for place in places]
    yield Ask(user.pk, places, ",".join(starts), whole=False)
    yield Ask(user.pk, places, starts[-1], whole=False)  # joined the other meanwhile
    for place, start in zip(places, starts, strict=True):
        yield Ask(user.pk, [place], start, whole=True)


def one_log(frame):
    """Its cursor names where the reader stands everywhere, its own log first."""
    return frame | {"cursor": frame["cursor"].partition(",")[0]}


@pytest.mark.parametrize("bound", BOUNDS)
def test_answers_one_after_the_other_are_the_whole(acme, interleaved, monkeypatch, bound):
    whole = {index: frames_of(replays([ask])[0]) for index, ask in enumerate(asks_of(acme.carol))}
    monkeypatch.setattr(answers, "ANSWER", bound)
    monkeypatch.setattr(replay_pieces, "PIECE", max(bound // 2, 1))
    for index, ask in enumerate(asks_of(acme.carol)):
        seen, more = [], True
        while more:
            found = answer(ask)
            assert found.texts or not whole[index]
            assert len(found.texts) == 1 or sum(map(len, found.texts)) <= bound
            assert found.replay == ReplaySummary("resume", len(found.texts), len(whole[index]) - len(seen))
            seen += [one_log(msgspec.json.decode(text)) for text in found.texts]
            ask, more = ask._replace(after=found.cursor), found.more
        assert seen == whole[index]
        assert answer(ask).texts == []


@pytest.mark.parametrize("bound", BOUNDS)
def test_read_together_each_gets_all_of_their_own(acme, interleaved, monkeypatch, bound):
    asks = [ask for user in (acme.carol, acme.bob, acme.vera) for ask in list(asks_of(user))[:1]]
    asks += list(asks_of(acme.carol))[1:]
    whole = [frames_of(found) for found in replays(asks)]
    monkeypatch.setattr(replay_pieces, "READ", bound)
    monkeypatch.setattr(replay_pieces, "PIECE", max(bound // 3, 1))
    found = replays(asks)
    seen = [list(each.begun) for each in found]
    while waiting := [n for n, each in enumerate(found) if len(seen[n]) < len(each.items)]:
        texts = replay_pieces.read_on([found[n].items[len(seen[n]) :] for n in waiting])
        assert texts[0], "the first always gets something"
        for n, piece in zip(waiting, texts, strict=True):
            seen[n] += piece
    assert [[msgspec.json.decode(text) for text in each] for each in seen] == whole


def test_what_is_too_large_is_not_read_to_find_that_out(acme):
    """Of ten comments of 80 KB three are read; the ten weigh 800 KB."""
    task = new_task(acme, actor=acme.alice)
    first = TaskEvent.objects.get(stream_id=task.pk)
    for _ in range(10):
        comment(task, LARGE, actor=acme.alice)
    ask = Ask(acme.bob.pk, org_inboxes(acme.bob.pk), f"{acme.pk}.1.{first.digest[:8]}", whole=True)
    (found,) = replays([ask])
    assert (len(found.items), len(found.begun)) == (10, 0)
    assert [item.octets >= len(LARGE.encode()) for item in found.items] == [True] * 10
    (piece,) = replay_pieces.read_on([found.items])
    assert (len(piece), sum(map(len, piece)) < replay_pieces.PIECE + 10_000) == (3, True)
    assert len(frames_of(found)) == 10


def test_many_handshakes_read_no_more_together_than_one_read_holds(acme, globex, monkeypatch):
    """Each of different things: what does not fit comes afterwards."""
    monkeypatch.setattr(replay_pieces, "READ", 320_000)
    asks = []
    for team, actor, reader in ((acme, acme.alice, acme.bob), (globex, globex.gina, globex.hank)):
        task = new_task(team, actor=actor)
        for _ in range(8):
            comment(task, "ö" * 15_000, actor=actor)
        (place,) = org_inboxes(reader.pk)
        logs = TaskEvent.objects.filter(organization_id=team.pk).order_by("position")
        asks += [
            Ask(reader.pk, [place], f"{team.pk}.{event.position}.{event.digest[:8]}", whole=True)
            for event in logs[0:9:2]
        ]
    found = replays(asks)
    read = {text for each in found for text in each.begun}
    assert 200_000 < sum(map(len, read)) <= 320_000
    assert [len(each.begun) for each in found] == [8, 6, 4, 2, 0, 0, 0, 0, 2, 0]


@pytest.mark.parametrize("url", ["/api/orgs/acme/notifications/", "/api/users/me/notifications/"])
def test_a_twin_is_bounded_and_says_where_to_go_on(acme, url):
    task = new_task(acme, actor=acme.alice)
    first = TaskEvent.objects.get(stream_id=task.pk)
    for text in [LARGE] * 14 + ["\\" * 20_000] * 12:  # which JSON writes in two bytes each
        comment(task, text, actor=acme.alice)
    client, after, seen, more = signed_in(acme.bob), f"{acme.pk}.1.{first.digest[:8]}", [], True
    while more:
        response = client.get(url, {"after": after})
        assert len(response.content) <= answers.ANSWER + 1_000
        body = response.json()
        assert body["replay"]["missed"] == 26 - len(seen)
        seen += [item["position"] for item in body["items"]]
        after, more = body["cursor"], body["more"]
    assert seen == list(range(2, 28))
    newest = client.get(url)
    assert (len(newest.json()["items"]), newest.json()["more"]) == (10, False)


@pytest.mark.parametrize("url", ["/api/orgs/acme/notifications/", "/api/users/me/notifications/"])
def test_one_user_has_few_large_answers_at_a_time(acme, monkeypatch, url):
    task = new_task(acme, actor=acme.alice)
    for _ in range(4):
        comment(task, LARGE, actor=acme.alice)
    client, other = signed_in(acme.bob), signed_in(acme.carol)
    head = client.get(url).json()["cursor"]
    assert answers._under_way == {}, "whoever has been answered is not remembered"
    monkeypatch.setitem(answers._under_way, acme.bob.pk, answers.AT_A_TIME)
    refused = client.get(url)
    assert (refused.status_code, refused["Retry-After"]) == (429, "1")
    assert refused.json()["error"]["code"] == "too_many"
    assert client.get(url, {"after": head}).status_code == 200
    assert other.get(url).status_code == 200
    assert answers._under_way == {acme.bob.pk: answers.AT_A_TIME}


def test_a_hole_of_large_events_is_filled_in_steps(acme):
    task = new_task(acme, actor=acme.alice)
    for _ in range(16):
        comment(task, LARGE, actor=acme.alice)
    seen, ends = [], []
    while events := events_after(acme.pk, len(seen), 100):
        seen += [event.position for event in events]
        ends.append(len(seen))
    assert (seen, ends) == (list(range(1, 18)), [13, 17])


def test_events_that_go_meanwhile_reset_the_reader(acme, monkeypatch):
    """Somebody restores a backup between the two reads."""
    task = new_task(acme, actor=acme.alice)
    comment(task, actor=acme.alice)
    ask = Ask(acme.bob.pk, org_inboxes(acme.bob.pk), f"{acme.pk}.0.00000000", whole=True)
    monkeypatch.setattr(replay_pieces.replay_queries, "frames_of", lambda event_ids: {})
    (found,) = replays([ask])
    assert found.summary() == ReplaySummary("reset", 0, None)
    monkeypatch.setattr(replay, "read_on", lambda waiting: [[] for _ in waiting])
    assert answer(ask).replay == ReplaySummary("reset", 0, None)
