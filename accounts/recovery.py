"""Whose password an address can reset."""

from allauth.account.models import EmailAddress

from orgs.models import User


def account_to_reset(address: str) -> User | None:
    """Find the account that a code sent to this address may give a new password: of who confirmed it, or else of the
    only one that an administrator wrote it down for. An address that stands at two accounts proves neither; a service
    account has no password."""
    confirmed = (
        EmailAddress.objects.filter(email=address.lower(), verified=True).select_related("user").first()
    )
    if confirmed:
        return confirmed.user if confirmed.user.is_active and not confirmed.user.is_service else None
    named = User.objects.filter(email__iexact=address, is_active=True, is_service=False)[:2]
    return named[0] if len(named) == 1 else None
