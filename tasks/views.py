"""Pages of tasks: each view authorizes, parses, calls one service, answers."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.errors import Conflict, Forbidden, Invalid
from inbox.context_processors import follow
from inbox.models import Watch
from inbox.services import watch
from orgs.access import members_of, require_editor
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from tasks import commands
from tasks.editing import Edit, initial_of
from tasks.forms import CommentForm, EditTaskForm, NewTaskForm
from tasks.history_views import asks_for_the_past, task_as_it_was
from tasks.label_queries import labels_in_use
from tasks.models import Task
from tasks.queries import task_of
from tasks.services import execute, execute_together
from tasks.statuses import LABELS
from tasks.streams import Stream, look_back, timeline_shown


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
            execute(command, actor=request.user)
        except Invalid as error:
            form.add_error(None, error.message)
        else:
            return redirect(_detail(membership, Task.objects.get(pk=cleaned["task_id"]).number))
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
            execute_together(edit.commands(), actor=request.user)
            return redirect(_detail(membership, number))
        except Conflict as error:
            # The words stay; saving again means having seen what changed.
            task.refresh_from_db()
            form.data = {**request.POST.dict(), **edit.merged()}
            context = {"conflict": edit.said() or error.message, "both": edit.both()}
        except Invalid as error:
            form.add_error(None, error.message)
    context |= {"form": form, "task": task, "labels_in_use": labels_in_use(membership.organization_id)}
    status = 409 if "conflict" in context else 200
    return render(request, "tasks/form.html", org_context(membership) | context, status=status)


@member_page
def task_detail(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    if asks_for_the_past(request):
        return task_as_it_was(request, membership, task_of(membership, number))
    follow(request, membership.organization_id)
    return _detail_page(request, membership, task_of(membership, number), CommentForm())


@require_POST
@member_page
def task_comment(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    task = task_of(membership, number)
    form = CommentForm(request.POST)
    if not form.is_valid():
        follow(request, membership.organization_id)
        return _detail_page(request, membership, task, form, status=400)
    try:
        execute(commands.CommentOnTask(task_id=task.pk, text=form.cleaned_data["text"]), actor=request.user)
    except Invalid as error:  # the words stay
        form.add_error("text", error.message)
        follow(request, membership.organization_id)
        return _detail_page(request, membership, task, form, status=400)
    except (Conflict, Forbidden) as error:
        messages.error(request, error.message)
    return redirect(_detail(membership, number))


@require_POST
@member_page
def task_watch(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Start or stop watching. Viewers may watch: it changes nothing but what they are told."""
    task = task_of(membership, number)
    watch(request.user.pk, task.organization_id, task.pk, watching=request.POST.get("watching") == "1")
    return redirect(_detail(membership, number))


def _detail_page(
    request: MemberRequest, membership: Membership, task: Task, form: CommentForm, status: int = 200
) -> HttpResponse:
    stream = Stream.of(task)
    watchers = Watch.objects.filter(stream_id=task.pk).values_list("user_id", flat=True)
    members = members_of(task.organization_id)
    context = (
        org_context(membership)
        | timeline_shown(request.GET, stream, stream.count)
        | {
            "task": task,
            "description_erased": stream.is_description_erased(),
            "versions": look_back(stream, stream.count),
            "statuses": LABELS.items(),
            "members": members,
            "labels_in_use": labels_in_use(task.organization_id),
            "watchers": [member for member in members if member.pk in set(watchers)],
            "watching": membership.user_id in set(watchers),
            "comment_form": form,
        }
    )
    return render(request, "tasks/detail.html", context, status=status)


def _detail(membership: Membership, number: int) -> str:
    return reverse("tasks:detail", args=[membership.organization.slug, number])
