"""Second factors: who has which, what they are called, and how an administrator removes those that somebody lost."""

from collections import defaultdict
from collections.abc import Collection

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from accounts.record import note
from base.transactions import write_transaction
from orgs.access_record import Kind
from orgs.models import User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # recovery codes are no factor of their own
MOST_PASSKEYS = 20  # of one person


class FactorsAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "That did not fit. A code counts once, and for half a minute: take the next one.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}" if count else "Passkey"

    def _get_site_name(self) -> str:
        return "Carillon"


def types_of(user_ids: Collection[int]) -> dict[int, set[str]]:
    """Find the kinds of factors that these people have; whoever has none is left out."""
    found: dict[int, set[str]] = defaultdict(set)
    rows = Authenticator.objects.filter(user_id__in=user_ids, type__in=FACTORS)
    for user_id, kind in rows.values_list("user_id", "type"):
        found[user_id].add(kind)
    return dict(found)


def has_factor(user_id: OuterRef) -> Exists:
    """Say of each row's person whether they have one, within its own query."""
    return Exists(Authenticator.objects.filter(user_id=user_id, type__in=FACTORS))


def factors_of(user: User) -> list[Authenticator]:
    """List everything that proves the person beside a password, recovery codes too."""
    return list(Authenticator.objects.filter(user_id=user.pk).order_by("type", "created_at"))


def remove_all(user: User, by: User | None = None, request: HttpRequest | None = None) -> int:
    """Remove the person's factors and recovery codes, and tell them by mail. Sessions go on: what they have proved they
    have. Returns how many there were."""
    with write_transaction():
        factors = list(Authenticator.objects.select_for_update().filter(user=user.pk))
        for factor in factors:
            factor.delete()
            note(Kind.FACTOR_REMOVED, user, str(factor), request, by)
        if factors:
            _tell(user, by)
    return len(factors)


def _tell(user: User, by: User | None) -> None:
    if address := EmailAddress.objects.get_primary_email(user) or user.email:
        get_adapter().send_mail("mfa/email/factors_removed", address, {"user": user, "by": by})
