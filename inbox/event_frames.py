"""An event as a frame: the same on the socket and in the API."""

from events.cursors import Cursor
from events.models import TaskEvent
from events.sentences import sentence, user_ids
from events.telling import Names
from inbox.frames import Frame


def task_event_frame(event: TaskEvent, names: Names) -> Frame:
    """The frame without `notification` and `replayed`, which differ by reader. Ids and public words only: no address,
    no e-mail, no markup. `event.organization` and `event.actor` must be loaded."""
    about = event.about
    of_any_other = {} if about.stands_in else {"about": about.name}
    return of_any_other | {
        "type": about.frame_type,
        "org_id": event.organization_id,
        about.id_key: str(event.stream_id),
        "action": event.action,
        "actor_id": event.actor_id,
        "details": event.public_details,
        "created_at": event.created_at.isoformat(),
        "position": event.position,
        "version": event.version,
        "cursor": str(Cursor.at(event)),
        "event_id": event.pk,
        "key": event.key,
        "number": event.task_number,
        "page": event.page,
        "subject": event.subject,
        "actor": event.actor.display_name,
        "sentence": sentence(event, names),
        "names": {str(user_id): names[user_id] for user_id in sorted(user_ids(event)) if user_id in names},
    }
