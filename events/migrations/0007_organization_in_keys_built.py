"""Texts get their organization, and the keys that hold it are built beside those that there are, while people go on
writing. Interrupted, it begins again where it was."""

from django.db import migrations, transaction

TEXTS = 10_000  # in one transaction: other writers of texts wait so long
KEYS = {
    "event_key": "events_taskevent (id, organization_id)",
    "event_version_key": "events_taskevent (stream_id, version, organization_id)",
    "text_key": "events_eventtext (event_id, organization_id)",
}
CHUNK = f"SELECT max(event_id) FROM (SELECT event_id FROM events_eventtext WHERE event_id > %s ORDER BY 1 LIMIT {TEXTS}) c"
FILL = """UPDATE events_eventtext SET organization_id = COALESCE(
    (SELECT organization_id FROM events_taskevent e WHERE e.id = events_eventtext.event_id), 0
) WHERE event_id > %s AND event_id <= %s AND organization_id IS NULL"""


def fill(apps, schema_editor):
    connection, last = schema_editor.connection, 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(CHUNK, [last])
            ((upto,),) = cursor.fetchall()
            if upto is None:
                return
            with transaction.atomic(using=connection.alias), _may_be_changed(cursor, connection):
                cursor.execute(FILL, [last, upto])
            last = upto


class _may_be_changed:
    """Texts, in this transaction: nobody else ever finds the trigger off. On SQLite there is none while migrating."""

    def __init__(self, cursor, connection):
        self.cursor, self.is_there = cursor, False
        if connection.vendor == "postgresql":
            cursor.execute("SELECT 1 FROM pg_trigger WHERE tgname = 'text_not_changed' AND tgrelid = 'events_eventtext'::regclass")
            self.is_there = bool(cursor.fetchall())

    def __enter__(self):
        if self.is_there:
            self.cursor.execute("ALTER TABLE events_eventtext DISABLE TRIGGER text_not_changed")

    def __exit__(self, failed, *_):
        if self.is_there and not failed:
            self.cursor.execute("ALTER TABLE events_eventtext ENABLE ALWAYS TRIGGER text_not_changed")


def build(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, columns in KEYS.items():
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {columns}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in KEYS:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("events", "0006_text_organization"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(build, drop),
    ]
