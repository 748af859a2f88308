"""Keys of user names, and short names in small letters that leave former ones behind.

What an older release let through goes on: whoever shares a name with an earlier account keeps it and signs in by
writing it exactly so; a short name that cannot stay gets the next free one, and its old addresses lead there.
"""

import logging

import django.contrib.auth.validators
import django.db.models.deletion
from django.db import migrations, models

import orgs.name_keys
import orgs.validators
from orgs.names import name_key

logger = logging.getLogger(__name__)

CHUNK = 1000


def fill_name_keys(apps, schema_editor):
    """In the order of their ids, so that the earlier account has the name."""
    User = apps.get_model("orgs", "User")
    taken, changed = set(), []
    for user in User.objects.order_by("pk").only("pk", "username").iterator(chunk_size=CHUNK):
        key = name_key(user.username)
        if key in taken:
            key = f"{key}{orgs.name_keys.SUFFIX}{user.pk}"
            logger.warning(
                "Account %d shares its user name '%s' with an earlier one. It signs in with the name written exactly so; "
                "no @ reaches it until it is given another name.",
                user.pk,
                user.username,
            )
        taken.add(key)
        user.name_key = key
        changed.append(user)
    User.objects.bulk_update(changed, ["name_key"], batch_size=CHUNK // 4)


def mend_short_names(apps, schema_editor):
    """`ACME` becomes `acme`, or `acme-1` where that is taken; `new` becomes `new-1`."""
    Organization = apps.get_model("orgs", "Organization")
    Former = apps.get_model("orgs", "FormerShortName")
    slugs = dict(Organization.objects.order_by("pk").values_list("pk", "slug"))
    taken = {slug.lower() for slug in slugs.values() if slug == slug.lower()} | {"new"}
    for pk, slug in slugs.items():
        if slug == slug.lower() and slug != "new":
            continue
        small = free(slug.lower(), taken)
        taken.add(small)
        Former.objects.create(slug=slug, organization_id=pk)
        Organization.objects.filter(pk=pk).update(slug=small)
        logger.warning("The short name '%s' is now '%s'; its old addresses lead there.", slug, small)


def free(wanted, taken):
    number, name = 0, wanted
    while name in taken:
        number += 1
        name = f"{wanted[: 40 - len(f'-{number}')]}-{number}"
    return name


class Migration(migrations.Migration):

    dependencies = [
        ('orgs', '0005_former_user_names'),
    ]

    operations = [
        migrations.AlterModelManagers(
            name='user',
            managers=[],
        ),
        migrations.AddField(
            model_name='user',
            name='name_key',
            field=orgs.name_keys.NameKeyField(default='', editable=False, max_length=450),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name='user',
            name='username',
            field=models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Letters, digits and @ . + - _ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator(), orgs.validators.validate_user_name]),
        ),
        migrations.AlterField(
            model_name='user',
            name='first_name',
            field=models.CharField(blank=True, max_length=150, validators=[orgs.validators.validate_name]),
        ),
        migrations.AlterField(
            model_name='user',
            name='last_name',
            field=models.CharField(blank=True, max_length=150, validators=[orgs.validators.validate_name]),
        ),
        migrations.AlterField(
            model_name='organization',
            name='name',
            field=models.CharField(max_length=100, validators=[orgs.validators.validate_name]),
        ),
        migrations.AlterField(
            model_name='organization',
            name='slug',
            field=models.SlugField(error_messages={'unique': 'This short name is taken. Choose another.'}, max_length=40, unique=True, validators=[orgs.validators.validate_short_name], verbose_name='short name'),
        ),
        migrations.CreateModel(
            name='FormerShortName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=40, unique=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_short_names', to='orgs.organization')),
            ],
        ),
        migrations.RunPython(fill_name_keys, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(mend_short_names, migrations.RunPython.noop, elidable=False),
    ]
