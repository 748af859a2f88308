"""What is kept of a person for signing in: told to them when they ask, and gone when they are forgotten."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from accounts.models import AccessRecord
from orgs import personal_data
from orgs.models import User

# By name: whose rows, and the columns that a person is told. None of them is a secret.
TOLD: dict[str, tuple[Any, tuple[str, ...]]] = {
    "access record": (AccessRecord, ("kind", "address", "browser", "about", "times", "at", "last_at")),
    "sessions": (UserSession, ("ip", "user_agent", "created_at", "last_seen_at")),
    "factors": (Authenticator, ("type", "created_at", "last_used_at")),
    "single sign-on": (SocialAccount, ("provider", "uid", "date_joined", "last_login", "extra_data")),
}


def register() -> None:
    for name, (model, columns) in TOLD.items():
        personal_data.register(name, _tell(model, columns), _forget if model is AccessRecord else None)


def _tell(model: Any, columns: tuple[str, ...]) -> Callable[[User], personal_data.Rows]:
    def tell(user: User) -> personal_data.Rows:
        rows: personal_data.Rows = model.objects.filter(user_id=user.pk).order_by("pk").values(*columns)
        return rows

    return tell


def _forget(user: User) -> None:
    """Erase all of it at once."""
    AccessRecord.objects.filter(user_id=user.pk).delete()
    UserSession.objects.filter(user_id=user.pk).delete()
    Authenticator.objects.filter(user_id=user.pk).delete()
    SocialAccount.objects.filter(user_id=user.pk).delete()
