"""Whether somebody was a member when an event came, and as what."""

from functools import reduce

from events.log import load_past
from events.models import TaskEvent
from inbox.why import Standing
from membership.facts import OrganizationCreated
from membership.state import concerned, evolve
from membership.subject import roles_before_all, stream_of
from orgs.models import Membership


def standing_of(event: TaskEvent, user_id: int) -> Standing:
    """By what the log tells of the members up to this event, and of those from before it tells by the rows of today."""
    organization_id = event.organization_id
    own = TaskEvent.objects.filter(organization=organization_id, stream_id=stream_of(organization_id))
    version = own.filter(position__lte=event.position).count()
    past = load_past(organization_id, stream_of(organization_id), version)
    roles = reduce(evolve, past, roles_before_all(organization_id))
    is_recorded = any(
        isinstance(each.fact, OrganizationCreated) or concerned(each) == user_id for each in past
    )
    if is_recorded or user_id not in roles:
        return Standing(roles.get(user_id), is_recorded)
    return _by_row(event, user_id, roles[user_id])


def _by_row(event: TaskEvent, user_id: int, role: str) -> Standing:
    """A member from before the log told of members: their row has the moment when it was made."""
    later = Membership.objects.filter(
        organization=event.organization_id, user=user_id, created__gt=event.created_at
    )
    return Standing(None, is_recorded=True) if later.exists() else Standing(role, is_recorded=False)
