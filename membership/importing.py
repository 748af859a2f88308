"""An organization that comes with its log from another installation: it begins here without members. Who joins does it
by an invitation, as ever; or the operator says so of accounts that were its members there."""

from collections.abc import Mapping

from django.utils import timezone

from base.statements import run
from events.import_facts import LogImported
from events.log import Entry, head_moved, lock_head, saved
from events.models import LogHead
from inbox.commands import Locked, announce_appended, change, write
from inbox.services import NOBODY
from membership import rows
from membership.facts import MemberJoined
from membership.subject import ORGANIZATION, end_of_stream
from orgs.models import Organization, User


def begin(name: str, short_name: str) -> tuple[Organization, LogHead]:
    """Make the organization, and lock its log, which is empty. Raises Invalid where the short name is taken."""
    organization = Organization(name=name, slug=short_name)
    rows.save_organization(organization)
    return organization, lock_head(organization.pk)


def record(organization: Organization, head: LogHead, fact: LogImported, actor: User) -> None:
    """Append what the log says of having been brought here. With it all memberships of which it told end."""
    place, now = end_of_stream(organization.pk), timezone.now()
    entry = Entry(fact, organization.name)
    save = saved(head, place.stream_id, place.number, place.version, [entry], actor=actor, now=now)
    for event in save.events:
        event.organization = organization
    run(*save.statements, head_moved(head))
    announce_appended(organization, save.events, from_rows=True)


def join(organization: Organization, head: LogHead, actor: User, roles: Mapping[int, str]) -> None:
    """Make these accounts members, as the operator says. Each of them is told of it, and may leave."""
    locked = Locked(head, organization, actor)
    before: dict[int, str] = {}
    for user_id, role in roles.items():
        fact = MemberJoined(user_id, role)
        rows.apply(locked, fact)
        entries, place = [Entry(fact, organization.name)], end_of_stream(organization.pk)
        joined = change(locked, ORGANIZATION, place, dict(before), entries, NOBODY, now=timezone.now())
        write(locked, [joined])
        before[user_id] = role
