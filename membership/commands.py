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
class ChangeRole:
    user_id: int
    role: str


@dataclass(frozen=True, slots=True)
class RemoveMember:
    """Somebody else, or oneself: to leave."""

    user_id: int


Command = CreateOrganization | RenameOrganization | AddMember | ChangeRole | RemoveMember
