"""The organization stands in every key of the log and its texts. On PostgreSQL the keys are there already and only
change places, in one short transaction; SQLite, which is never partitioned, keeps the primary keys that Django knows."""

import django.db.models.deletion
from django.db import migrations, models

FOREIGN_KEY = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = 'events_eventtext'::regclass " \
    "AND confrelid = 'events_taskevent'::regclass"


def _execute(schema_editor, *statements):
    if schema_editor.connection.vendor == "postgresql":
        for statement in statements:
            schema_editor.execute(statement)


def lock(apps, schema_editor):
    """In the order in which writers come to them."""
    _execute(schema_editor, "LOCK TABLE events_taskevent, events_eventtext IN ACCESS EXCLUSIVE MODE")


def drop_foreign_key(schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(FOREIGN_KEY)
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE events_eventtext DROP CONSTRAINT "{name}"')


def exchange(apps, schema_editor):
    drop_foreign_key(schema_editor)
    _execute(
        schema_editor,
        "ALTER TABLE events_eventtext DROP CONSTRAINT events_eventtext_pkey, "
        "ADD CONSTRAINT events_eventtext_pkey PRIMARY KEY USING INDEX text_key",
        "ALTER TABLE events_taskevent DROP CONSTRAINT events_taskevent_pkey, DROP CONSTRAINT event_version_once, "
        "ADD CONSTRAINT events_taskevent_pkey PRIMARY KEY USING INDEX event_key, "
        "ADD CONSTRAINT event_version_once UNIQUE USING INDEX event_version_key",
        "ALTER TABLE events_eventtext ADD CONSTRAINT text_of_event FOREIGN KEY (event_id, organization_id) "
        "REFERENCES events_taskevent (id, organization_id) DEFERRABLE INITIALLY DEFERRED NOT VALID",
    )


def exchange_back(apps, schema_editor):
    drop_foreign_key(schema_editor)
    _execute(
        schema_editor,
        "ALTER TABLE events_eventtext DROP CONSTRAINT events_eventtext_pkey, ADD PRIMARY KEY (event_id)",
        "ALTER TABLE events_taskevent DROP CONSTRAINT events_taskevent_pkey, DROP CONSTRAINT event_version_once, "
        "ADD PRIMARY KEY (id), ADD CONSTRAINT event_version_once UNIQUE (stream_id, version)",
        "ALTER TABLE events_eventtext ADD CONSTRAINT text_of_event FOREIGN KEY (event_id) "
        "REFERENCES events_taskevent (id) DEFERRABLE INITIALLY DEFERRED",
    )


class OnSQLite(migrations.SeparateDatabaseAndState):
    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "sqlite":
            super().database_backwards(app_label, schema_editor, from_state, to_state)


CONSTRAINT = [
    migrations.RemoveConstraint(model_name="taskevent", name="event_version_once"),
    migrations.AddConstraint(
        model_name="taskevent",
        constraint=models.UniqueConstraint(
            fields=("stream_id", "version", "organization"), name="event_version_once"
        ),
    ),
]


class Migration(migrations.Migration):

    dependencies = [
        ("events", "0007_organization_in_keys_built"),
    ]

    operations = [
        migrations.RunPython(lock, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="eventtext",
            name="organization",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="orgs.organization",
            ),
        ),
        OnSQLite(database_operations=CONSTRAINT, state_operations=CONSTRAINT),
        migrations.RunPython(exchange, exchange_back),
    ]
