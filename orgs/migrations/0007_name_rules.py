"""The constraints of what `0006_names` filled. On PostgreSQL a table's rows and rules do not change in one transaction."""

from django.db import migrations, models
from django.db.models.functions import Lower

import orgs.name_keys


class Migration(migrations.Migration):

    dependencies = [
        ('orgs', '0006_names'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='user',
            name='user_name_once',
        ),
        migrations.AlterField(
            model_name='user',
            name='name_key',
            field=orgs.name_keys.NameKeyField(editable=False, max_length=450, unique=True),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('slug', Lower('slug'))), name='short_name_small'),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('slug__in', ('new',)), _negated=True), name='short_name_not_reserved'),
        ),
    ]
