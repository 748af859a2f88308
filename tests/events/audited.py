"""Reading the audit's pages as a browser would."""

import html
import re

from django.contrib.auth.models import Permission
from django.urls import reverse

from events.models import TaskEvent
from tests.factories import UserFactory

LIST = "/admin/events/taskevent/"
HEADS = "/admin/events/loghead/"


def staff(username, *permissions, **fields):
    user = UserFactory(username=username, is_staff=True, **fields)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def page_of(event):
    return reverse("admin:events_taskevent_change", args=(event.pk,))


def events_of(task):
    return list(TaskEvent.objects.filter(stream_id=task.pk).order_by("version"))


def stored(task, action, details, **fields):
    """An event as another release might have written it."""
    last = events_of(task)[-1]
    values = {field.attname: getattr(last, field.attname) for field in TaskEvent._meta.concrete_fields}
    values |= {"id": None, "version": last.version + 1, "position": last.position + 1000, "digest": "d" * 64}
    event = TaskEvent(**values | {"action": action, "details": details, **fields})
    event.save()
    return event


def text(response):
    """What the page says, without its markup."""
    assert response.status_code == 200
    body = response.content.decode().partition('id="content"')[2]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def listed(client, query=""):
    """The events of the list, in its order."""
    response = client.get(LIST + query)
    assert response.status_code == 200
    shown = [event.pk for event in response.context["cl"].result_list]
    assert (
        list(map(int, re.findall(r'href="/admin/events/taskevent/(\d+)/change/', response.content.decode())))
        == shown
    )
    return shown


def ids(*events):
    return [event.pk for event in events]
