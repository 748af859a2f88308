"""An EmailAddress for every address that stands at an account.

None is confirmed: administrators wrote them, two accounts may share one, and whoever holds the mailbox never said so. Nor is
any primary, until its owner confirms it.
"""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import migrations

AT_ONCE = 1000


def note_addresses(apps, schema_editor):
    User, EmailAddress = apps.get_model("orgs", "User"), apps.get_model("account", "EmailAddress")
    known = set(EmailAddress.objects.values_list("user_id", "email"))
    written = User.objects.exclude(email="").values_list("pk", "email").order_by("pk")
    rows = []
    for user_id, address in written.iterator(AT_ONCE):
        email = address.strip().lower()
        if (user_id, email) not in known and is_address(email):
            rows.append(EmailAddress(user_id=user_id, email=email))
    EmailAddress.objects.bulk_create(rows, AT_ONCE)


def is_address(text):
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= 254


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_access_record"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("orgs", "0007_name_rules"),
    ]
    operations = [migrations.RunPython(note_addresses, migrations.RunPython.noop)]
