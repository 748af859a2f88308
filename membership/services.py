"""The one way in to organizations and memberships: a command becomes facts of the organization's log, rows and
announcements, or an error and nothing at all.

The rows change before anybody is told: whoever joins is told of it, and whoever is removed is told of nothing any more.
Rights are read after the locks: they may have gone while these were waited for.
"""

import datetime as dt
from contextlib import suppress

from django.utils import timezone

from base.announcements import org_group_name
from base.errors import Forbidden, Invalid, NotFound
from base.statements import run
from base.transactions import write_transaction
from events.facts import Fact
from events.log import Entry, lock_head
from inbox.choices import level_recorded
from inbox.commands import Locked, change, lock, lock_log, write
from inbox.services import NOBODY
from membership import answering, quotas, rows
from membership.commands import (
    AcceptInvitation,
    AddMember,
    ChangeRole,
    ClaimOwnership,
    Command,
    CreateOrganization,
    RemoveMember,
    RenameOrganization,
)
from membership.decide import decide
from membership.invitations import of_person_numbered
from membership.models import Invitation
from membership.subject import ORGANIZATION, end_of_stream
from orgs.account_services import save_account
from orgs.models import Membership, Organization, User
from preferences import services as preferences
from tokens.services import in_force, revoke


def create_organization(*, name: str, slug: str, owner: User, now: dt.datetime | None = None) -> Organization:
    """Create an organization with its first owner. Raises Invalid when the name or the slug cannot be its, TooMany for
    who has made enough, NotFound when the account was closed. `now` is for data from the past."""
    organization = Organization(name=name, slug=slug)
    _refuse_service(owner)
    with write_transaction():
        locked = _new(organization, owner)
        if rows.open_account(owner.pk) is None:
            raise NotFound
        quotas.require_founding(owner.pk)
        _carry_out(locked, CreateOrganization(owner.pk), now)
    return organization


def create_without_members(organization: Organization, *, by: User) -> None:
    """Create an organization without members, for the administration. Raises Invalid."""
    with write_transaction():
        _carry_out(_new(organization, by), CreateOrganization())


def rename_organization(organization_id: int, *, name: str, slug: str, by: User) -> Organization:
    """Give it another name, short name, or both. A former short name goes on leading here. Raises Invalid."""
    with write_transaction(org_group_name(organization_id)):
        locked = lock_log(organization_id, by)
        _carry_out(locked, RenameOrganization(name, slug))
    return locked.organization


def add_member(*, by: Membership, username: str, role: str, now: dt.datetime | None = None) -> Membership:
    """Add an existing account, for data that is made: no page adds anybody unasked. Raises Forbidden, NotFound (no such
    account) and Conflict (already in)."""
    with write_transaction(org_group_name(by.organization_id)):
        (joined,) = _carry_out(_lock(by), AddMember(username, role), now)
        return rows.member_of(by.organization_id, joined.user_id)  # type: ignore[attr-defined]


def accept_invitation(invitation_id: int, *, user: User) -> Membership:
    """Join, or become an owner, as an invitation offers. Raises NotFound where it is not the person's, and Conflict
    where it cannot be used."""
    _refuse_service(user)
    organization_id = of_person_numbered(user, invitation_id).organization_id
    with write_transaction(org_group_name(organization_id)):
        locked = lock_log(organization_id, user)
        taken = answering.take(invitation_id, user, Invitation.State.ACCEPTED, timezone.now())
        by_staff = taken.by_staff and taken.invited_by.is_active and taken.invited_by.is_superuser
        _carry_out(locked, AcceptInvitation(taken.role, taken.invited_by_id, by_staff))
        return rows.member_of(organization_id, user.pk)


def claim_ownership(*, by: Membership) -> Membership:
    """Have an admin become the owner of an organization that has none. Raises Forbidden and Conflict."""
    _refuse_service(by.user)
    with write_transaction(org_group_name(by.organization_id)):
        _carry_out(_lock(by), ClaimOwnership())
        return rows.member_of(by.organization_id, by.user_id)


def change_role(*, by: Membership, user_id: int, role: str, without_owner: bool = False) -> Membership:
    """Give a member another role; to make somebody an owner is an offer (`inviting.offer_ownership`). Raises Forbidden,
    Invalid, NotFound, and Conflict for the last owner, unless the organization may be left `without_owner`."""
    with write_transaction(org_group_name(by.organization_id)):
        _carry_out(_lock(by), ChangeRole(user_id, role, without_owner))
        return rows.member_of(by.organization_id, user_id)


def remove_member(*, by: Membership, user_id: int, without_owner: bool = False) -> Membership:
    """Remove somebody, who comes back by no invitation that waits, or leave (`user_id` one's own). The last owner
    stays, unless the organization may be left `without_owner`. Returns the membership that ended."""
    with write_transaction(org_group_name(by.organization_id)):
        locked = _lock(by)
        member = rows.member_of(by.organization_id, user_id)
        _carry_out(locked, RemoveMember(user_id, without_owner))
        if user_id != by.user_id:
            answering.withdraw_all(member, by.user, timezone.now())
        _end_what_was_for_it(member)
    return member


def _end_what_was_for_it(member: Membership) -> None:
    """Revoke the tokens that were for this organization alone; a service account is closed."""
    revoke(in_force(member.user_id).filter(organization=member.organization_id))
    if member.user.is_service:
        member.user.is_active = False
        save_account(member.user)


def _refuse_service(user: User) -> None:
    if user.is_service:
        raise Forbidden("A service account belongs to one organization, and cannot own one.")


def leave(membership: Membership) -> None:
    """End one's own membership, as its only owner too: an account can always be closed."""
    remove_member(by=membership, user_id=membership.user_id, without_owner=True)


def change_level(*, membership: Membership, level: str) -> None:
    """Change what the member is told, by their own choice, whatever they chose everywhere. No event: it concerns
    nobody else."""
    if level not in Membership.Level.values:
        raise Invalid("That notification level does not exist.")
    with write_transaction(org_group_name(membership.organization_id)):
        locked = lock(membership.organization_id, membership.user)
        preferences.choose_level(membership.user_id, membership.organization_id, level)
        _set_level(locked, level)


def let_levels_follow(user_id: int, organization_id: int | None) -> None:
    """Change the levels that do not fit what the user chose for their inbox, in one organization or (None) in all. Each
    is derived anew under its log's lock: of two choices at a time, the later sees both."""
    here = {} if organization_id is None else {"organization": organization_id}
    members = Membership.objects.filter(user=user_id, user__is_active=True, **here)
    for member in members.select_related("organization", "user"):
        if member.level == rows.level_chosen(member.organization, user_id):
            continue
        with suppress(NotFound), write_transaction(org_group_name(member.organization_id)):
            locked = lock(member.organization_id, member.user)
            _set_level(locked, rows.level_chosen(locked.organization, user_id))


def _set_level(locked: Locked, level: str) -> None:
    """Set the actor's own."""
    member = rows.member_of(locked.organization.pk, locked.actor.pk)
    before, member.level = member.level, level
    recorded = level_recorded(locked.head, member.user_id, before, level)
    run(*rows.changed(locked.organization, member), recorded)


def _lock(by: Membership) -> Locked:
    return lock_log(by.organization_id, by.user)


def _new(organization: Organization, actor: User) -> Locked:
    """Save a new organization's row, and lock the log, of which nobody else knows yet."""
    rows.save_organization(organization)
    return Locked(lock_head(organization.pk), organization, actor)


def _carry_out(locked: Locked, command: Command, now: dt.datetime | None = None) -> list[Fact]:
    """Load, decide, apply, append, tell. Returns what happened; nothing when the command changes nothing."""
    before = rows.state_for(locked.organization, command, locked.actor.pk)
    decided = decide(before, command, locked.actor.pk)
    for fact in decided:
        rows.apply(locked, fact)
    if decided:
        entries = [Entry(fact, locked.organization.name) for fact in decided]
        place = end_of_stream(locked.organization.pk)
        now = now or timezone.now()
        write(locked, [change(locked, ORGANIZATION, place, before.roles, entries, NOBODY, now=now)])
    return decided
