"""The mail that tells somebody of a new token of theirs: whoever reads it and made none knows what to do."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress

from orgs.models import User
from tokens.models import Token


def tell_of(token: Token, user: User) -> None:
    """Post it, in the caller's transaction where there is one. A service account has no address."""
    if address := EmailAddress.objects.get_primary_email(user) or user.email:
        get_adapter().send_mail("account/email/token_made", address, {"user": user, "token": token})
