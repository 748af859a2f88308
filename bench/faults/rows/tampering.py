"""The row of history that is changed behind the application's back."""

import subprocess
import sys

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper

from bench.faults.children import ROOT
from bench.faults.row import row
from bench.faults.scene import Scene
from bench.faults.world import TASKS
from events.models import TaskEvent


@row(
    fault="a TaskEvent row altered behind the application's back",
    expected="the database refuses; with triggers off, the verifier names the row",
    naive="not tried: it shares the log here. The usual table of events has no digest, so nobody could tell",
    hurts_naive=False,
)
def altered_row(scene: Scene) -> None:
    with scene.writing():
        scene.wait(2)
    scene.finish()
    if scene.is_naive:
        return
    slug, victim = _middle_of_the_log(scene)
    scene.expect(not alters(victim, triggers=True), "the database refuses to alter the row")
    scene.expect(audit(slug).returncode == 0, "the verifier finds nothing before")
    scene.expect(alters(victim, triggers=False), "with triggers off the row can be altered")
    found = audit(slug)
    named = [line for line in found.stdout.splitlines() if line.startswith(f"{slug} {victim.position}: ")]
    scene.expect(found.returncode == 1 and len(named) == 1, f"the verifier names position {victim.position}")
    scene.note("; ".join(named))


def _middle_of_the_log(scene: Scene) -> tuple[str, TaskEvent]:
    organization = scene.world.organizations[0]
    return organization.slug, TaskEvent.objects.get(organization=organization, position=TASKS // 2)


def alters(event: TaskEvent, *, triggers: bool) -> bool:
    """Whether raw SQL could change the event; the owner of the table may turn its triggers off."""
    table = connection.ops.quote_name(TaskEvent._meta.db_table)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if not triggers:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"UPDATE {table} SET subject = subject || '.' WHERE id = %s", [event.pk])
            if not triggers:
                _put_triggers_back(cursor, table)
    except DatabaseError:
        return False
    return True


def _put_triggers_back(cursor: CursorWrapper, table: str) -> None:
    """As they were, so that the verifier finds nothing but the row."""
    cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} ENABLE ALWAYS TRIGGER "{name}"')


def audit(slug: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "manage.py", "audit_history", "--org", slug]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
