import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from followers.batches import begin_at_heads


def begin(apps, schema_editor):
    begin_at_heads("push", apps.get_model("events", "LogHead").objects.all())


class Migration(migrations.Migration):
    """Pushes tell of what happens from now on."""

    dependencies = [
        ("outbound", "0002_begin_at_heads"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.CharField(max_length=1000, unique=True)),
                ("p256dh", models.CharField(max_length=90)),
                ("auth", models.CharField(max_length=24)),
                ("made_for", models.CharField(max_length=90)),
                ("session_key", models.CharField(max_length=40)),
                ("browser", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                ("got", models.BigIntegerField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
