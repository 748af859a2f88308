"""Writing invitations, under the lock of the organization's log: nobody's role changes between the look at it and the
commit. No event says who was invited: what somebody accepts is in the log, and who asked them."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone

from base.errors import Conflict, Forbidden, Invalid
from base.transactions import write_transaction
from inbox.commands import lock, lock_log
from membership import invitation_mails, quotas, rows
from membership.addressees import Addressee, addressee
from membership.answering import WAITS_NO_MORE, ended
from membership.decide import require_manager, require_may_give
from membership.facts import role_label
from membership.models import Invitation
from orgs.access_record import Kind, note
from orgs.models import Membership, Organization, User

LASTS = dt.timedelta(days=14)
AT_ONCE = 20  # of many: for so many mails the log is locked, and then for the next
State = Invitation.State


def invite(*, by: Membership, to: str, role: str) -> Invitation:
    """Invite somebody by an address or a user name. Says and does the same whether there is such an account. Raises
    Forbidden, Invalid, TooMany, and Conflict for a member and for who waits already."""
    person = _readable(to)
    with write_transaction():
        now = _begin(by, role, more=1)
        user = _named(person)
        _refuse_member(by.organization_id, user, role)
        if _waiting(by.organization_id, [person], now):
            raise Conflict(f"{person.typed} is invited already. You can send it again from the list.")
        (invitation,) = _made(by.organization, by.user, [(person, user)], role, now)
    return invitation


def invite_many(*, by: Membership, addresses: Sequence[str], role: str) -> int:
    """Invite all of these addresses, each once; who waits already is left alone. Returns how many were invited. Raises
    Forbidden, Invalid and TooMany."""
    people = list({person.key: person for person in map(_readable, addresses)}.values())
    return sum(
        _invite_some(by, people[start : start + AT_ONCE], role, more=len(people) - start)
        for start in range(0, len(people), AT_ONCE)
    )


def _invite_some(by: Membership, people: Sequence[Addressee], role: str, *, more: int) -> int:
    with write_transaction():
        now = _begin(by, role, more=more)
        waiting = _waiting(by.organization_id, people, now)
        asked = [(person, None) for person in people if person.key not in waiting]
        return len(_made(by.organization, by.user, asked, role, now))


def offer_ownership(*, by: Membership, user_id: int) -> Invitation:
    """Offer a member to become an owner. Raises Forbidden, NotFound, TooMany, and Conflict for who is one or waits."""
    with write_transaction():
        now = _begin(by, Membership.Role.OWNER, more=1)
        member = rows.member_of(by.organization_id, user_id)
        if member.user.is_service:
            raise Forbidden("A service account cannot own an organization.")
        _refuse_member(by.organization_id, member.user, Membership.Role.OWNER)
        person = _called(member.user)
        if _waiting(by.organization_id, [person], now):
            raise Conflict(f"{member.user.display_name} has an offer already.")
        (offer,) = _made(by.organization, by.user, [(person, member.user)], Membership.Role.OWNER, now)
    return offer


def offer_by_staff(organization: Organization, *, by: User, to: str) -> Invitation:
    """Offer an organization without an owner to somebody, for the installation. Raises Invalid, and Conflict for who
    waits already."""
    person = _readable(to)
    with write_transaction():
        lock_log(organization.pk, by)
        now = timezone.now()
        if _waiting(organization.pk, [person], now):
            raise Conflict(f"{person.typed} is invited already.")
        asked = [(person, _named(person))]
        (offer,) = _made(organization, by, asked, Membership.Role.OWNER, now, by_staff=True)
    return offer


def renew(*, by: Membership, invitation_id: int) -> Invitation:
    """Send it again, by whoever does that now, for another two weeks. Raises Forbidden, TooMany, and Conflict where
    nobody waits any more."""
    with write_transaction():
        invitation, now = _managed(by, invitation_id)
        quotas.require_sendings(by.user_id, 1, now)
        invitation.invited_by, invitation.by_staff, invitation.expires_at = by.user, False, now + LASTS
        invitation.save(update_fields=["invited_by", "by_staff", "expires_at"])
        invitation_mails.send([invitation], by.user, now)
    return invitation


def revoke(*, by: Membership, invitation_id: int) -> Invitation:
    """Take it back. Raises Forbidden, and Conflict where nobody waits any more."""
    with write_transaction():
        invitation, now = _managed(by, invitation_id)
        ended(invitation, State.REVOKED, by.user, now)
    return invitation


def waiting_keys(organization_id: int, keys: Sequence[str]) -> set[str]:
    """Find which of these can still answer."""
    waiting = Invitation.objects.filter(
        organization=organization_id, key__in=keys, state=State.WAITING, expires_at__gt=timezone.now()
    )
    return set(waiting.values_list("key", flat=True))


def _begin(by: Membership, role: str, *, more: int) -> dt.datetime:
    """Lock the log and then the person, whose sendings are counted over all organizations."""
    require_may_give(lock(by.organization_id, by.user).role, role)
    rows.open_account(by.user_id)
    now = timezone.now()
    quotas.require_room(by.organization_id, more)
    quotas.require_sendings(by.user_id, more, now)
    return now


def _readable(typed: str) -> Addressee:
    person = addressee(typed)
    if person is None:
        raise Invalid("Write an e-mail address or a user name.")
    return person


def _called(user: User) -> Addressee:
    """Name a member, whose name may look like an address."""
    return Addressee(user.username, f"@{user.name_key}", "")


def _named(person: Addressee) -> User | None:
    user: User | None = None if person.address else User.objects.named(person.typed)
    return user if user and user.is_active and not user.is_service else None


def _refuse_member(organization_id: int, user: User | None, role: str) -> None:
    """Raise Conflict for a member: members see each other, so this tells nothing new. Of an address it is not asked,
    for that would tell whose it is."""
    member = Membership.objects.filter(organization=organization_id, user=user).first() if user else None
    if user is None or member is None or (role == Membership.Role.OWNER != member.role):
        return
    what = "an owner" if member.role == Membership.Role.OWNER else "a member"
    raise Conflict(f"{user.display_name} is already {what}.")


def _waiting(organization_id: int, people: Iterable[Addressee], now: dt.datetime) -> set[str]:
    """Find the keys of those who can still answer; what ran out of the others makes room for a new one."""
    keys = [person.key for person in people]
    ran_out = Invitation.objects.filter(state=State.WAITING, expires_at__lte=now)
    ran_out.filter(organization=organization_id, key__in=keys).update(state=State.EXPIRED, ended_at=now)
    return waiting_keys(organization_id, keys)


def _made(
    organization: Organization,
    by: User,
    asked: Sequence[tuple[Addressee, User | None]],
    role: str,
    now: dt.datetime,
    *,
    by_staff: bool = False,
) -> list[Invitation]:
    invitations = Invitation.objects.bulk_create(
        Invitation(
            organization=organization,
            invited=person.typed,
            key=person.key,
            address=person.address,
            user=user,
            role=role,
            invited_by=by,
            by_staff=by_staff,
            created_at=now,
            expires_at=now + LASTS,
        )
        for person, user in asked
    )
    invitation_mails.send(invitations, by, now)
    note(Kind.INVITED, by.pk, f"{len(invitations)} to {organization.name} as {role_label(role)}")
    return invitations


def _managed(by: Membership, invitation_id: int) -> tuple[Invitation, dt.datetime]:
    """Find one of the organization's that waits, for somebody who may give its role. Raises Forbidden and Conflict."""
    role = lock(by.organization_id, by.user).role
    require_manager(role)
    rows.open_account(by.user_id)
    waiting = Invitation.objects.filter(organization=by.organization_id, state=State.WAITING)
    invitation = waiting.select_related("organization", "user").filter(pk=invitation_id).first()
    if invitation is None:
        raise Conflict(WAITS_NO_MORE)
    try:
        require_may_give(role, invitation.role)
    except Forbidden:
        raise Forbidden(
            f"Only an owner looks after an invitation as {role_label(invitation.role).lower()}."
        ) from None
    return invitation, timezone.now()
