"""The pages 'Import tasks': choose a file, look at what would come of it, import, and take it back."""

import uuid
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from base.errors import DomainError, Invalid, NotFound
from orgs.access import require_editor
from orgs.models import Membership, User
from orgs.pages import MemberRequest, member_page, org_context
from tasks.csv_import.columns import FIELDS, chosen, guessed
from tasks.csv_import.dates import ORDERS, guessed_order
from tasks.csv_import.forms import FileForm
from tasks.csv_import.reading import SEPARATORS, Table, decoded, table_of
from tasks.csv_import.rows import Person, Read, read_tasks
from tasks.csv_import.services import import_part, import_tasks, imported, take_back, untouched

SHOWN = 20  # rows of a preview, and problems


class Preview(NamedTuple):
    """What a file would give, by what was chosen."""

    text: str
    encoding: str
    table: Table
    columns: dict[str, int]
    order: str
    found: list[Read]

    @property
    def good(self) -> list[Read]:
        return [read for read in self.found if not read.problems]

    @property
    def bad(self) -> list[Read]:
        return [read for read in self.found if read.problems]


@member_page
def task_import(request: MemberRequest, membership: Membership) -> HttpResponse:
    require_editor(membership)
    if request.method != "POST":
        return _asked(request, membership, FileForm())
    form = FileForm(request.POST, request.FILES)
    try:
        preview = _preview(request, membership)
        if "import" in request.POST:
            return _written(request, membership, preview)
    except DomainError as error:
        form.is_valid()
        form.add_error(None, error.message)
        return _asked(request, membership, form, status=error.status)
    return render(request, "tasks/import_preview.html", org_context(membership) | _shown(request, preview))


def _written(request: HttpRequest, membership: Membership, preview: Preview) -> HttpResponse:
    """Import all of it; a script asks for one part after the other, to show how far it is. Raises DomainError."""
    import_id = _import_id(request)
    place = reverse("tasks:imported", args=(membership.organization.slug, import_id))
    if request.POST["import"] == "part":
        done, of = import_part(membership, import_id, preview.found)
        return JsonResponse({"done": done, "of": of, "location": place})
    import_tasks(membership, import_id, preview.found)
    return redirect(place)


@member_page
def tasks_imported(request: MemberRequest, membership: Membership, import_id: uuid.UUID) -> HttpResponse:
    tasks = imported(membership, import_id)
    if not tasks:
        raise NotFound
    if request.method == "POST":
        require_editor(membership)
        count = take_back(membership, import_id)
        messages.success(request, f"{count:,} {'task is' if count == 1 else 'tasks are'} archived.")
        return redirect("tasks:imported", membership.organization.slug, import_id)
    open_ones = [task for task in tasks if not task.archived]
    context = {"tasks": tasks, "untouched": untouched(open_ones), "archived": len(tasks) - len(open_ones)}
    return render(request, "tasks/imported.html", org_context(membership) | context)


def _asked(request: HttpRequest, membership: Membership, form: FileForm, status: int = 200) -> HttpResponse:
    return render(request, "tasks/import.html", org_context(membership) | {"form": form}, status=status)


def _preview(request: HttpRequest, membership: Membership) -> Preview:
    """Read what was sent: a file, rows that were pasted, or those of a preview before. Raises Invalid."""
    text, encoding = _text(request)
    table = table_of(text)
    is_first = "text" not in request.POST
    columns = guessed(table.header) if is_first else chosen(request.POST, len(table.header))
    if "title" not in columns:
        raise Invalid("Choose the column that holds the title.")
    days = (
        row.cells[columns["due_date"]] for row in table.rows if columns.get("due_date", 99) < len(row.cells)
    )
    order = request.POST.get("dates", "")
    order = order if order in ORDERS else guessed_order(days)
    found = read_tasks(table, columns, order, _people(membership.organization_id))
    return Preview(text, encoding, table, columns, order, found)


def _text(request: HttpRequest) -> tuple[str, str]:
    if "text" in request.POST:
        return request.POST["text"], request.POST.get("encoding", "")
    if file := request.FILES.get("file"):
        return decoded(file.read())
    pasted = request.POST.get("pasted", "")
    decoded(pasted.encode(errors="replace"))  # by its size
    return pasted, ""


def _people(organization_id: int) -> list[Person]:
    members = User.objects.filter(memberships__organization_id=organization_id, is_active=True)
    return [Person(user.pk, user.username, user.display_name, user.email) for user in members]


def _import_id(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("import_id", ""))
    except ValueError as error:
        raise Invalid("This page is not whole. Choose the file again.") from error


def _shown(request: HttpRequest, preview: Preview) -> dict[str, Any]:
    choices = [
        {"field": field, "label": label, "place": preview.columns.get(field)}
        for field, label in FIELDS.items()
    ]
    return {
        "preview": preview,
        "choices": choices,
        "orders": ORDERS.items(),
        "separator": SEPARATORS[preview.table.separator],
        "header": list(enumerate(preview.table.header)),
        "rows": preview.found[:SHOWN],
        "bad": preview.bad[:SHOWN],
        "more_bad": max(0, len(preview.bad) - SHOWN),
        "import_id": request.POST.get("import_id") or uuid.uuid4(),
    }
