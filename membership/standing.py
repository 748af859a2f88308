"""Whether somebody was a member when an event came, and as what."""

from events.log import load_past
from events.models import TaskEvent
from inbox.why import Standing
from membership.facts import MemberJoined, OrganizationCreated
from membership.state import beginning, concerned
from membership.subject import roles_today, stream_of
from orgs.models import Membership


def standing_of(event: TaskEvent, user_id: int) -> Standing:
    """Find somebody's standing at the event: by the rows of today, of which is taken back what the log tells
    since."""
    organization_id = event.organization_id
    own = TaskEvent.objects.filter(organization=organization_id, stream_id=stream_of(organization_id))
    version = own.filter(position__lte=event.position).count()
    stream = load_past(organization_id, stream_of(organization_id))
    since = stream[version:]
    role = beginning(roles_today(organization_id), since).get(user_id)
    # Whoever is first told of as joining was no member before; whoever is not, was one since before the log tells.
    told = stream if role is None else stream[:version]
    if any(isinstance(each.fact, OrganizationCreated) or concerned(each) == user_id for each in told):
        return Standing(role, is_recorded=True)
    came_back = any(isinstance(each.fact, MemberJoined) and concerned(each) == user_id for each in since)
    joined_later = Membership.objects.filter(
        organization=organization_id, user=user_id, created__gt=event.created_at
    )
    # By the moment when the row was made; that of who left and came back says nothing of before.
    if role is not None and not came_back and joined_later.exists():
        return Standing(None, is_recorded=True)
    return Standing(role, is_recorded=False)
