from django.db import migrations, models

UNREAD, SNOOZED = 0, 3


class Migration(migrations.Migration):
    # What has come back from its snooze keeps its moment, so what is still to come back has an index without it. No row
    # is written.

    dependencies = [("inbox", "0005_choices")]

    operations = [
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["snoozed_until"],
                condition=models.Q(("snoozed_until__isnull", False), ("state", SNOOZED)),
                name="notification_due",
            ),
        ),
        migrations.AddIndex(
            "notification",
            models.Index(
                fields=["recipient", "snoozed_until"],
                condition=models.Q(("state", UNREAD), ("snoozed_until__isnull", False)),
                name="notification_came_back",
            ),
        ),
        migrations.RemoveIndex("notification", "notification_snoozed"),
        migrations.AlterField(
            "notification",
            "reason",
            models.CharField(
                choices=[
                    ("mentioned", "mentioned"),
                    ("assigned", "assigned to you"),
                    ("unassigned", "no longer assigned to you"),
                    ("assignee", "you are assigned"),
                    ("creator", "you created it"),
                    ("participant", "you take part"),
                    ("watching", "watching"),
                    ("org", "everything"),
                ],
                max_length=11,
            ),
        ),
    ]
