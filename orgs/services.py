"""Writes of organizations and memberships: the only module that changes them.

Every change locks the organization's row, bumps its `membership_version` and announces itself to the user
concerned, so that open sockets learn of it. Rights are read after the lock: they may have gone while it was waited for.
"""

from typing import Literal

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import F
from msgspec import to_builtins

from base.announcements import announce, org_group_name, user_group_name
from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.messages import MembershipChanged, OrgEvent
from base.transactions import write_transaction
from orgs.access import require_manager
from orgs.frames import Org, OrganizationFrame
from orgs.models import SHORT_NAME_TAKEN, FormerShortName, Membership, Organization, User

Role, Level = Membership.Role, Membership.Level

# Past this many members, a row for everybody would hold the log's lock for too long (45 ms at 10,000): newcomers
# start with what concerns them.
LARGE_ORGANIZATION = 5_000


def create_organization(*, name: str, slug: str, owner: User) -> Organization:
    """A new organization with its first owner. Raises Invalid when the name or the slug cannot be its, NotFound when
    the account was closed."""
    organization = Organization(name=name, slug=slug)
    with write_transaction():
        if _open_account(owner.pk) is None:
            raise NotFound
        _save(organization)
        _join(organization, owner, Role.OWNER)
    return organization


def rename_organization(organization_id: int, *, name: str, slug: str) -> Organization:
    """Another name, another short name, or both. A former short name goes on leading here. Raises Invalid."""
    with write_transaction(org_group_name(organization_id)):
        organization = Organization.objects.select_for_update(no_key=True).get(pk=organization_id)
        former, organization.name, organization.slug = organization.slug, name, slug
        _save(organization)
        if slug != former:
            organization.former_short_names.filter(slug=slug).delete()
            FormerShortName.objects.create(slug=former, organization=organization)
            frame = to_builtins(OrganizationFrame(Org(organization.pk, slug)))
            announce(org_group_name(organization.pk), OrgEvent(organization.pk, frame))
    return organization


def add_member(*, by: Membership, username: str, role: str) -> Membership:
    """Add an existing account. Raises Forbidden, NotFound (no such account) and Conflict (already in)."""
    with write_transaction(org_group_name(by.organization_id)):
        by = _lock(by)
        _require_may_give(by, role)
        named = User.objects.named(username)
        user = named and _open_account(named.pk)
        if user is None:
            raise NotFound(f"There is no account with the user name '{username}'.")
        if by.organization.memberships.filter(user=user).exists():
            raise Conflict(f"{user.display_name} is already a member.")
        return _join(by.organization, user, role)


def change_role(*, by: Membership, user_id: int, role: str) -> Membership:
    with write_transaction(org_group_name(by.organization_id)):
        by = _lock(by)
        _require_may_give(by, role)
        member = _member(by.organization_id, user_id)
        _require_may_change(by, member)
        if member.role == Role.OWNER and role != Role.OWNER:
            _require_another_owner(member)
        member.role = role
        _changed(member, "role")
    return member


def change_level(*, membership: Membership, level: str) -> None:
    """The member's own choice of what they are told."""
    if level not in Level.values:
        raise Invalid("That notification level does not exist.")
    with write_transaction(org_group_name(membership.organization_id)):
        member = _lock(membership)
        member.level = level
        _changed(member, "level")


def remove_member(*, by: Membership, user_id: int) -> Membership:
    """Remove somebody, or leave (`user_id` one's own). The last owner stays. Returns the membership that ended."""
    with write_transaction(org_group_name(by.organization_id)):
        by = _lock(by)
        member = _member(by.organization_id, user_id)
        if user_id != by.user_id:
            require_manager(by)
            _require_may_change(by, member)
        if member.role == Role.OWNER:
            _require_another_owner(member)
        _announce(member, "left")
        Membership.objects.filter(pk=member.pk).delete()
    return member


def roles_to_give(by: Membership) -> list[str]:
    """Nobody gives more than they have."""
    if by.role == Role.OWNER:
        return list(Role.values)
    return [Role.ADMIN, Role.MEMBER, Role.VIEWER] if by.role == Role.ADMIN else []


def may_change(by: Membership, member: Membership) -> bool:
    return by.can_manage and (by.role == Role.OWNER or member.role != Role.OWNER)


def _save(organization: Organization) -> None:
    try:
        organization.clean_fields()
        organization.save()
        # After the write, which waits for whoever is giving up this short name: now theirs can be seen.
        organization.clean()
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
    except IntegrityError as error:
        raise Invalid(SHORT_NAME_TAKEN) from error


def _lock(by: Membership) -> Membership:
    """Lock the organization's row and read the actor's membership and account afresh. Membership changes come one after
    the other, and none between a delivery's reading of the version and of the members."""
    Organization.objects.filter(pk=by.organization_id).update(membership_version=F("membership_version") + 1)
    actor = _member(by.organization_id, by.user_id)
    if not actor.user.is_active:
        raise NotFound
    return actor


def _open_account(user_id: int) -> User | None:
    """Locked until the commit, so that nobody closes or erases it meanwhile. Lock order: organization, then user."""
    return User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()


def _join(organization: Organization, user: User, role: str) -> Membership:
    large = organization.memberships.count() >= LARGE_ORGANIZATION
    member = Membership.objects.create(
        organization=organization, user=user, role=role, level=Level.PARTICIPATING if large else Level.ALL
    )
    _announce(member, "joined")
    return member


def _changed(member: Membership, field: str) -> None:
    member.save(update_fields=[field, "modified"])
    _announce(member, "changed")


def _announce(member: Membership, change: Literal["joined", "left", "changed"]) -> None:
    message = MembershipChanged(member.user_id, member.organization_id, change)
    announce(user_group_name(member.user_id), message)


def _member(organization_id: int, user_id: int) -> Membership:
    members = Membership.objects.select_related("user", "organization")
    member = members.filter(organization_id=organization_id, user_id=user_id).first()
    if member is None:
        raise NotFound("That person is not a member any more.")
    return member


def _require_may_give(by: Membership, role: str) -> None:
    require_manager(by)
    if role not in Role.values:
        raise Invalid("That role does not exist.")
    if role not in roles_to_give(by):
        raise Forbidden("Only an owner can make somebody an owner.")


def _require_may_change(by: Membership, member: Membership) -> None:
    if not may_change(by, member):
        raise Forbidden("Only an owner can change an owner.")


def _require_another_owner(member: Membership) -> None:
    owners = Membership.objects.filter(
        organization_id=member.organization_id, role=Role.OWNER, user__is_active=True
    )
    if not owners.exclude(pk=member.pk).exists():
        raise Conflict("An organization needs an owner. Make somebody else an owner first.")
