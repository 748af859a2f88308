"""What was done through one token is found without reading the log. The index holds no event that came by none."""

from django.db import migrations, models

from base.online import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ("events", "0013_via"),
    ]

    operations = [
        AddIndexConcurrently(
            "taskevent",
            models.Index(fields=["via", "id"], condition=models.Q(via__isnull=False), name="event_via"),
        ),
    ]
