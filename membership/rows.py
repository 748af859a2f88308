"""Rows of organizations and memberships, read and written under their locks. For `services` alone."""

from typing import Literal

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from msgspec import to_builtins

from base.announcements import announce, org_group_name, user_group_name
from base.errors import Invalid, NotFound
from base.messages import MembershipChanged, OrgEvent
from base.statements import Insertion, Statement, Update, run
from events.facts import Fact
from inbox.choices import level_recorded
from inbox.commands import Locked
from membership import facts
from membership.commands import AcceptInvitation, AddMember, ChangeRole, Command, RemoveMember
from membership.state import MANAGERS, Account, OrganizationState
from orgs.frames import Org, OrganizationFrame
from orgs.models import SHORT_NAME_TAKEN, FormerShortName, Membership, Organization, User
from preferences.chosen import set_ones
from preferences.inbox_levels import level_of
from preferences.kinds import Channel, Kind, Value, defaults

# Past this many members, a row for everybody would hold the log's lock for too long: newcomers who did not ask for
# everything start with what concerns them.
LARGE_ORGANIZATION = 5_000


_INSERTION, _UPDATE = Insertion(Membership, without=["id"]), Update(Membership, key=["id"])
_DELETION = "DELETE FROM orgs_membership WHERE id = %s"
_VERSION = "UPDATE orgs_organization SET membership_version = %s WHERE id = %s"


def _raised(organization: Organization) -> Statement:
    """Raise the version of its members, under the lock of its row: whoever knows them by an older version
    knows them no more."""
    organization.membership_version += 1
    return Statement(_VERSION, [organization.membership_version, organization.pk])


def save_organization(organization: Organization) -> None:
    """Save it. Raises Invalid where the name or the short name cannot be its."""
    try:
        organization.clean_fields()
        organization.save()
        # After the write, which waits for whoever is giving up this short name: now theirs can be seen.
        organization.clean()
    except ValidationError as error:
        raise Invalid(error.messages[0]) from error
    except IntegrityError as error:
        raise Invalid(SHORT_NAME_TAKEN) from error


def open_account(user_id: int) -> User | None:
    """Lock an account until the commit, so that nobody closes or erases it meanwhile; None where it is not
    open. Lock order: head, organization, user."""
    return User.objects.select_for_update(no_key=True).filter(pk=user_id, is_active=True).first()


def member_of(organization_id: int, user_id: int) -> Membership:
    """Find the membership, with its user and organization. Raises NotFound."""
    members = Membership.objects.select_related("user", "organization")
    member = members.filter(organization_id=organization_id, user_id=user_id).first()
    if member is None:
        raise NotFound("That person is no longer a member.")
    return member


def state_for(organization: Organization, command: Command, actor_id: int) -> OrganizationState:
    """Gather what the rules need to know, as it stands under the locks."""
    named = None
    spoken_of = {actor_id}
    if isinstance(command, AddMember):
        found = User.objects.named(command.user_name)
        if found and (account := open_account(found.pk)):
            named = Account(account.pk, account.display_name)
            spoken_of.add(account.pk)
    elif isinstance(command, AcceptInvitation):
        if account := open_account(actor_id):
            named = Account(account.pk, account.display_name)
    elif isinstance(command, ChangeRole | RemoveMember):
        spoken_of.add(command.user_id)
    members = organization.memberships.filter(Q(role__in=MANAGERS) | Q(user_id__in=spoken_of))
    found_members = list(members.values_list("user_id", "role", "user__is_active"))
    return OrganizationState(
        name=organization.name,
        short_name=organization.slug,
        roles={user_id: role for user_id, role, _ in found_members},
        closed=frozenset(user_id for user_id, _, is_open in found_members if not is_open),
        named=named,
    )


def apply(locked: Locked, fact: Fact) -> None:
    """Make the rows fit the fact, and let the sockets of the member concerned follow."""
    organization = locked.organization
    match fact:
        case facts.OrganizationRenamed():
            _rename(organization, fact)
        case facts.MemberJoined(user_id=user_id, role=role):
            _join(locked, user_id, role)
        case facts.RoleChanged(user_id=user_id, after=role):
            member = member_of(organization.pk, user_id)
            member.role = role
            run(*changed(organization, member))
        case facts.MemberRemoved(user_id=user_id):
            _leave(locked, user_id)
        case facts.MemberLeft():
            _leave(locked, locked.actor.pk)


def changed(organization: Organization, member: Membership) -> list[Statement]:
    """Make the statements that save what was changed of the member, whose sockets follow."""
    member.modified = timezone.now()
    _announce(member, "changed")
    return [_UPDATE.of(member), _raised(organization)]


def _rename(organization: Organization, fact: facts.OrganizationRenamed) -> None:
    organization.name, organization.slug = fact.after, fact.short_name_to
    save_organization(organization)
    if fact.short_name_from != fact.short_name_to:
        organization.former_short_names.filter(slug=fact.short_name_to).delete()
        FormerShortName.objects.create(slug=fact.short_name_from, organization=organization)
        frame = to_builtins(OrganizationFrame(Org(organization.pk, organization.slug)))
        announce(org_group_name(organization.pk), OrgEvent(organization.pk, frame))


def level_chosen(organization: Organization, user_id: int) -> str:
    """Find the level that follows from what they chose for their inbox, here or everywhere."""
    switches = set_ones(user_id, organization.pk, Channel.INBOX)
    if Kind.EVERYTHING not in switches:
        others = organization.memberships.exclude(user=user_id).count()
        switches[Kind.EVERYTHING] = Value.OFF if others >= LARGE_ORGANIZATION else Value.ON
    return level_of(defaults(Channel.INBOX) | switches)


def _join(locked: Locked, user_id: int, role: str) -> None:
    organization = locked.organization
    level = level_chosen(organization, user_id)
    member = Membership(organization=organization, user_id=user_id, role=role, level=level)
    recorded = level_recorded(locked.head, user_id, "", level)
    run(*_INSERTION.of(member), _raised(organization), recorded)
    _announce(member, "joined")


def _leave(locked: Locked, user_id: int) -> None:
    member = member_of(locked.organization.pk, user_id)
    recorded = level_recorded(locked.head, user_id, member.level, "")
    run(Statement(_DELETION, [member.pk]), _raised(locked.organization), recorded)
    _announce(member, "left")


def _announce(member: Membership, change: Literal["joined", "left", "changed"]) -> None:
    message = MembershipChanged(member.user_id, member.organization_id, change)
    announce(user_group_name(member.user_id), message)
