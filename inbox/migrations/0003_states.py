import datetime as dt

from django.db import migrations, models
from django.utils import timezone

UNREAD, READ = 0, 1
OFFERED = dt.timedelta(hours=1)  # so long a page may still offer to undo a mark that was made before
EPOCH, MICROSECOND = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)


def say_what_is_unread(apps, schema_editor):
    """Every row has become read by the column's default, which costs nothing; these are not."""
    _rows(apps, schema_editor).filter(read_at=None).update(state=UNREAD)


def number_the_latest_marks(apps, schema_editor):
    """A mark's number was its moment in microseconds, and no other mark of that person has it."""
    rows = _rows(apps, schema_editor)
    latest = rows.filter(read_at__gt=timezone.now() - OFFERED).values_list("recipient_id", "read_at").distinct()
    for recipient_id, read_at in list(latest):
        number = (read_at - EPOCH) // MICROSECOND
        rows.filter(recipient_id=recipient_id, read_at=read_at).update(mark=number, state_before=UNREAD)


def say_read_at_again(apps, schema_editor):
    """For a release that knows only read and unread: unread is what has no moment."""
    rows = _rows(apps, schema_editor)
    rows.filter(state=UNREAD).exclude(read_at=None).update(read_at=None)


def _rows(apps, schema_editor):
    return apps.get_model("inbox", "Notification").objects.using(schema_editor.connection.alias)


def nothing(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    # In this order a large table is written once: indexes are made when its rows are what they will be.

    dependencies = [("inbox", "0002_marks_by_position")]

    operations = [
        migrations.RemoveIndex("notification", "notification_unread_to_all"),
        migrations.RemoveIndex("notification", "notification_unread_own"),
        migrations.RemoveIndex("notification", "notification_read"),
        migrations.AddField("notification", "state", models.SmallIntegerField(default=UNREAD, db_default=READ)),
        migrations.AddField("notification", "snoozed_until", models.DateTimeField(null=True)),
        migrations.AddField("notification", "mark", models.BigIntegerField(null=True)),
        migrations.AddField("notification", "state_before", models.SmallIntegerField(null=True)),
        migrations.AddField("notification", "snoozed_until_before", models.DateTimeField(null=True)),
        migrations.RunPython(say_what_is_unread, say_read_at_again),
        migrations.RunPython(number_the_latest_marks, nothing),
        migrations.AlterField(
            "notification", "state", models.SmallIntegerField(default=UNREAD, db_default=UNREAD)
        ),
        migrations.RemoveIndex("notification", "notification_mark"),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["recipient", "organization", "event"],
                condition=models.Q(("state", UNREAD), ("reason", "org")),
                name="notification_unread_to_all",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["recipient", "organization", "reason", "event"],
                condition=models.Q(("state", UNREAD), models.Q(("reason", "org"), _negated=True)),
                name="notification_unread_own",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["recipient", "state", "organization", "reason", "event"],
                condition=models.Q(("state__gt", UNREAD)),
                name="notification_handled",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["recipient", "mark"],
                condition=models.Q(("mark__isnull", False)),
                name="notification_mark",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["snoozed_until"],
                condition=models.Q(("snoozed_until__isnull", False)),
                name="notification_snoozed",
            ),
        ),
    ]
