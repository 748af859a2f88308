"""Small forms that change one field of a task, for a page without scripts and for one that saves in place (JSON).

`seen_version` is the version that the form was made from. Where somebody changed the same field since, the answer shows
both values, and leaves the choice.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from base.answers import wants_json
from base.errors import Conflict, Forbidden, Invalid
from base.numbers import whole_number
from events import log
from events.models import TaskEvent
from events.sentences import names_in, sentence
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context, refused
from tasks import commands
from tasks.answers import done
from tasks.field_words import LABELS, in_words
from tasks.labels import labels_in, labels_of
from tasks.models import Task
from tasks.queries import task_of
from tasks.refusals import of_field
from tasks.services import execute
from tasks.stale import FIELDS, Stale

Parse = Callable[[MemberRequest], dict[str, Any]]


def _one_field(kind: type[commands.TaskCommand]) -> Callable[[Parse], Callable[..., HttpResponse]]:
    """Make the view of a small form whose fields `parse` reads. Raises Invalid where it does."""

    def of(parse: Parse) -> Callable[..., HttpResponse]:
        @require_POST
        @member_page
        def view(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
            task = task_of(membership, number)
            seen = whole_number(request.POST.get("seen_version", ""))
            return _carry_out(
                request, membership, task, kind(task_id=task.pk, seen_version=seen, **parse(request))
            )

        return view

    return of


@_one_field(commands.RenameTask)
def task_title(request: MemberRequest) -> dict[str, Any]:
    return {"title": request.POST.get("title", "")}


@_one_field(commands.ChangeStatus)
def task_status(request: MemberRequest) -> dict[str, Any]:
    return {"status": request.POST.get("status", "")}


@_one_field(commands.AssignTask)
def task_assign(request: MemberRequest) -> dict[str, Any]:
    """Read `assignee`, a user id; empty means nobody. Raises Invalid for what is no number."""
    text = request.POST.get("assignee", "")
    assignee_id = whole_number(text)
    if text and assignee_id is None:
        raise of_field("assignee", "Choose a member from the list.")
    return {"assignee_id": assignee_id}


@_one_field(commands.SetDueDate)
def task_due(request: MemberRequest) -> dict[str, Any]:
    text = request.POST.get("due_date", "")
    try:
        due_date = parse_date(text) if text else None
    except ValueError:
        due_date = None
    if text and due_date is None:
        raise of_field("due_date", "That is not a date. Write it as 2026-11-30.")
    return {"due_date": due_date}


@_one_field(commands.SetLabels)
def task_labels(request: MemberRequest) -> dict[str, Any]:
    """Read `labels`, words with commas between them."""
    return {"labels": labels_of(labels_in(request.POST.get("labels", "")))}


@_one_field(commands.ArchiveTask)
def task_archive(request: MemberRequest) -> dict[str, Any]:
    return {}


@_one_field(commands.RestoreTask)
def task_restore(request: MemberRequest) -> dict[str, Any]:
    return {}


def _carry_out(
    request: MemberRequest, membership: Membership, task: Task, command: commands.TaskCommand
) -> HttpResponse:
    try:
        events = execute(command, actor=request.user)
    except Stale as stale:
        return _choice(request, membership, task, command, stale)
    except (Invalid, Conflict, Forbidden) as error:
        refused(request, error)
        return redirect(_back(request, task))
    if wants_json(request):
        return done(events, task.version)
    if events and isinstance(command, commands.ArchiveTask):
        undo = reverse("tasks:restore", args=[task.organization.slug, task.number])
        messages.success(request, f"{task.key} is archived.", extra_tags=f"undo:{undo}|")
    return redirect(_back(request, task, events))


def _choice(
    request: MemberRequest,
    membership: Membership,
    task: Task,
    command: commands.TaskCommand,
    stale: Stale,
) -> HttpResponse:
    """Show what the field is now and what it would become, with the version that was seen by that."""
    task.refresh_from_db()
    field = FIELDS[stale.field]
    events = log.load_outline(task.organization_id, task.pk, stale.version - 1, stale.version)
    said = [sentence(event, names_in(events), "it") for event in events]
    both = {
        "field": stale.field,
        "label": LABELS[stale.field],
        "said": f"{said[0] if said else 'Somebody changed it'} while you were looking.",
        "theirs": in_words(stale.field, getattr(task, stale.field)),
        "yours": in_words(stale.field, field.wanted(command)),
        "version": task.version,
    }
    if wants_json(request):
        return JsonResponse(
            {"error": {"code": stale.code, "message": both["said"]}, "both": both}, status=409
        )
    sent = [
        (name, value)
        for name, value in request.POST.items()
        if name not in ("csrfmiddlewaretoken", "seen_version")
    ]
    context = org_context(membership) | both | {"task": task, "sent": sent, "back": _back(request, task)}
    return render(request, "tasks/stale.html", context, status=409)


def _back(request: MemberRequest, task: Task, events: Sequence[TaskEvent] = ()) -> str:
    """Lead back to where the form stood: the board, or the task, where it shows what was just done."""
    if request.POST.get("back") == "board":
        return reverse("tasks:board", args=[task.organization.slug])
    url = reverse("tasks:detail", args=[task.organization.slug, task.number])
    return f"{url}?event={events[-1].pk}#event-{events[-1].pk}" if events else url
