"""An organization and its members as a subject of the log: what everything below needs to know of it.

Each organization has one such stream, with an id that anybody can compute.
"""

import uuid

from events.log import load_past, newest_version
from events.subjects import Subject, register
from inbox.commands import Place
from membership.facts import ORGANIZATION_FACTS
from membership.participants import OWN_REASONS, participants
from membership.state import Roles, beginning, evolve
from orgs.models import Membership

NUMBER = 0  # tasks count from 1
_STREAMS = uuid.UUID("5b0b3c52-6d1f-4f0e-9a53-2c1f6b9e4d10")


def stream_of(organization_id: int) -> uuid.UUID:
    return uuid.uuid5(_STREAMS, str(organization_id))


def end_of_stream(organization_id: int) -> Place:
    stream_id = stream_of(organization_id)
    return Place(stream_id, NUMBER, newest_version(organization_id, stream_id))


def roles_today(organization_id: int) -> Roles:
    return dict(Membership.objects.filter(organization=organization_id).values_list("user_id", "role"))


def roles_before_all(organization_id: int) -> Roles:
    """Find what is known of the members from before the log told of them."""
    return beginning(roles_today(organization_id), load_past(organization_id, stream_of(organization_id)))


ORGANIZATION = register(
    Subject(
        name="organization",
        facts=ORGANIZATION_FACTS,
        key="{name}",
        page="members/",
        can_be_watched=False,
        begins=roles_before_all,
        evolve=evolve,
        participants=participants,
        reasons=OWN_REASONS,
    )
)
