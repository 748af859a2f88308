"""What concerns who may come in, told to the record that `accounts/record.py` keeps apart from the logs."""

from collections.abc import Callable
from enum import StrEnum


class Kind(StrEnum):
    """What happened. `label` is what the administration says."""

    SIGNED_UP = "signed_up"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    REFUSED = "refused"  # too many tries
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of news, not a password
    ADDRESS_ADDED = "address_added"
    ADDRESS_CONFIRMED = "address_confirmed"
    ADDRESS_CHANGED = "address_changed"
    ADDRESS_REMOVED = "address_removed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    CODES_RENEWED = "codes_renewed"
    FACTOR_FAILED = "factor_failed"
    SINGLE_SIGN_ON_ADDED = "single_sign_on_added"
    SINGLE_SIGN_ON_REMOVED = "single_sign_on_removed"
    INVITED = "invited"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_REFUSED = "invitation_refused"
    ACCOUNT_CLOSED = "account_closed"
    TOKEN_MADE = "token_made"  # noqa: S105 - a kind of news, not a password
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - likewise
    TOKEN_ACTED = "token_acted"  # noqa: S105 - likewise; what it did is no event

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


Keep = Callable[[Kind, int | None, str], None]
_keep: list[Keep] = []


def register(keep: Keep) -> None:
    _keep[:] = [keep]


def note(kind: Kind, user_id: int | None = None, about: str = "") -> None:
    """Have it kept, in the caller's transaction where there is one. `user_id`: whose account it concerns. `about`: a
    few plain words, such as an organization's name; never a password, a code, or what somebody typed as a name."""
    for keep in _keep:
        keep(kind, user_id, about)
