"""What the audit's page of one event shows."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from events.audit.changes import as_stored, changes, is_readable
from events.audit.filters import Events, action_label, full_name
from events.audit.links import links_of
from events.audit.listing import REQUEST, history_url, list_url, people_in
from events.audit.sections import sections_of
from events.models import TaskEvent
from events.sentences import sentence
from orgs.access import memberships_of


def event_page(event: TaskEvent, request: HttpRequest) -> dict[str, Any]:
    people = people_in([event])
    told = sentence(event, {user_id: user.display_name for user_id, user in people.items()})
    around = {near.version - event.version: near for near in _neighbours(event)}
    task_url = _task_url(event, request)
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
        "task_url": task_url,
        "then_url": task_url and f"{task_url}?version={event.version}",
    }


def time_tag(moment: dt.datetime) -> SafeString:
    moment = moment.astimezone(dt.UTC)
    return format_html(
        '<time datetime="{}">{} {}</time>',
        moment.isoformat(),
        moment.day,
        f"{moment:%b %Y, %H:%M:%S}",
    )


def _neighbours(event: TaskEvent) -> Events:
    versions = (event.version - 1, event.version + 1)
    return TaskEvent.objects.filter(stream_id=event.stream_id, version__in=versions)


def _task_url(event: TaskEvent, request: HttpRequest) -> str | None:
    """Find the task's page. None for who is no member: it would not be found."""
    if not memberships_of(request.user.pk).filter(organization=event.organization_id).exists():
        return None
    return reverse("tasks:detail", args=(event.organization.slug, event.task_number))
