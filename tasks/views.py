"""Pages of tasks: each view authorizes, parses, calls one service, answers."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.answers import wants_json
from base.errors import Conflict, Invalid
from events.models import TaskEvent
from inbox.replica_pages import replica_may_answer
from inbox.services import watch
from orgs.access import require_editor
from orgs.forms import refuse
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from tasks import commands
from tasks.answers import done
from tasks.archiving import InArchive
from tasks.detail_page import detail_page
from tasks.editing import Edit, initial_of
from tasks.forms import EditTaskForm, NewCommentForm, NewTaskForm
from tasks.history_views import asks_for_the_past, task_as_it_was
from tasks.label_queries import labels_in_use
from tasks.models import Task
from tasks.queries import task_of
from tasks.services import execute, execute_together


@member_page
def task_create(request: MemberRequest, membership: Membership) -> HttpResponse:
    require_editor(membership)
    form = NewTaskForm(request.POST or None, organization_id=membership.organization_id)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        command = commands.CreateTask(
            organization_id=membership.organization_id,
            task_id=cleaned["task_id"],
            title=cleaned["title"],
            description=cleaned["description"],
            assignee_id=cleaned["assignee"] and cleaned["assignee"].pk,
            due_date=cleaned["due_date"],
            labels=cleaned["labels"],
        )
        try:
            events = execute(command, actor=request.user)
        except Invalid as error:
            if wants_json(request):
                raise
            form.add_error(None, error.message)
        else:
            return _created(request, membership, Task.objects.get(pk=cleaned["task_id"]), events)
    refuse(request, form)
    context = {"form": form, "task": None, "labels_in_use": labels_in_use(membership.organization_id)}
    return render(request, "tasks/form.html", org_context(membership) | context)


@member_page
def task_edit(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    require_editor(membership)
    task = task_of(membership, number)
    form = EditTaskForm(
        request.POST or None, initial=initial_of(task), organization_id=membership.organization_id
    )
    context: dict[str, Any] = {}
    if request.method == "POST" and form.is_valid():
        given_up = [name for name in form.fields if request.POST.get(f"keep_{name}") == "theirs"]
        edit = Edit(task, form.cleaned_data, given_up)
        try:
            events = execute_together(edit.commands(), actor=request.user)
            if wants_json(request):
                return done(events, task.version)
            return redirect(_detail(membership, number))
        except InArchive:
            raise
        except Conflict as error:
            # The words stay; saving again means having seen what changed.
            task.refresh_from_db()
            if wants_json(request):
                return _both(edit, error)
            form.data = {**request.POST.dict(), **edit.merged()}
            context = {"conflict": edit.said() or error.message, "both": edit.both()}
        except Invalid as error:
            if wants_json(request):
                raise
            form.add_error(None, error.message)
    refuse(request, form)
    context |= {"form": form, "task": task, "labels_in_use": labels_in_use(membership.organization_id)}
    status = 409 if "conflict" in context else 200
    return render(request, "tasks/form.html", org_context(membership) | context, status=status)


def _created(
    request: MemberRequest, membership: Membership, task: Task, events: Sequence[TaskEvent]
) -> HttpResponse:
    url = _detail(membership, task.number)
    if not wants_json(request):
        return redirect(url)
    response = done(events, task.version, 201 if events else 200, key=task.key, number=task.number)
    response["Location"] = url
    return response


def _both(edit: Edit, error: Conflict) -> HttpResponse:
    """Tell a program which fields somebody else changed too, from both sides."""
    said = {"code": error.code, "message": edit.said() or error.message}
    both = [field._asdict() for field in edit.both()]
    return JsonResponse({"error": said, "both": both, "version": edit.task.version}, status=error.status)


@member_page
@replica_may_answer
def task_detail(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    if asks_for_the_past(request):
        return task_as_it_was(request, membership, task_of(membership, number))
    return detail_page(request, membership, number, NewCommentForm())


@require_POST
@member_page
def task_watch(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Start or stop watching. Viewers may watch: it changes nothing but what they are told."""
    task = task_of(membership, number)
    watching = request.POST.get("watching") == "1"
    watch(request.user.pk, task.organization_id, task.pk, watching=watching)
    if wants_json(request):
        return JsonResponse({"watching": watching})
    return redirect(_detail(membership, number))


def _detail(membership: Membership, number: int) -> str:
    return reverse("tasks:detail", args=[membership.organization.slug, number])
