"""The effect and the cursor in one transaction, in the order of the log, each event once."""

import pytest

from events.models import GENESIS, LogHead
from followers import batches
from followers.batches import begin_at_heads, lease_of, rewind, take_batch
from followers.leases import Leases, Lost
from followers.models import Cursor, Lease
from tests.followers.taking import Diary, take_all
from tests.tasks.acme import comment, new_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def diary():
    return Diary()


@pytest.fixture
def task(acme):
    """Seven events in Acme's log."""
    task = new_task(acme, actor=acme.alice)
    for number in range(6):
        comment(task, f"comment {number}", actor=acme.bob)
    return task


def held(follower, team):
    leases = Leases()
    assert leases.take(lease_of(follower, team.pk))
    return leases


def test_every_event_is_taken_once_and_in_order(acme, globex, task, diary):
    new_task(globex, actor=globex.gina)
    assert take_all(diary) == 8
    assert take_all(diary) == 0
    assert diary.positions(acme.pk) == [1, 2, 3, 4, 5, 6, 7]
    assert diary.positions(globex.pk) == [1]
    head = LogHead.objects.get(pk=acme.pk)
    cursor = Cursor.objects.get(organization_id=acme.pk)
    assert (cursor.position, cursor.digest) == (head.position, head.digest)


def test_a_batch_that_fails_leaves_neither_effect_nor_cursor(acme, task, diary):
    leases, diary.fails_at = held(diary, acme), 5
    assert take_batch(diary, acme.pk, leases) == 3
    with pytest.raises(ValueError, match="own mistake"):
        take_batch(diary, acme.pk, leases)
    assert (diary.positions(acme.pk), Cursor.objects.get().position) == ([1, 2, 3], 3)
    assert take_batch(diary, acme.pk, leases, 1) == 1
    diary.fails_at = None
    take_all_of(diary, acme, leases)
    assert diary.positions(acme.pk) == [1, 2, 3, 4, 5, 6, 7]


def take_all_of(follower, team, leases):
    while take_batch(follower, team.pk, leases):
        pass


def test_a_lease_lost_in_the_middle_of_a_batch_takes_the_batch_back(acme, task, diary):
    leases = held(diary, acme)
    take_batch(diary, acme.pk, leases)
    diary.in_the_middle = lambda: Lease.objects.update(owner="another process")
    with pytest.raises(Lost):
        take_batch(diary, acme.pk, leases)
    assert (diary.positions(acme.pk), Cursor.objects.get().position) == ([1, 2, 3], 3)


@pytest.mark.parametrize(
    "lost", [{"position": 400}, {"digest": "f" * 64}], ids=["the log is shorter", "the log went another way"]
)
def test_another_history_is_taken_anew(acme, globex, task, diary, lost, caplog):
    new_task(globex, actor=globex.gina)
    take_all(diary)
    Cursor.objects.filter(organization_id=acme.pk).update(**lost)
    take_all(diary)
    assert diary.positions(acme.pk) == [1, 2, 3, 4, 5, 6, 7]
    assert diary.positions(globex.pk) == [1]
    assert "is not the one taken" in caplog.text


def test_who_must_not_repeat_goes_on_at_the_head_of_another_history(acme, task, diary):
    diary.takes_anew = False
    take_all(diary)
    Cursor.objects.update(digest="f" * 64)
    take_all(diary)
    comment(task, "from then on", actor=acme.bob)
    take_all(diary)
    assert diary.positions(acme.pk) == [8]


def test_a_follower_may_begin_at_the_heads_of_its_day(acme, globex, task, diary):
    begin_at_heads(diary.name, LogHead.objects.all())
    comment(task, "later", actor=acme.bob)
    new_task(globex, actor=globex.gina)  # the first event of a log that was not there
    take_all(diary)
    assert (diary.positions(acme.pk), diary.positions(globex.pk)) == ([8], [1])


def test_a_rewound_log_is_taken_again(acme, task, diary):
    take_all(diary)
    rewind(diary, acme.pk)
    assert (diary.positions(acme.pk), Cursor.objects.get().digest) == ([], GENESIS)
    take_all(diary)
    assert diary.positions(acme.pk) == [1, 2, 3, 4, 5, 6, 7]


def test_the_log_itself_is_not_locked(acme, task, diary, django_assert_num_queries, monkeypatch):
    """Who writes waits for no follower: the cursor is the only row that a batch locks."""
    leases = held(diary, acme)
    take_batch(diary, acme.pk, leases)
    with monkeypatch.context() as patch:
        patch.setattr(diary, "take", lambda *_: None)
        with django_assert_num_queries(6) as asked:  # two of them the savepoint
            batches.take_batch(diary, acme.pk, leases)
    locking = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"]]
    assert all("followers_cursor" in sql for sql in locking)
