"""What can happen to an organization and its members: one frozen class per action. Each says itself in a sentence,
before and after. None of them is told to everybody: only to whom it concerns."""

from collections.abc import Iterator

from events.archive.facts import ArchivedTextsErased, LogArchived
from events.facts import Fact, FreeText, UserId
from events.import_facts import LogImported
from events.telling import Around, Change, Names, person

_ROLES = {"owner": "Owner", "admin": "Admin", "member": "Member", "viewer": "Viewer"}


def role_label(role: str) -> str:
    """Write `admin` as `Admin`; one that a newer release knows stands as it is."""
    return _ROLES.get(role, role)


def a_role(role: str) -> str:
    """Write `admin` as `an admin`."""
    label = role_label(role).lower()
    return f"{'an' if label[:1] in 'aeiou' else 'a'} {label}"


class OrganizationFact(Fact, frozen=True):
    to_all = False


class OrganizationCreated(OrganizationFact, frozen=True):
    action = "organization_created"
    name: str
    short_name: str

    def predicate(self, around: Around) -> str:
        return f"created the organization {self.name}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Name", None, self.name)
        yield Change("Short name", None, self.short_name)


class OrganizationRenamed(OrganizationFact, frozen=True):
    """The name, the short name, or both: the other one is the same before and after."""

    action = "organization_renamed"
    before: str
    after: str
    short_name_from: str
    short_name_to: str

    def predicate(self, around: Around) -> str:
        name = f"renamed the organization from “{self.before}” to “{self.after}”"
        short_name = f"short name from “{self.short_name_from}” to “{self.short_name_to}”"
        if self.short_name_from == self.short_name_to:
            return name
        if self.before == self.after:
            return f"changed the organization’s {short_name}"
        return f"{name}, and changed its {short_name}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        if self.before != self.after:
            yield Change("Name", self.before, self.after)
        if self.short_name_from != self.short_name_to:
            yield Change("Short name", self.short_name_from, self.short_name_to)


class MemberJoined(OrganizationFact, frozen=True, omit_defaults=True):
    """By accepting an invitation, or by making the organization. With another actor: who added them."""

    action = "member_joined"
    user_id: UserId
    role: str
    invited_by: UserId | None = None

    def predicate(self, around: Around) -> str:
        if self.user_id != around.actor_id:
            return f"added {around.name(self.user_id)} as {role_label(self.role)}"
        joined = f"joined {around.about} as {role_label(self.role)}"
        return f"{joined}, invited by {around.name(self.invited_by)}" if self.invited_by else joined

    def people(self) -> set[int]:
        return {self.user_id, self.invited_by or self.user_id}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change(f"Role of {person(self.user_id, names)}", None, role_label(self.role))


class MemberLeft(OrganizationFact, frozen=True):
    """The actor, who had this role."""

    action = "member_left"
    role: str

    def predicate(self, around: Around) -> str:
        return f"left {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Role", role_label(self.role), None)


class MemberRemoved(OrganizationFact, frozen=True):
    """By another, with the role that they had."""

    action = "member_removed"
    user_id: UserId
    role: str

    def predicate(self, around: Around) -> str:
        return f"removed {around.name(self.user_id)} from {around.about}"

    def people(self) -> set[int]:
        return {self.user_id}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change(f"Role of {person(self.user_id, names)}", role_label(self.role), None)


class RoleChanged(OrganizationFact, frozen=True, omit_defaults=True):
    """By the actor; `offered_by`: accepted by the actor, who is the member. Who became an owner without an offer took
    over an organization that had none."""

    action = "role_changed"
    user_id: UserId
    before: str
    after: str
    offered_by: UserId | None = None

    def predicate(self, around: Around) -> str:
        if self.user_id != around.actor_id:
            return f"made {around.name(self.user_id)} {a_role(self.after)}"
        became = f"became {a_role(self.after)} instead of {a_role(self.before)}"
        return f"{became}, as {around.name(self.offered_by)} offered" if self.offered_by else became

    def people(self) -> set[int]:
        return {self.user_id, self.offered_by or self.user_id}

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change(
            f"Role of {person(self.user_id, names)}", role_label(self.before), role_label(self.after)
        )


ORGANIZATION_FACTS: tuple[type[Fact], ...] = (
    LogArchived,
    ArchivedTextsErased,
    LogImported,
    OrganizationCreated,
    OrganizationRenamed,
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    RoleChanged,
)
