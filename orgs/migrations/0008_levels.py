"""Two more levels. The column is wide enough for them: the database has nothing to do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orgs", "0007_name_rules")]
    operations = [
        migrations.AlterField(
            model_name="membership",
            name="level",
            field=models.CharField(
                choices=[
                    ("all", "Everything"),
                    ("participating", "Only what concerns me"),
                    ("mine", "Only tasks of mine"),
                    ("watched", "Only tasks I watch"),
                    ("muted", "Only mentions and assignments"),
                ],
                default="all",
                max_length=15,
            ),
        ),
    ]
