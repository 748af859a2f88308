"""The page of one task. Showing it reads the notifications of what it shows, and nothing else."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.numbers import whole_number
from inbox.context_processors import follow
from inbox.org_inboxes import read_again
from inbox.showing import Told, read_shown, told_of
from inbox.way_back import way_back
from orgs.models import Membership
from orgs.pages import MemberRequest, is_only_a_look, member_page, org_context
from tasks.forms import CommentForm
from tasks.label_queries import labels_in_use
from tasks.models import Task
from tasks.prose import Prose
from tasks.queries import task_of
from tasks.rows import row_of
from tasks.statuses import LABELS
from tasks.streams import Stream
from tasks.timeline import (
    BLANK,
    drawing,
    drawn_entries,
    entries,
    event_ids,
    mark_told,
    timeline_shown,
)
from tasks.told import who_is_told


class Shown(NamedTuple):
    """What a page shows of a task and its history, and what of it its reader was told."""

    task: Task
    stream: Stream
    reader: Prose
    timeline: dict[str, Any]
    told: list[Told]


def detail_page(
    request: MemberRequest, membership: Membership, number: int, form: CommentForm, status: int = 200
) -> HttpResponse:
    follow(request, membership.organization_id)
    shown, new = _shown(request, membership, number), frozenset[int]()
    if not is_only_a_look(request) and read_shown(membership.user_id, shown.told):
        # The page's own counts are to know of it. They are of a later place in the log; so is the list to be.
        new = frozenset(one.event_id for one in shown.told if one.unread)
        shown = _shown_later(request, membership, shown)
    mark_told(shown.timeline["history"], shown.told, new)
    context = org_context(membership) | shown.timeline | _controls(membership, shown) | {"comment_form": form}
    if not shown.stream.count:
        context |= {"in_archive": True, "can_edit": False}
    context["way_back"] = way_back(request, shown.task.pk)
    return render(request, "tasks/detail.html", context, status=status)


@require_safe
@member_page
def task_entries(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Answer with the entries beyond `?after=version`, as the page shows them. The script that asks says what of it was
    really seen, so this reads nothing."""
    task = task_of(membership, number)
    after, stream = whole_number(request.GET.get("after")) or 0, Stream.of(task)
    found = entries(stream.after(after), Prose(membership))
    if found:  # what lies between has no entry of its own
        found[0]["first"] = stream.shown_before(found[0]["event"].version) + 1
    mark_told(found, told_of(membership.user_id, event_ids(found)))
    return HttpResponse(drawn_entries(request, membership, task, found))


def _shown(request: MemberRequest, membership: Membership, number: int) -> Shown:
    task = task_of(membership, number)
    stream, reader = Stream.of(task), Prose(membership)
    timeline = timeline_shown(request.GET, stream, stream.count, reader)
    return Shown(task, stream, reader, timeline, told_of(membership.user_id, event_ids(timeline["history"])))


def _shown_later(request: MemberRequest, membership: Membership, before: Shown) -> Shown:
    """Read the counts again; and the task, should something have happened to it meanwhile."""
    read_again(request)
    if Stream.of(before.task) != before.stream:
        return _shown(request, membership, before.task.number)
    return before._replace(told=[one._replace(unread=False) for one in before.told])


def _controls(membership: Membership, shown: Shown) -> dict[str, Any]:
    task = shown.task
    can_change = membership.can_edit and not task.archived and bool(shown.stream.count)
    return {
        **drawing(membership, task.number, can_react=can_change),
        **BLANK,
        "task": task,
        "description": shown.reader.html(task.description),
        "description_erased": shown.stream.is_description_erased(),
        "version": shown.stream.count,
        "row": row_of(task, membership.organization.slug),
        "home": reverse("tasks:list", args=[membership.organization.slug]),
        "can_change": can_change,
        "statuses": LABELS.items(),
        "members": shown.reader.listed if can_change else [],
        "labels_in_use": labels_in_use(membership.organization_id),
        "told": who_is_told(task, membership),
    }
