import django.db.models.deletion
from django.db import migrations, models

POSTGRESQL = [
    "ALTER TABLE search_entry ADD COLUMN words tsvector NOT NULL",
    "CREATE INDEX search_words ON search_entry USING gin (words)",
]
SQLITE = [
    # Words come as they are to be found: to this tokenizer a word is what stands between two spaces.
    "CREATE VIRTUAL TABLE search_words USING fts5(words, tokenize = 'ascii')",
    "CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry "
    "BEGIN DELETE FROM search_words WHERE rowid = OLD.event_id; END",
]


def install(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER search_entry_removed")
        schema_editor.execute("DROP TABLE search_words")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("orgs", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("event_id", models.BigIntegerField()),
                ("stream_id", models.UUIDField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organization",
                    ),
                ),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "organization_id",
                        "event_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
            ],
        ),
        migrations.RunPython(install, remove),
    ]
