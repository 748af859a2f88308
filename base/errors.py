"""Errors of the domain: each has a code for programs and a message that a person can act on.

Pages and the API answer them with `status`; they are never logged as failures of ours.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong, and where: `body.title`, `query.limit`, `header.If-Match`."""

    at: str
    detail: str


class DomainError(Exception):
    code = "refused"
    status = 400
    retry_after: int | None = None  # seconds after which the same would be answered
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = MappingProxyType({})  # that belong to the answer

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """What was sent cannot be meant."""

    code = "invalid"
    status = 400


class Unreadable(Invalid):
    """What was sent cannot be read: no JSON, an unknown parameter, a header that means nothing."""

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class Unprocessable(DomainError):
    """What was sent can be read, and asks for what cannot be: a field that is not there, a title without letters."""

    code = "unprocessable"
    status = 422

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class SignedOut(DomainError):
    """Nobody is known to ask."""

    code = "signed_out"
    status = 401
    headers = {"WWW-Authenticate": "Bearer"}

    def __init__(
        self, message: str = "Sign in first, or send a token: Authorization: Bearer crl_..."
    ) -> None:
        super().__init__(message)


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


class Stale(Conflict):
    """It is not at the version that If-Match names: somebody changed it meanwhile."""

    code = "stale"
    status = 412


class Gone(DomainError):
    """It was there, and never will be again."""

    code = "gone"
    status = 410


class NotAcceptable(DomainError):
    """Accept names nothing that this address has."""

    code = "not_acceptable"
    status = 406


class UnsupportedType(DomainError):
    """The body is of a type, a charset or an encoding that is not read here."""

    code = "unsupported_type"
    status = 415
    headers = {"Accept": "application/json"}


class TooMany(DomainError):
    """More than one person's share. Nothing is lost: the same a moment later is answered."""

    code = "too_many"
    status = 429
    retry_after = 1
