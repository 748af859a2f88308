"""Errors of the domain: each has a code for programs and a message that a person can act on.

Pages and the API answer them with `status`; they are never logged as failures of ours.
"""

from collections.abc import Mapping


class DomainError(Exception):
    code = "refused"
    status = 400
    retry_after: int | None = None  # seconds after which the same would be answered
    headers: Mapping[str, str] = {}  # of the answer

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """What was sent cannot be meant."""

    code = "invalid"
    status = 400


class SignedOut(DomainError):
    """Nobody is signed in, or not by what was sent."""

    code = "signed_out"
    status = 401
    headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(DomainError):
    """The actor is a member, but their role does not allow it."""

    code = "forbidden"
    status = 403


class NotFound(DomainError):
    """Unknown, or of an organization that the actor does not belong to: the two answer alike."""

    code = "not_found"
    status = 404

    def __init__(self, message: str = "There is nothing here, or you do not have access to it.") -> None:
        super().__init__(message)


class Conflict(DomainError):
    """Somebody changed it meanwhile."""

    code = "conflict"
    status = 409


class TooMany(DomainError):
    """More than one person's share. Nothing is lost: the same a moment later is answered."""

    code = "too_many"
    status = 429
    retry_after = 1
