"""Many at once: on SQLite nobody is turned away, on PostgreSQL nobody deadlocks, and no reader loses an event."""

import itertools
import threading
import uuid
from collections import Counter
from contextlib import ExitStack

import pytest
from django.db import IntegrityError, connection, transaction

from base import transactions
from base.announcements import org_group_name
from base.errors import Conflict, Forbidden, NotFound
from base.transactions import write_transaction
from events.models import LogHead, TaskEvent
from inbox.models import Notification
from inbox.recipients import reason_for
from membership import services as orgs
from orgs.models import Membership, Organization, User
from tasks import commands
from tasks.commenting import comment
from tasks.models import Attempt, Task
from tasks.services import execute, execute_together
from tests.factories import UserFactory
from tests.inbox.acts import mark_all_read, mark_read
from tests.tasks.acme import Level, Role, found, new_task
from tests.tasks.invariants import assert_every_fold_is_its_row, assert_the_log_holds
from tests.tasks.threads import at_once, meanwhile
from tests.waiting import LIMIT, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("announcements")]

WRITERS, EACH = 8, 8


@pytest.fixture
def team(transactional_db):
    team = found("acme", alice=Role.OWNER, bob=Role.ADMIN, carol=Role.MEMBER, vera=Role.VIEWER)
    for number in range(WRITERS):
        team.join(f"writer{number}")
    return team


@pytest.fixture
def writers(team):
    return [getattr(team, f"writer{number}") for number in range(WRITERS)]


@pytest.fixture
def two_tasks(team):
    return [new_task(team, actor=team.alice, title=title).pk for title in ("One", "Two")]


def writing(actor, task_ids, times=EACH):
    """A writer's work: comments on either task, and on both in one transaction, in either order."""

    def write():
        for number in range(times):
            one, other = task_ids if number % 2 else reversed(task_ids)
            both = [
                commands.CommentOnTask(task_id=task_id, text=f"@carol {number}") for task_id in (one, other)
            ]
            execute(both[0], actor=actor)
            execute_together(both, actor=actor)

    return write


def _beginning(task_id, team, actor):
    command = commands.CreateTask(organization_id=team.pk, title="Mine", task_id=task_id)
    return lambda: execute(command, actor=actor)


def succeeded(results):
    assert [result for result in results if isinstance(result, BaseException)] == []


class TestEightWriters:
    def test_leave_one_dense_log(self, team, writers, two_tasks):
        succeeded(at_once([writing(actor, two_tasks) for actor in writers]))
        events = assert_the_log_holds(team.pk)
        assert len(events) == 2 + WRITERS * EACH * 3
        assert_every_fold_is_its_row()
        everybody = Membership.objects.count() - 1
        assert Notification.objects.count() == len(events) * everybody

    def test_of_a_fresh_organization_share_the_head_that_appears(self, team, writers):
        assert not LogHead.objects.exists()

        def create(actor):
            return lambda: execute(commands.CreateTask(organization_id=team.pk, title="x"), actor=actor)

        succeeded(at_once([create(actor) for actor in writers]))
        assert len(assert_the_log_holds(team.pk)) == WRITERS
        assert sorted(Task.objects.values_list("number", flat=True)) == list(range(1, WRITERS + 1))

    def test_of_two_tries_of_a_comment_at_once_one_makes_it(self, team, two_tasks):
        """Both looked for it before either wrote it: the key refuses the second."""
        task, actor, attempt = Task.objects.get(pk=two_tasks[0]), team.alice, uuid.uuid4()
        group = org_group_name(team.pk)

        def send():
            return comment(task, "Hm.", actor=actor, attempt=attempt)

        with ExitStack() as tries, write_transaction(group):
            made = [tries.enter_context(meanwhile(send)) for _ in range(2)]
            wait_until(lambda: transactions._turns.waiting(group) == 2, "both to wait for their turn")
        first, second = (each.result() for each in made)
        assert first.pk == second.pk == TaskEvent.objects.get(action="commented").pk
        assert Attempt.objects.get().event_id == first.pk
        assert_the_log_holds(team.pk)
        assert_every_fold_is_its_row()

    def test_lose_nothing_for_a_reader_who_follows_the_positions(self, team, writers, two_tasks):
        done, seen, reads = threading.Event(), [], []

        def read():
            last = seen[-1] if seen else 0
            new = TaskEvent.objects.filter(organization_id=team.pk, position__gt=last)
            seen.extend(new.order_by("position").values_list("position", flat=True))

        def follow():
            while not done.wait(0.005):
                read()
                reads.append(len(seen))
            read()

        with meanwhile(follow) as reader:
            try:
                while len(set(reads)) < 3 and not reader.done():  # it must have read in between
                    succeeded(at_once([writing(actor, two_tasks, 6) for actor in writers[: WRITERS - 1]]))
            finally:
                done.set()
        reader.result()
        assert seen == list(range(1, LogHead.objects.get().position + 1))

    def test_beside_readers_and_changes_of_membership_nobody_waits_for_ever(self, team, writers, two_tasks):
        """Log head, then organization; a user's inbox for marks: no two of them in opposite order."""
        UserFactory(username="guest")
        bob, carol = team.bob, team.carol

        def change_members():
            for number in range(EACH):
                by = team.membership(bob)
                orgs.change_role(by=by, user_id=carol.pk, role=(Role.VIEWER, Role.MEMBER)[number % 2])
                orgs.change_level(membership=team.membership(carol), level=Level.values[number % 3])
                guest = orgs.add_member(by=by, username="guest", role="member").user_id
                orgs.remove_member(by=by, user_id=guest)

        def mark():
            for _ in range(EACH):
                newest = Notification.objects.filter(recipient=carol).order_by("-event_id").first().event_id
                mark_read(carol.pk, [newest])
                mark_all_read(carol.pk, {team.pk: newest})

        works = [writing(actor, two_tasks, 6) for actor in writers[:6]]
        succeeded(at_once([*works, change_members, mark]))
        assert_the_log_holds(team.pk)
        assert_every_fold_is_its_row()
        assert Organization.objects.get().membership_version == EACH * 4

    def test_tell_by_the_members_of_the_version_that_they_announce(
        self, team, writers, two_tasks, announcements
    ):
        """What a frame says must equal what the row says: the hub marks frames by the level that each of its sockets
        had at the announced membership version."""
        carol, vera = team.carol, team.vera
        levels_at = {0: dict(Membership.objects.values_list("user_id", "level"))}

        def change_levels():
            wait_until(lambda: announcements, "an event under the levels of before")
            for user, level in itertools.islice(itertools.product((carol, vera), Level.values * 3), EACH):
                with write_transaction():
                    orgs.change_level(membership=team.membership(user), level=level)
                    version = Organization.objects.get().membership_version
                    levels_at[version] = dict(Membership.objects.values_list("user_id", "level"))

        announcements.clear()
        works = [writing(actor, two_tasks, 4) for actor in writers[: WRITERS - 1]]
        succeeded(at_once([*works, change_levels]))
        writing(writers[-1], two_tasks, 1)()  # under the levels of after
        told = [message for _, message in announcements if message["type"] == "log.appended"]
        versions = Counter(message["membership_version"] for message in told)
        assert sum(versions.values()) == (WRITERS - 1) * 4 * 3 + 3
        assert len(versions) > 1
        for message in told:
            for event in message["events"]:
                frame, participants = event["frame"], dict(event["participants"])
                levels = levels_at[message["membership_version"]]
                expected = {
                    user_id: reason_for(
                        user_id,
                        level,
                        actor_id=frame["actor_id"],
                        participants=participants,
                        watching=event["watching"],
                    )
                    for user_id, level in levels.items()
                }
                rows = Notification.objects.filter(event_id=frame["event_id"])
                assert dict(rows.values_list("recipient_id", "reason")) == {
                    user_id: reason for user_id, reason in expected.items() if reason
                }


class TestOneOfManyWins:
    def test_a_version_is_changed_once(self, team, writers, two_tasks):
        task_id = two_tasks[0]

        def rename(actor):
            command = commands.RenameTask(task_id=task_id, title=actor.username, expected_version=1)
            return lambda: execute(command, actor=actor)

        results = at_once([rename(actor) for actor in writers])
        assert [isinstance(result, Conflict) for result in results].count(False) == 1
        winner = Task.objects.get(pk=task_id).title.capitalize()
        for result in results:
            if isinstance(result, Conflict):
                assert f"{winner} renamed it" in result.message

    def test_a_form_sent_by_many_hands_creates_once(self, team, writers):
        command = commands.CreateTask(organization_id=team.pk, title="Once", task_id=uuid.uuid4())
        results = at_once([lambda actor=actor: execute(command, actor=actor) for actor in writers])
        assert sorted(map(len, results)) == [0] * (WRITERS - 1) + [1]
        assert len(assert_the_log_holds(team.pk)) == 1

    def test_a_task_that_two_organizations_begin_at_once_is_one_organizations(self, team):
        """No key of the log holds it; a trigger does, or SQLite's one writer."""
        globex = found("globex", gina=Role.OWNER)
        task_id, pairs = uuid.uuid4(), [(team, team.alice), (globex, globex.gina)] * 3
        results = at_once([_beginning(task_id, one, actor) for one, actor in pairs])
        refused = [result for result in results if isinstance(result, IntegrityError | NotFound)]
        assert sorted(map(len, [each for each in results if each not in refused])) == [0, 0, 1]
        assert TaskEvent.objects.count() == Task.objects.count() == 1

    def test_owners_who_leave_at_once_leave_one_behind(self, team):
        owners = [team.alice, *(team.join(f"owner{number}", Role.OWNER) for number in range(3))]
        memberships = [team.membership(owner) for owner in owners]
        results = at_once([lambda by=by: orgs.remove_member(by=by, user_id=by.user_id) for by in memberships])
        assert sorted(type(result).__name__ for result in results) == ["Conflict", *["Membership"] * 3]
        assert team.organization.memberships.filter(role=Role.OWNER).count() == 1

    def test_owners_who_demote_each_other_leave_one(self, team):
        bob = team.bob
        orgs.change_role(by=team.membership(team.alice), user_id=bob.pk, role=Role.OWNER)
        alice, bob = team.membership(team.alice), team.membership(bob)
        results = at_once(
            [
                lambda: orgs.change_role(by=alice, user_id=bob.user_id, role=Role.MEMBER),
                lambda: orgs.change_role(by=bob, user_id=alice.user_id, role=Role.MEMBER),
            ]
        )
        assert sorted(type(result).__name__ for result in results) == ["Forbidden", "Membership"]
        assert team.organization.memberships.filter(role=Role.OWNER).count() == 1

    def test_somebody_added_by_many_is_a_member_once(self, team):
        UserFactory(username="guest")
        by = team.membership(team.bob)
        results = at_once([lambda: orgs.add_member(by=by, username="guest", role="member") for _ in range(4)])
        assert sorted(type(result).__name__ for result in results) == [*["Conflict"] * 3, "Membership"]

    def test_whoever_is_removed_meanwhile_writes_nothing_after(self, team, two_tasks):
        """Either the comment came first, or it is refused: never a comment by a stranger."""
        carol, by = team.carol, team.membership(team.bob)
        comment = commands.CommentOnTask(task_id=two_tasks[0], text="Last words")
        written, removed = at_once(
            [
                lambda: execute(comment, actor=carol),
                lambda: orgs.remove_member(by=by, user_id=carol.pk),
            ]
        )
        assert isinstance(removed, Membership)
        assert isinstance(written, NotFound | list)
        with pytest.raises(NotFound):
            execute(comment, actor=carol)


@pytest.mark.services
class TestOnPostgres:
    """The reason for the lock, step by step."""

    @pytest.fixture(autouse=True)
    def postgres(self, transactional_db):
        if connection.vendor != "postgresql":
            pytest.skip("shows what PostgreSQL does")

    @pytest.fixture
    def connect(self):
        """More connections to the test's database, past the ORM."""
        opened = []

        def connect():
            opened.append(connection.copy())
            opened[-1].set_autocommit(False)
            return opened[-1]

        yield connect
        for one in opened:
            one.close()

    def test_a_reader_of_plain_ids_loses_a_row(self, connect):
        """Ids are given at once and seen at the commit: who commits late is passed over."""
        slow, fast, reader = connect(), connect(), connect()

        def insert(one):
            with one.cursor() as cursor:
                cursor.execute("INSERT INTO plain_log DEFAULT VALUES RETURNING id")
                return cursor.fetchone()[0]

        def after(last):
            with reader.cursor() as cursor:
                cursor.execute("SELECT id FROM plain_log WHERE id > %s ORDER BY id", [last])
                rows = [row[0] for row in cursor.fetchall()]
            reader.commit()
            return rows

        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE plain_log (id bigserial PRIMARY KEY)")
        try:
            first, second = insert(slow), insert(fast)
            fast.commit()
            seen = after(0)
            slow.commit()
            seen += after(seen[-1])
            assert (first, second) == (1, 2)
            assert seen == [2]
            assert after(0) == [1, 2]
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE plain_log")

    def test_a_reader_of_positions_loses_none_because_the_second_writer_waits(self, team, two_tasks):
        """The same two transactions on the log."""
        written, commit = threading.Event(), threading.Event()
        alice, bob = team.alice, team.bob
        one, two = (commands.ChangeStatus(task_id=task_id, status="done") for task_id in two_tasks)

        def slow():
            with transaction.atomic():
                execute(one, actor=alice)
                written.set()
                assert commit.wait(LIMIT)

        def after(last):
            events = TaskEvent.objects.filter(organization_id=team.pk, position__gt=last)
            return list(events.order_by("position").values_list("position", "actor__username"))

        with meanwhile(slow) as first:
            try:
                assert written.wait(LIMIT)
                with meanwhile(lambda: execute(two, actor=bob)) as second:
                    try:
                        wait_until(lambda: waiting_for_a_lock() == 1, "the second writer to wait")
                        assert not second.done()
                        assert after(2) == []
                    finally:
                        commit.set()
            finally:
                commit.set()
        first.result(), second.result()
        assert after(2) == [(3, "alice"), (4, "bob")]

    def test_whoever_joins_while_an_event_is_written_is_told_of_the_next(self, team, two_tasks):
        written, commit = threading.Event(), threading.Event()
        guest, alice, by = UserFactory(username="guest"), team.alice, team.membership(team.bob)
        command = commands.ChangeStatus(task_id=two_tasks[0], status="done")

        def write():
            with transaction.atomic():
                execute(command, actor=alice)
                written.set()
                assert commit.wait(LIMIT)

        with meanwhile(write) as first:
            try:
                assert written.wait(LIMIT)
                with meanwhile(lambda: orgs.add_member(by=by, username="guest", role="member")) as joining:
                    try:
                        wait_until(lambda: waiting_for_a_lock() == 1, "the newcomer to wait")
                    finally:
                        commit.set()
            finally:
                commit.set()
        first.result(), joining.result()
        execute(commands.ChangeStatus(task_id=two_tasks[0], status="open"), actor=alice)
        told = Notification.objects.filter(recipient=guest).order_by("event_id")
        assert list(told.values_list("event__action", flat=True)) == ["member_joined", "status_changed"]

    @pytest.fixture
    def while_it_waits(self, team, two_tasks):
        """What the work raises, for which something is done while it waits for the organization's row."""

        def while_it_waits(work, happens):
            locked, commit = threading.Event(), threading.Event()

            def hold():
                with transaction.atomic():
                    Organization.objects.select_for_update(no_key=True).get(pk=team.pk)
                    locked.set()
                    assert commit.wait(LIMIT)
                    happens()

            with meanwhile(hold) as first:
                try:
                    assert locked.wait(LIMIT)
                    with meanwhile(work) as second:
                        try:
                            wait_until(lambda: waiting_for_a_lock() == 1, "it to wait")
                        finally:
                            commit.set()
                finally:
                    commit.set()
            first.result()
            return second.exception()

        return while_it_waits

    @staticmethod
    def removed(user):
        return lambda: Membership.objects.filter(user=user).delete()

    @staticmethod
    def demoted(user):
        return lambda: Membership.objects.filter(user=user).update(role=Role.VIEWER)

    @staticmethod
    def closed(user):
        return lambda: User.objects.filter(pk=user.pk).update(is_active=False)

    LOSSES = {"removed": NotFound, "demoted": Forbidden, "closed": NotFound}

    @pytest.mark.parametrize(("loss", "refusal"), LOSSES.items(), ids=LOSSES)
    def test_whoever_loses_their_rights_while_a_command_waits_is_refused(
        self, team, two_tasks, while_it_waits, loss, refusal
    ):
        carol, count = team.carol, TaskEvent.objects.count()
        command = commands.CommentOnTask(task_id=two_tasks[0], text="Last words")
        refused = while_it_waits(lambda: execute(command, actor=carol), getattr(self, loss)(carol))
        assert type(refused) is refusal
        assert TaskEvent.objects.count() == count

    SERVICES = {
        "adds a member": lambda by, other: orgs.add_member(by=by, username="guest", role="member"),
        "changes a role": lambda by, other: orgs.change_role(by=by, user_id=other.pk, role=Role.VIEWER),
        "removes a member": lambda by, other: orgs.remove_member(by=by, user_id=other.pk),
        "changes their level": lambda by, other: orgs.change_level(membership=by, level=Level.MUTED),
        "leaves": lambda by, other: orgs.remove_member(by=by, user_id=by.user_id),
    }
    MAY_STILL = {("demoted", "changes their level"), ("demoted", "leaves")}

    @pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
    @pytest.mark.parametrize(("loss", "refusal"), LOSSES.items(), ids=LOSSES)
    def test_whoever_loses_their_rights_while_a_service_waits_is_refused(
        self, request, team, while_it_waits, loss, refusal, service
    ):
        UserFactory(username="guest")
        bob, by, carol = team.bob, team.membership(team.bob), team.carol
        refused = while_it_waits(lambda: service(by, carol), getattr(self, loss)(bob))
        name = next(name for name, each in self.SERVICES.items() if each is service)
        assert type(refused) is (type(None) if (loss, name) in self.MAY_STILL else refusal)

    def test_an_account_that_is_closed_meanwhile_is_not_added(self, team, while_it_waits):
        guest, by = UserFactory(username="guest"), team.membership(team.bob)
        add = lambda: orgs.add_member(by=by, username="guest", role="member")  # noqa: E731
        assert type(while_it_waits(add, self.closed(guest))) is NotFound
        assert not Membership.objects.filter(user=guest).exists()

    def test_an_account_that_is_being_closed_is_waited_for(self, team):
        """Between the look at an account and the commit it is not closed either."""
        guest, by, bob = UserFactory(username="guest"), team.membership(team.bob), team.bob
        works = {
            "added": lambda: orgs.add_member(by=by, username="guest", role="member"),
            "founds": lambda: orgs.create_organization(name="Mine", slug="mine", owner=guest),
        }
        for work in works.values():
            User.objects.filter(pk=guest.pk).update(is_active=True)
            closing, commit = threading.Event(), threading.Event()

            def close(closing=closing, commit=commit):
                with transaction.atomic():
                    self.closed(guest)()
                    closing.set()
                    assert commit.wait(LIMIT)

            with meanwhile(close) as first:
                try:
                    assert closing.wait(LIMIT)
                    with meanwhile(work) as second:
                        try:
                            wait_until(lambda: waiting_for_a_lock() == 1, "it to wait")
                        finally:
                            commit.set()
                finally:
                    commit.set()
            first.result()
            assert type(second.exception()) is NotFound
        assert not Membership.objects.filter(user=guest).exists()
        assert bob.is_active

    def test_the_version_announced_is_the_one_under_the_lock(
        self, team, two_tasks, while_it_waits, announcements
    ):
        bump = lambda: Organization.objects.filter(pk=team.pk).update(membership_version=41)  # noqa: E731
        command, bob = commands.ChangeStatus(task_id=two_tasks[0], status="done"), team.bob
        announcements.clear()
        assert while_it_waits(lambda: execute(command, actor=bob), bump) is None
        assert [message["membership_version"] for _, message in announcements] == [41]


def waiting_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]
