"""Pages of tasks: each view authorizes, parses, calls one service, answers."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST

from base.errors import Conflict, Forbidden, Invalid, NotFound
from base.numbers import whole_number
from base.plain_text import LONGEST_SEARCH
from inbox.context_processors import follow
from inbox.services import watch
from orgs.access import members_of, require_editor
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from tasks import commands
from tasks.forms import CommentForm, EditTaskForm, NewTaskForm
from tasks.history_views import asks_for_the_past, task_as_it_was
from tasks.listing import STATUS_FILTERS, open_count, person_chosen, task_page
from tasks.models import Task
from tasks.services import execute, execute_together
from tasks.statuses import LABELS
from tasks.streams import Stream, look_back, timeline_shown
from tasks.told import who_is_told


@member_page
def task_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    follow(request, membership.organization_id)
    query = request.GET.copy()
    page_number = (query.pop("page", None) or ["1"])[-1]
    filters = {name: query.get(name, "") for name in ("q", "status", "assignee")}
    page, not_searched = task_page(membership, filters, str(page_number))
    context = org_context(membership) | {
        "page": page,
        "not_searched": not_searched,
        **filters,
        "person_chosen": person_chosen(filters["assignee"]),
        "is_filtered": any(filters.values()),
        "longest_search": LONGEST_SEARCH,
        "statuses": STATUS_FILTERS,
        "members": members_of(membership.organization_id),
        "open_count": open_count(membership.organization_id),
        "query": query.urlencode(),
    }
    return render(request, "tasks/list.html", context)


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
        )
        try:
            execute(command, actor=request.user)
        except Invalid as error:
            form.add_error(None, error.message)
        else:
            return redirect(_detail(membership, Task.objects.get(pk=cleaned["task_id"]).number))
    return render(request, "tasks/form.html", org_context(membership) | {"form": form, "task": None})


@member_page
def task_edit(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    require_editor(membership)
    task = _task(membership, number)
    form = EditTaskForm(
        request.POST or None, initial=_initial(task), organization_id=membership.organization_id
    )
    conflict = None
    if request.method == "POST" and form.is_valid():
        try:
            execute_together(_edits(task, form.cleaned_data), actor=request.user)
            return redirect(_detail(membership, number))
        except Conflict as error:
            # The words stay; saving again means having seen what changed.
            conflict = error.message
            now = Task.objects.get(pk=task.pk).version
            form.data = {**request.POST.dict(), "expected_version": str(now)}
        except Invalid as error:
            form.add_error(None, error.message)
    context = org_context(membership) | {"form": form, "task": task, "conflict": conflict}
    return render(request, "tasks/form.html", context, status=409 if conflict else 200)


@member_page
def task_detail(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    if asks_for_the_past(request):
        return task_as_it_was(request, membership, _task(membership, number))
    follow(request, membership.organization_id)
    return _detail_page(request, membership, _task(membership, number), CommentForm())


@require_POST
@member_page
def task_comment(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    task = _task(membership, number)
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


def _one_field(parse: Callable[[MemberRequest, Task], commands.TaskCommand]) -> Callable[..., HttpResponse]:
    """Make the view of a small form that changes one field."""

    @require_POST
    @member_page
    def view(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
        task = _task(membership, number)
        return _carry_out(request, task, parse(request, task))

    return view


@_one_field
def task_status(request: MemberRequest, task: Task) -> commands.TaskCommand:
    return commands.ChangeStatus(task_id=task.pk, status=request.POST.get("status", ""))


@_one_field
def task_assign(request: MemberRequest, task: Task) -> commands.TaskCommand:
    """Read `assignee`, a user id; empty means nobody. Raises Invalid for what is no number."""
    text = request.POST.get("assignee", "")
    assignee_id = whole_number(text)
    if text and assignee_id is None:
        raise Invalid("Choose a member from the list.")
    return commands.AssignTask(task_id=task.pk, assignee_id=assignee_id)


@_one_field
def task_due(request: MemberRequest, task: Task) -> commands.TaskCommand:
    text = request.POST.get("due_date", "")
    try:
        due_date = parse_date(text) if text else None
    except ValueError:
        due_date = None
    if text and due_date is None:
        raise Invalid("That is not a date. Write it as 2026-11-30.")
    return commands.SetDueDate(task_id=task.pk, due_date=due_date)


@_one_field
def task_archive(request: MemberRequest, task: Task) -> commands.TaskCommand:
    return commands.ArchiveTask(task_id=task.pk)


@_one_field
def task_restore(request: MemberRequest, task: Task) -> commands.TaskCommand:
    return commands.RestoreTask(task_id=task.pk)


@require_POST
@member_page
def task_watch(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Start or stop watching. Viewers may watch: it changes nothing but what they are told."""
    task = _task(membership, number)
    watch(request.user.pk, task.organization_id, task.pk, watching=request.POST.get("watching") == "1")
    return redirect(_detail(membership, number))


def _carry_out(request: MemberRequest, task: Task, command: commands.TaskCommand) -> HttpResponse:
    url = reverse("tasks:detail", args=[task.organization.slug, task.number])
    try:
        events = execute(command, actor=request.user)
    except (Invalid, Conflict, Forbidden) as error:
        messages.error(request, error.message)
        return redirect(url)
    if events and isinstance(command, commands.ArchiveTask):
        undo = reverse("tasks:restore", args=[task.organization.slug, task.number])
        messages.success(request, f"{task.key} is archived.", extra_tags=f"undo:{undo}|")
    return redirect(url)


def _detail_page(
    request: MemberRequest, membership: Membership, task: Task, form: CommentForm, status: int = 200
) -> HttpResponse:
    stream = Stream.of(task)
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
            "told": who_is_told(task, membership),
            "comment_form": form,
        }
    )
    return render(request, "tasks/detail.html", context, status=status)


def _task(membership: Membership, number: int) -> Task:
    tasks = Task.objects.select_related("organization", "assignee", "creator")
    task = tasks.filter(organization_id=membership.organization_id, number=number).first()
    if task is None:
        raise NotFound
    return task


def _detail(membership: Membership, number: int) -> str:
    return reverse("tasks:detail", args=[membership.organization.slug, number])


def _initial(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "description": task.description,
        "assignee": task.assignee_id,
        "due_date": task.due_date,
        "expected_version": task.version,
    }


def _edits(task: Task, cleaned: dict[str, Any]) -> Sequence[commands.TaskCommand]:
    expected = cleaned["expected_version"]
    return [
        commands.RenameTask(task_id=task.pk, expected_version=expected, title=cleaned["title"]),
        commands.DescribeTask(task_id=task.pk, description=cleaned["description"]),
        commands.AssignTask(task_id=task.pk, assignee_id=cleaned["assignee"] and cleaned["assignee"].pk),
        commands.SetDueDate(task_id=task.pk, due_date=cleaned["due_date"]),
    ]
