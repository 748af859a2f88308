"""What can be asked for: one frozen dataclass per command. `services` is the one way in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CreateOrganization:
    """`owner_id` is its first member; None where the administration makes one without."""

    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class RenameOrganization:
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class AddMember:
    user_name: str
    role: str


@dataclass(frozen=True, slots=True)
class AcceptInvitation:
    """`invited_by` gives the role; `by_staff`: for the installation, and as no member."""

    role: str
    invited_by: int
    by_staff: bool = False


@dataclass(frozen=True, slots=True)
class ClaimOwnership:
    """Of an organization that has no owner."""


@dataclass(frozen=True, slots=True)
class ChangeRole:
    """`without_owner`: also where nobody is left who owns the organization."""

    user_id: int
    role: str
    without_owner: bool = False


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Somebody else, or oneself: to leave. `without_owner` as above."""

    user_id: int
    without_owner: bool = False


Command = (
    CreateOrganization
    | RenameOrganization
    | AddMember
    | AcceptInvitation
    | ClaimOwnership
    | ChangeRole
    | RemoveMember
)
