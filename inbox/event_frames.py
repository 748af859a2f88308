"""An event as a frame: the same on the socket and in the HTTP twins."""

from collections.abc import Sequence
from itertools import chain

from msgspec import UNSET

from base.messages import AppendedEvent
from events.cursors import Cursor
from events.models import TaskEvent
from events.saves import Save, whole_saves
from events.sentences import names_in, save_sentence, sentence, user_ids
from events.telling import Names
from inbox.frames import EventFrame, SaveTold, encode
from inbox.news import NOTHING, News


def event_frame(event: TaskEvent, names: Names, save: Save = ()) -> EventFrame:
    """Make the frame of an event whose `organization` and `actor` are loaded, of the kind that its subject has. `save`:
    all that is told with it, where it is the last of several."""
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
        save=_told(save, names) if len(save) > 1 else UNSET,
    )


def _told(save: Save, names: Names) -> SaveTold:
    return SaveTold([event.pk for event in save], save_sentence(save, names))


def appended(event: TaskEvent, names: Names, save: Save = (), news: News = NOTHING) -> AppendedEvent:
    """Make what the processes tell each other of an event, with its frame encoded."""
    return AppendedEvent(
        event.position,
        event.pk,
        event.actor_id,
        event.digest,
        encode(event_frame(event, names, save)),
        list(news.participants.items()),
        news.to_all,
        news.watching,
    )


def appended_in_order(events: Sequence[TaskEvent]) -> list[AppendedEvent]:
    """Do so for events of a log, of which the rows say who was told."""
    saves = whole_saves(events)
    names = names_in(chain.from_iterable(saves.values()))
    return [appended(event, names, saves[event.pk]) for event in events]
