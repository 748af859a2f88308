"""Writing: comments made, edited, deleted and reacted to. Who asks for JSON gets the comment as HTML of ours, to put it
in its place; a plain form is led back to it."""

import uuid
from collections.abc import Callable

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from base.answers import wants_json
from base.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from events import log
from events.models import TaskEvent
from inbox.context_processors import follow
from inbox.showing import told_of
from orgs.access import require_editor
from orgs.forms import refuse
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context, refused
from tasks import commands
from tasks.commenting import comment
from tasks.comments import Comment, comment_at
from tasks.detail_page import detail_page
from tasks.facts import Commented
from tasks.forms import EditCommentForm, NewCommentForm
from tasks.models import Task
from tasks.prose import Prose
from tasks.queries import task_of
from tasks.services import execute
from tasks.timeline import drawn_entries, entries, event_ids, mark_told


@require_POST
@member_page
def task_comment(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    task, form = task_of(membership, number), NewCommentForm(request.POST)
    if not form.is_valid():
        return _not_taken(request, membership, task, form)
    cleaned = form.cleaned_data
    try:
        event = comment(task, cleaned["text"], actor=request.user, attempt=cleaned["attempt"])
    except NotFound:
        raise
    except DomainError as error:
        if not isinstance(error, Invalid):  # there is no form any more
            refused(request, error)
            return redirect(_detail(membership, number))
        if wants_json(request):
            raise
        form.add_error("text", error.message)
        return _not_taken(request, membership, task, form)
    return _answer(request, membership, task, event.version, status=201)


def _not_taken(
    request: MemberRequest, membership: Membership, task: Task, form: NewCommentForm
) -> HttpResponse:
    """Say what is wrong; the words stay."""
    refuse(request, form)
    return detail_page(request, membership, task.number, form, status=400)


@require_safe
@member_page
def comment_entry(request: MemberRequest, membership: Membership, number: int, version: int) -> HttpResponse:
    """Answer one comment as HTML of ours, for the scripts of its task's page."""
    task = task_of(membership, number)
    return HttpResponse(_entry(request, membership, task, _event(task, version)))


@member_page
def comment_edit(request: MemberRequest, membership: Membership, number: int, version: int) -> HttpResponse:
    require_editor(membership)
    task = task_of(membership, number)
    now = _own(task, version, request.user.pk)
    text = log.load_text(task.organization_id, task.pk, now.revision)
    form = EditCommentForm(
        request.POST or None, initial={"text": text, "revision": now.revision}, auto_id="edit_%s"
    )
    status = 200
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        edit = commands.EditComment(
            task_id=task.pk, comment=version, text=cleaned["text"], revision=cleaned["revision"]
        )
        try:
            execute(edit, actor=request.user)
            return _answer(request, membership, task, version)
        except (Invalid, Conflict) as error:
            if wants_json(request):
                raise
            form.add_error("text", error.message)
            # The words stay; saving again means having seen what stands there now.
            form.data = {
                **request.POST.dict(),
                "revision": str(_own(task, version, request.user.pk).revision),
            }
            status = error.status
    elif request.method == "POST":
        refuse(request, form)
        status = 400
    follow(request, membership.organization_id)
    context = org_context(membership) | {"task": task, "form": form, "version": version}
    return render(request, "tasks/comment_edit.html", context, status=status)


Parse = Callable[[MemberRequest, Task, int], commands.CommentCommand]


def _act(parse: Parse) -> Callable[..., HttpResponse]:
    """Make the view of a small form that does something to a comment."""

    @require_POST
    @member_page
    def view(request: MemberRequest, membership: Membership, number: int, version: int) -> HttpResponse:
        task = task_of(membership, number)
        try:
            execute(parse(request, task, version), actor=request.user)
        except NotFound:
            raise
        except DomainError as error:
            refused(request, error)
        return _answer(request, membership, task, version)

    return view


@_act
def comment_delete(request: MemberRequest, task: Task, version: int) -> commands.CommentCommand:
    return commands.DeleteComment(task_id=task.pk, comment=version)


@_act
def comment_react(request: MemberRequest, task: Task, version: int) -> commands.CommentCommand:
    """Read `give` or `take`: the name of a reaction."""
    given, taken = (request.POST.get(name, "") for name in ("give", "take"))
    return commands.React(task_id=task.pk, comment=version, reaction=given or taken, on=bool(given))


def _answer(
    request: MemberRequest, membership: Membership, task: Task, version: int, status: int = 200
) -> HttpResponse:
    event = _event(task, version)
    if not wants_json(request):
        return redirect(f"{_detail(membership, task.number)}?event={event.pk}#event-{event.pk}")
    said = {
        "event": event.pk,
        "version": version,
        "html": _entry(request, membership, task, event),
        "attempt": str(uuid.uuid4()),  # for the next comment
    }
    return JsonResponse(said, status=status)


def _entry(request: MemberRequest, membership: Membership, task: Task, event: TaskEvent) -> str:
    found = entries([event], Prose(membership))
    mark_told(found, told_of(membership.user_id, event_ids(found)))
    found[0]["begins_new"] = False
    return drawn_entries(request, membership, task, found)


def _event(task: Task, version: int) -> TaskEvent:
    """Load the event that a comment began with. Raises NotFound."""
    events = TaskEvent.objects.filter(organization_id=task.organization_id, stream_id=task.pk)
    event = events.readable().filter(version=version, action=Commented.action).first()
    if event is None:
        raise NotFound
    return event


def _own(task: Task, version: int, user_id: int) -> Comment:
    """Find a comment that this user may edit. Raises NotFound, Forbidden or Conflict."""
    found = comment_at(log.load_of_comment(task.organization_id, task.pk, version), version)
    if found is None:
        raise NotFound
    if found.author_id != user_id:
        raise Forbidden("Only the person who wrote a comment can edit it.")
    if found.deleted:
        raise Conflict("This comment was deleted.")
    return found


def _detail(membership: Membership, number: int) -> str:
    return reverse("tasks:detail", args=[membership.organization.slug, number])
