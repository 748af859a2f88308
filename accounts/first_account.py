"""Making the first account of an empty installation: one of two who try at once is refused."""

from allauth.account.models import EmailAddress
from django.db import connection

from base.errors import Conflict
from base.transactions import write_transaction
from orgs.models import User


def is_made() -> bool:
    return User.objects.exists()


def make_first_account(user: User) -> None:
    """Save it as that of the installation's administrator, and its address as one to be confirmed. Raises Conflict
    where there is an account already."""
    with write_transaction():
        _lock_accounts()
        if is_made():
            raise Conflict("The first account has been made meanwhile. Sign in with it.")
        user.is_staff = user.is_superuser = True
        user.save()
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True)


def _lock_accounts() -> None:
    """Lock the table, for there is no row yet. SQLite has one writer."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE orgs_user IN SHARE ROW EXCLUSIVE MODE")
