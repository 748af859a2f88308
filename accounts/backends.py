"""Who signs in with a name or an address, and whether the password is theirs."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from orgs.models import User


def accounts_called(login: str) -> list[User]:
    """Find whom a name or address means: who confirmed that address, then who has that name. An address that nobody
    confirmed means nobody. They are two only where an older account's name looks like somebody else's address."""
    if not login.isprintable():
        return []
    confirmed = EmailAddress.objects.filter(email=login.lower(), verified=True).select_related("user")
    found = [address.user for address in confirmed] + [User.objects.named(login)]
    return [user for user in dict.fromkeys(found) if user is not None]


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User:
        """Find who signs in. Raises PermissionDenied, so that no other backend hashes the password once more: Django's
        own is named in the settings for the sessions that it began."""
        user: User | None = super().authenticate(request, **credentials)
        if user is None:
            raise PermissionDenied
        return user

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("username") or credentials.get("email") or ""
        for user in accounts_called(login):
            if self._check_password(user, credentials["password"]):
                return user
        return None

    def _check_password(self, user: User | None, password: str) -> User | None:
        """Check it. Of a closed account allauth would remember that it was right, to say so; here nothing tells them
        from others."""
        found: User | None = super()._check_password(user, password)
        self.unstash_authenticated_user()
        return None if found and found.is_service else found  # it has tokens; whoever gave it a password
