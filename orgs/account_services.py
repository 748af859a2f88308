"""Writes of accounts that end sessions or rights: whoever holds the account's open sockets looks which may go on."""

from itertools import chain, count

from django.db.models import F
from django.utils import timezone

from base.announcements import announce, user_group_name
from base.messages import SessionChanged
from base.transactions import write_transaction
from orgs.models import Organization, User
from orgs.names import USER_NAME_LIMIT


def sessions_ended(user_id: int) -> None:
    """Tell that some session of the user has ended: by a sign-out, a new password, a closed account."""
    announce(user_group_name(user_id), SessionChanged(user_id))


def create_account(*, user_name: str, name: str, email: str, password_hash: str) -> User:
    """Make the account of somebody who signs up. Raises IntegrityError where the name was taken meanwhile."""
    user: User = User.objects.create(username=user_name, first_name=name, email=email, password=password_hash)
    return user


def create_service_account(user_name: str, name: str) -> User:
    """Make the account of a program, which nobody can sign in to. Raises IntegrityError."""
    user = User(username=user_name, first_name=name, is_service=True)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


OPERATIONS = "operations"


def operations_account() -> User | None:
    """Find or make the account that stands for whoever runs the server: closed, without a password. None where a
    person has its user name."""
    user = User.objects.named(OPERATIONS)
    if user is None:
        user = User(username=OPERATIONS, first_name="Operations", is_active=False)
        user.set_unusable_password()
        user.save(force_insert=True)
    return None if user.is_active or user.has_usable_password() else user


def create_stand_in(user_name: str, name: str, *, is_erased: bool) -> User:
    """Make a closed account, without a password or an address, for somebody of another installation: `imported-bob`,
    or with a number where that is taken."""
    wanted = f"imported-{user_name}"[: USER_NAME_LIMIT - 10]
    numbered = (f"{wanted}-{number}" for number in count(2))
    free = next(each for each in chain([wanted], numbered) if User.objects.is_free(each))
    user = User(username=free, first_name=f"Imported: {name}"[:150], is_active=False)
    user.erased_at = timezone.now() if is_erased else None
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def set_password(user: User, password: str) -> None:
    """Give the account a new password, which ends its sessions."""
    user.set_password(password)  # takes long: before the transaction
    with write_transaction():
        user.save(update_fields=["password"])
        sessions_ended(user.pk)


def save_account(user: User) -> None:
    """Save it as it is given. Where that closes it, nothing of theirs is carried out after the commit."""
    with write_transaction():
        closes = not user.is_active and User.objects.filter(pk=user.pk, is_active=True).exists()
        if closes:
            _lock_organizations_of(user.pk)
        user.save()
        if closes:
            sessions_ended(user.pk)


def _lock_organizations_of(user_id: int) -> None:
    """Lock them in the order of their ids, before the user's row. Who is told of what changes, so their versions do."""
    for pk in list(
        Organization.objects.filter(memberships__user_id=user_id).order_by("pk").values_list("pk", flat=True)
    ):
        Organization.objects.filter(pk=pk).update(membership_version=F("membership_version") + 1)
