"""What the audit's page of one event shows."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.audit.changes import as_stored, changes, is_readable
from events.audit.filters import Events, full_name
from events.audit.links import links_of
from events.audit.listing import REQUEST, history_url, list_url, people_in
from events.audit.sections import sections_of
from events.models import TaskEvent
from events.saves import last_of_save, whole_saves
from events.sentences import save_sentence, sentence
from events.telling import action_label
from orgs.access import memberships_of
from tokens.naming import called


def event_page(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    people = people_in([event])
    told = sentence(event, {user_id: user.display_name for user_id, user in people.items()})
    around = {near.version - event.version: near for near in _neighbours(event)}
    pages = _pages(event) if _is_member(event, request) else {}
    return {
        "title": told,
        "subtitle": None,
        "event": event,
        "time": time_tag(event.created_at),
        "action": action_label(event.action),
        "actor": full_name(event.actor),
        "changes": changes(event, {user_id: full_name(user) for user_id, user in people.items()}),
        "readable": is_readable(event),
        "stored": as_stored(event),
        "chain": links_of(event),
        "sections": sections_of(event, request),
        "previous": around.get(-1),
        "next": around.get(1),
        "history_url": history_url(event),
        "request_url": list_url(**{REQUEST: event.request_id}),
        "via": called(event.via, event.actor_id, event.organization_id) if event.via else "",
        "via_url": list_url(via=event.via),
        "about": event.about.name,
        "save": _save(event),
    } | pages


def time_tag(moment: dt.datetime) -> SafeString:
    moment = moment.astimezone(dt.UTC)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        moment.isoformat(),
        moment.day,
        f"{moment:%b %Y, %H:%M:%S}",
    )


def _save(event: TaskEvent) -> dict[str, Any] | None:
    """Give the save that the event is a part of, in one sentence, with its events; None where it is alone."""
    last = last_of_save(event)
    if last.parts < 2:
        return None
    events = whole_saves([last])[last.pk]
    shown = {user_id: user.display_name for user_id, user in people_in(events).items()}
    return {"events": events, "sentence": save_sentence(events, shown)}


def _neighbours(event: TaskEvent) -> Events:
    versions = (event.version - 1, event.version + 1)
    return TaskEvent.objects.filter(stream_id=event.stream_id, version__in=versions)


def _is_member(event: TaskEvent, request: HttpRequest) -> bool:
    """Say whether the reader is a member: nobody else would find the subject's pages."""
    return memberships_of(request.user.pk).filter(organization=event.organization_id).exists()


def _pages(event: TaskEvent) -> dict[str, str]:
    """Give the addresses of what the event is about, as it is and, where the subject shows it, as it was."""
    then = event.url_then if event.about.past_page else ""
    return {"page_url": event.url, "then_url": then}
