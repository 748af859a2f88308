"""What the check of migrations refuses: what the release before could not bear, and what people would wait for."""

import pytest
from django.apps import apps
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from base import online
from schema.migration_sql import findings
from schema.migrations import MEANING, not_borne

ADDED = 'ALTER TABLE "tasks_task" ADD COLUMN "points" integer'
REFUSED = {
    'ALTER TABLE "tasks_task" RENAME TO "tasks_item"': "RENAME_TABLE",
    'ALTER TABLE "tasks_task" RENAME COLUMN "title" TO "name"': "RENAME_COLUMN",
    'DROP TABLE "tasks_task" CASCADE': "DROP_TABLE",
    'ALTER TABLE "tasks_task" DROP COLUMN "title" CASCADE': "DROP_COLUMN",
    f"{ADDED} NOT NULL": "NOT_NULL",
    'ALTER TABLE "tasks_task" ALTER COLUMN "title" SET NOT NULL': "NOT_NULL",
    'ALTER TABLE "tasks_task" ALTER COLUMN "title" DROP DEFAULT': "DROP_DEFAULT",
    'ALTER TABLE "tasks_task" ALTER COLUMN "title" TYPE text': "ALTER_COLUMN",
    'ALTER TABLE "tasks_task" ADD CONSTRAINT "once" UNIQUE ("title")': "ADD_UNIQUE",
    'ALTER TABLE "tasks_task" ADD CONSTRAINT "above" CHECK ("number" > 0)': "ADD_CONSTRAINT",
    'ALTER TABLE "tasks_task" ADD CONSTRAINT "of" FOREIGN KEY ("a") REFERENCES "b" ("id")': "ADD_CONSTRAINT",
    'CREATE INDEX "by_title" ON "tasks_task" ("title") WHERE ("number" > 5)': "CREATE_INDEX",
    'DROP INDEX IF EXISTS "by_title"': "DROP_INDEX",
    'REINDEX TABLE "tasks_task"': "REINDEX",
    'UPDATE "tasks_task" SET "title" = upper("title")': "DATA",
    f"{ADDED} DEFAULT gen_random_uuid() NOT NULL": "WRITES_ANEW",
}
BORNE = [
    f"{ADDED} NULL",
    f"{ADDED} DEFAULT 0 NOT NULL",
    'CREATE INDEX CONCURRENTLY "by_title" ON "tasks_task" ("title")',
    'DROP INDEX CONCURRENTLY IF EXISTS "by_title"',
    'ALTER TABLE "tasks_task" ADD CONSTRAINT "above" CHECK ("number" > 0) NOT VALID',
    'ALTER TABLE "tasks_task" VALIDATE CONSTRAINT "above"',
]


@pytest.mark.parametrize(("statement", "code"), REFUSED.items())
def test_what_the_release_before_could_not_bear_is_refused(statement, code):
    assert {found for found, _ in findings([f"{statement};"])} >= {code}
    assert code in MEANING


@pytest.mark.parametrize("statement", BORNE)
def test_what_it_bears_is_not(statement):
    assert list(findings([f"{statement};"])) == []


def test_a_table_that_is_new_may_have_everything():
    new = ['CREATE TABLE "a_new" ("id" bigint NOT NULL, "word" text NOT NULL);']
    new += ['CREATE INDEX "by_word" ON "a_new" ("word") WHERE ("id" > 5);']
    new += ['ALTER TABLE "a_new" ADD CONSTRAINT "of" FOREIGN KEY ("a") REFERENCES "tasks_task" ("id");']
    assert list(findings(new)) == []
    assert [code for code, _ in findings([*new, 'CREATE INDEX "by_title" ON "tasks_task" ("title");'])] == [
        "CREATE_INDEX"
    ]


def test_a_default_of_python_alone_is_none():
    """Django takes it away again at once, and what another column keeps does not help."""
    other = 'ALTER TABLE "tasks_task" ADD COLUMN "other" integer DEFAULT 0 NOT NULL;'
    taken = 'ALTER TABLE "tasks_task" ALTER COLUMN "points" DROP DEFAULT;'
    assert [code for code, _ in findings([f"{ADDED} DEFAULT 0 NOT NULL;", taken, other])] == ["NOT_NULL"]


def test_a_migration_says_since_when_it_is_borne(monkeypatch):
    found = [("DROP_COLUMN", 'ALTER TABLE "tasks_task" DROP COLUMN "title"')]
    assert list(not_borne("tasks.0009", found, {}))
    assert list(not_borne("tasks.0009", found, {"DROP_COLUMN": "0.2.0"}))  # 0.1.0 may still run
    monkeypatch.setattr("schema.migrations.OLDEST_BESIDE", "0.2.0")
    assert list(not_borne("tasks.0009", found, {"DROP_COLUMN": "0.2.0"})) == []
    assert list(not_borne("tasks.0009", found, {"DROP_TABLE": "0.2.0"}))


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="judges PostgreSQL's statements")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("operation", "code"),
    [
        (migrations.AddField("task", "points", models.IntegerField(default=0)), "NOT_NULL"),
        (migrations.AddField("task", "points", models.IntegerField(db_default=0)), None),
        (migrations.RemoveField("task", "title"), "DROP_COLUMN"),
        (migrations.RenameField("task", "title", "name"), "RENAME_COLUMN"),
        (migrations.AddIndex("task", models.Index(fields=["title"], name="a")), "CREATE_INDEX"),
        (online.AddIndexConcurrently("task", models.Index(fields=["title"], name="a")), None),
        (
            migrations.AddConstraint("task", models.UniqueConstraint(fields=["title"], name="b")),
            "ADD_UNIQUE",
        ),
        (online.AddUniqueConcurrently("task", models.UniqueConstraint(fields=["title"], name="b")), None),
    ],
)
def test_operations_are_judged_by_their_statements(operation, code):
    state = ProjectState.from_apps(apps)
    before = state.clone()
    operation.state_forwards("tasks", state)
    with connection.schema_editor(collect_sql=True, atomic=operation.atomic is not False) as editor:
        operation.database_forwards("tasks", editor, before, state)
    assert {found for found, _ in findings(editor.collected_sql)} == ({code} if code else set())
