import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from bench.history import fill
from events.models import LogHead, TaskEvent
from events.scan import scan
from orgs.models import Organization
from tasks import commands, rebuild
from tasks.erasure import erase_user
from tasks.models import Task
from tasks.services import execute
from tests.tasks.acme import comment, move, new_task
from tests.tasks.invariants import assert_every_fold_is_its_row, assert_the_log_holds, table
from tests.tasks.threads import meanwhile

pytestmark = pytest.mark.django_db


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def rebuild_tasks(**options):
    """What the command says."""
    out = StringIO()
    call_command("rebuild_tasks", stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def filled(db):
    fill(60, 600, organizations=3)


@pytest.fixture(params=["whole", "in parts"])
def in_parts(request, monkeypatch):
    """A large log is folded in parts and written in steps; here they are small."""
    if request.param == "in parts":
        monkeypatch.setattr(rebuild, "STREAMS", 10)
        monkeypatch.setattr(rebuild, "ROWS", 3)


@pytest.mark.usefixtures("filled", "in_parts")
class TestTheTable:
    def test_that_is_right_is_left_as_it_is(self):
        before = table()
        assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 0 removed."
        assert table() == before

    def test_that_was_emptied_comes_back_byte_by_byte(self):
        before = table()
        assert sql("DELETE FROM tasks_task") == 60
        assert rebuild_tasks() == "Tasks: 0 changed, 60 added, 0 removed."
        assert table() == before
        assert_every_fold_is_its_row()

    @pytest.mark.parametrize(
        "damage",
        [
            "title = 'Tampered'",
            "description = 'é'",
            "status = 'cancelled'",
            "assignee_id = creator_id",
            "creator_id = (SELECT max(id) FROM orgs_user)",
            "due_date = '1999-01-01'",
            "archived = NOT archived",
            "commenters = '[7]'",
            "mentioned = '[7, 8]'",
            "version = version + 100",
            "version = 0",
            "created_at = updated_at",
            "updated_at = '1999-01-01 00:00:00'",
            "number = number + 1000",
            "organization_id = (SELECT max(id) FROM orgs_organization), number = number + 1000",
        ],
    )
    def test_that_was_damaged_is_mended(self, damage):
        before = table()
        first = "SELECT min(id) FROM orgs_organization"
        sql(f"UPDATE tasks_task SET {damage} WHERE number < 4 AND organization_id = ({first})")
        damaged = sum(row not in before for row in table())
        assert damaged
        assert rebuild_tasks() == f"Tasks: {damaged} changed, 0 added, 0 removed."
        assert table() == before

    def test_whose_rows_hold_each_others_numbers_is_mended(self):
        before = table()
        for old, new in ((2, 0), (30, 2), (0, 30)):
            sql("UPDATE tasks_task SET number = %s WHERE number = %s", new, old)
        assert table() != before
        rebuild_tasks()
        assert table() == before

    def test_loses_rows_of_which_the_log_knows_nothing(self):
        before = table()
        stranger = Task.objects.first()
        stranger.pk, stranger.number = uuid.uuid4(), 999
        stranger.save(force_insert=True)
        assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 1 removed."
        assert table() == before

    def test_is_not_touched_by_a_dry_run(self):
        sql("UPDATE tasks_task SET title = 'Tampered' WHERE number = 1")
        sql("DELETE FROM tasks_task WHERE number = 2")
        before = table()
        said = "Tasks: 3 would be changed, 3 added, 0 removed."
        assert rebuild_tasks(dry_run=True) == said
        assert table() == before
        assert rebuild_tasks() == said.replace("would be ", "")

    def test_of_another_organization_is_left_alone(self):
        sql("UPDATE tasks_task SET title = 'Tampered' WHERE number = 1")
        assert rebuild_tasks(org="team-1") == "Tasks: 1 changed, 0 added, 0 removed."
        assert Task.objects.filter(title="Tampered").count() == 2

    def test_comes_back_from_another_organization(self):
        before = table()
        other = "SELECT id FROM orgs_organization WHERE slug = 'team-2'"
        sql(f"UPDATE tasks_task SET organization_id = ({other}), number = 999 WHERE id = %s", before[0][0])
        home = Organization.objects.get(pk=before[0][1])
        assert home.slug != "team-2"
        assert rebuild_tasks(org="team-2") == "Tasks: 0 changed, 0 added, 0 removed."
        assert rebuild_tasks(org=home.slug) == "Tasks: 1 changed, 0 added, 0 removed."
        assert table() == before


class Streams:
    """What is going on while a rebuild reads: `after_reading` runs between its reading and its writing."""

    def __init__(self, monkeypatch):
        self.monkeypatch = monkeypatch

    def after_reading(self, *works):
        """The first work after the first part that is read, and so on."""
        steps = iter(works)

        def read(*arguments, **options):
            yield from scan(*arguments, **options)
            if work := next(steps, None):
                work()

        self.monkeypatch.setattr(rebuild, "scan", read)

    def after_comparing(self, *works):
        """Between comparing, which takes no lock, and writing."""
        steps, compare = iter(works), rebuild.projection.compare

        def compare_and_work(*arguments):
            compared = compare(*arguments)
            if work := next(steps, None):
                work()
            return compared

        self.monkeypatch.setattr(rebuild.projection, "compare", compare_and_work)


@pytest.fixture
def streams(monkeypatch):
    return Streams(monkeypatch)


@pytest.fixture(params=["after_reading", "after_comparing"])
def before_writing(request, streams):
    return getattr(streams, request.param)


class TestMeanwhile:
    def test_a_task_that_changes_is_not_set_back(self, acme, before_writing):
        first, other = (new_task(acme, actor=acme.alice, title=title) for title in ("First", "Other"))
        sql("UPDATE tasks_task SET title = 'Tampered'")
        # It goes on from the row as it stands.
        change = commands.ChangeStatus(task_id=first.pk, status="done")
        before_writing(lambda: execute(change, actor=acme.bob))
        assert rebuild_tasks() == "Tasks: 2 changed, 0 added, 0 removed."
        first.refresh_from_db()
        assert (first.title, first.status, first.version) == ("First", "done", 2)
        assert_every_fold_is_its_row()
        assert other.pk in set(Task.objects.filter(title="Other").values_list("pk", flat=True))

    def test_a_right_one_that_changes_is_left_alone(self, acme, before_writing):
        first, _ = (new_task(acme, actor=acme.alice) for _ in range(2))
        before_writing(lambda: move(first, "done", actor=acme.bob))
        assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 0 removed."

    def test_a_task_that_is_created_stays(self, acme, globex, before_writing):
        new_task(acme, actor=acme.alice)
        before_writing(
            lambda: [new_task(acme, actor=acme.bob), new_task(globex, actor=globex.gina, title="Late")]
        )
        assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 0 removed."
        assert Task.objects.count() == 3

    def test_words_that_are_erased_do_not_come_back(self, acme, before_writing):
        task = new_task(acme, actor=acme.carol, description="My secret")
        sql("UPDATE tasks_task SET title = 'Tampered'")
        before_writing(lambda: erase_user(acme.carol.pk))
        rebuild_tasks()
        task.refresh_from_db()
        assert (task.title, task.description) == ("Fix the door", "")

    @pytest.mark.usefixtures("filled")
    def test_rows_that_another_rebuild_adds_are_no_obstacle(self, streams):
        before = table()
        sql("DELETE FROM tasks_task")
        streams.after_comparing(rebuild_tasks)
        assert rebuild_tasks() == "Tasks: 60 changed, 0 added, 0 removed."
        assert table() == before

    @pytest.mark.usefixtures("filled")
    def test_nobody_waits_for_a_rebuild_that_finds_nothing(self, monkeypatch):
        monkeypatch.setattr(rebuild._Noted, "gone_on", None)  # it takes the locks
        assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 0 removed."

    def test_an_interruption_leaves_every_row_whole(self, filled, streams, monkeypatch):
        before = table()
        sql("DELETE FROM tasks_task")
        monkeypatch.setattr(rebuild, "STREAMS", 10)

        def interrupt():
            raise KeyboardInterrupt

        streams.after_reading(None, None, interrupt)
        with pytest.raises(CommandError, match="Stopped") as stopped:
            rebuild_tasks()
        assert stopped.value.returncode == 130
        assert 0 < Task.objects.count() < 60
        assert set(table()) < set(before)
        rebuild_tasks()
        assert table() == before

    def test_an_interruption_of_a_step_of_writing_takes_it_back(self, filled, monkeypatch):
        sql("UPDATE tasks_task SET title = 'Tampered'")
        before = table()
        monkeypatch.setattr(rebuild.projection, "Written", _interrupt)
        with pytest.raises(CommandError, match="Stopped"):
            rebuild_tasks()
        assert table() == before


def _interrupt(*_):
    raise KeyboardInterrupt


class TestALogThatTellsNoStory:
    def append(self, task, **fields):
        """As nobody can through the product."""
        last = TaskEvent.objects.filter(stream_id=task.pk).first()
        names = [field.attname for field in TaskEvent._meta.concrete_fields if not field.primary_key]
        position = LogHead.objects.get(pk=task.organization_id).position + 1
        as_it_was = {name: getattr(last, name) for name in names} | {"position": position}
        TaskEvent.objects.bulk_create([TaskEvent(**(as_it_was | fields))])

    def test_leaves_its_row_alone_and_is_reported(self, acme):
        task, other = (new_task(acme, actor=acme.alice) for _ in range(2))
        self.append(task, version=3)
        sql("UPDATE tasks_task SET title = 'Tampered'")
        with pytest.raises(CommandError, match="1 tasks are not told in order"):
            rebuild_tasks()
        assert Task.objects.get(pk=task.pk).title == "Tampered"
        assert Task.objects.get(pk=other.pk).title == "Fix the door"

    def test_is_reported_where_it_has_no_beginning(self, acme):
        task = new_task(acme, actor=acme.alice)
        self.append(task, version=1, action="archived", stream_id=uuid.uuid4(), details={})
        with pytest.raises(CommandError, match="1 tasks are not told in order"):
            rebuild_tasks()

    def test_says_so_when_the_table_refuses_it(self, acme):
        task = new_task(acme, actor=acme.alice)
        lost = {"action": "status_changed", "schema_version": 1, "details": {"from": "open", "to": "lost"}}
        self.append(task, version=2, **lost)
        with pytest.raises(CommandError, match="the table refuses"):
            rebuild_tasks()
        assert Task.objects.get(pk=task.pk).status == "open"

    def test_says_so_when_it_gives_a_number_twice(self, acme):
        task = new_task(acme, actor=acme.alice)
        self.append(task, version=1, stream_id=uuid.uuid4())
        sql("UPDATE tasks_task SET title = 'Tampered'")
        with pytest.raises(CommandError, match="the table refuses"):
            rebuild_tasks()
        assert Task.objects.get().pk == task.pk


def test_an_organization_that_does_not_exist_is_refused():
    with pytest.raises(CommandError, match="no organization with the short name 'nowhere'"):
        rebuild_tasks(org="nowhere")


def test_an_empty_database_is_right():
    assert rebuild_tasks() == "Tasks: 0 changed, 0 added, 0 removed."


def test_a_text_of_an_old_version_is_rebuilt_too(acme):
    """It stands in the event itself."""
    task = new_task(acme, actor=acme.alice, description="Ask @bob")
    TestALogThatTellsNoStory().append(
        task,
        version=2,
        action="described",
        schema_version=1,
        details={"from": "Ask @bob", "to": "No", "mentions": []},
    )
    rebuild_tasks()
    task.refresh_from_db()
    assert (task.description, task.version) == ("No", 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("announcements")
def test_writers_and_a_rebuild_do_not_hinder_each_other(transactional_db, acme, monkeypatch):
    """Each comes to its end, and what remains is what the log says."""
    monkeypatch.setattr(rebuild, "ROWS", 2)
    tasks = [new_task(acme, actor=acme.alice, title=f"Task {number}") for number in range(8)]
    with meanwhile(lambda: [rebuild_tasks() for _ in range(6)]) as rebuilding:
        for number in range(40):
            comment(tasks[number % 8], actor=acme.bob)
            execute(
                commands.RenameTask(task_id=tasks[-1 - number % 8].pk, title=f"Name {number}"),
                actor=acme.carol,
            )
    assert rebuilding.result() == ["Tasks: 0 changed, 0 added, 0 removed."] * 6
    assert_the_log_holds(acme.pk)
    assert_every_fold_is_its_row()
