"""An event as a frame: the same on the socket and in the HTTP twins."""

from msgspec import UNSET

from base.messages import AppendedEvent
from events.cursors import Cursor
from events.models import TaskEvent
from events.sentences import sentence, user_ids
from events.telling import Names
from inbox.frames import EventFrame, encode
from inbox.recipients import Participants


def event_frame(event: TaskEvent, names: Names) -> EventFrame:
    """Make the frame of an event whose `organization` and `actor` are loaded, of the kind that its subject has."""
    about = event.about
    kind: type[EventFrame] = about.frame or EventFrame
    return kind(
        org_id=event.organization_id,
        stream_id=str(event.stream_id),
        action=event.action,
        actor_id=event.actor_id,
        details=event.public_details,
        created_at=event.created_at.isoformat(),
        position=event.position,
        version=event.version,
        cursor=str(Cursor.at(event)),
        event_id=event.pk,
        key=event.key,
        number=event.task_number,
        subject=event.subject,
        actor=event.actor.display_name,
        sentence=sentence(event, names),
        names={str(user_id): names[user_id] for user_id in sorted(user_ids(event)) if user_id in names},
        page=event.page,
        about=UNSET if about.frame else about.name,
    )


def appended(event: TaskEvent, names: Names, participants: Participants | None = None) -> AppendedEvent:
    """Make what the processes tell each other of an event, with its frame encoded."""
    return AppendedEvent(
        event.position,
        event.pk,
        event.actor_id,
        event.digest,
        encode(event_frame(event, names)),
        list((participants or {}).items()),
        event.fact.to_all and not event.fact.quiet,
    )
