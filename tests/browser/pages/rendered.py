"""The product's own templates over made-up rows: the markup that the modules work on, without a database."""

import datetime as dt
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.template import Context
from django.template.loader import get_template
from django.test import RequestFactory

from base.templatetags.times import Clock
from inbox.bell import BellRow
from inbox.models import Reason
from inbox.org_inboxes import OrgInbox
from inbox.page_frame import Frame, addresses
from orgs.models import Organization, User
from tasks.board import BoardColumn
from tasks.forms import CommentForm
from tasks.models import Task
from tasks.reactions import REACTIONS
from tasks.rows import BLANK, row_of
from tasks.sorting import columns
from tasks.statuses import LABELS
from tasks.timeline import BLANK as BLANK_ENTRIES
from tests.browser.pages.wire import cursor

ALICE, BOB = User(pk=3, username="alice", first_name="Alice"), User(pk=2, username="bob", first_name="Bob")
ACME = Organization(pk=1, name="Acme", slug="acme")
TASK_ID = "11111111-1111-4111-8111-111111111111"  # as the first organization's frames have it
HOME = f"/orgs/{ACME.slug}/tasks/"


def boot(
    position: int = 41, *, unread: int = 0, revision: int = 0, follow: bool = False, orgs: str = "1"
) -> dict[str, Any]:
    return {
        "user_id": BOB.pk,
        "unread": {"total": unread, "orgs": dict.fromkeys(orgs, 0) | {"1": unread}},
        "at": dict.fromkeys(orgs, position),
        "revision": revision,
        "cursor": ",".join(cursor(position, int(org)) for org in orgs),
        "org": {"id": 1, "slug": "acme", "cursor": cursor(position)} if follow else None,
        "orgs": {org: {"slug": f"org-{org}", "name": f"Organization {org}"} for org in orgs},
        "reasons": dict(Reason.choices),
        "words": {"statuses": LABELS},
        "login_url": "/accounts/login/",
        "csrf_cookie": "csrftoken",
        "push": False,
    }


def _bell(rows: tuple[BellRow, ...]) -> dict[str, Any]:
    return {"bell": rows[:10], "bell_unread": sum(1 for row in rows[:10] if row.unread)}


def task_list(boot: dict[str, Any], *tasks: Task, **context: Any) -> str:
    standard = {
        "page": Paginator([row_of(task, ACME.slug) for task in tasks], 50).page(1),
        "home": HOME,
        "blank": [BLANK],
        "open_count": len(tasks),
        "organization": ACME,
        "can_edit": True,
        "columns": columns(""),
        "statuses": LABELS.items(),
        "members": [ALICE, BOB],
    }
    return _page("tasks/list.html", boot, standard | context)


def task_board(boot: dict[str, Any], *tasks: Task, **context: Any) -> str:
    board = [
        BoardColumn(
            status,
            label,
            here := [row_of(task, ACME.slug) for task in tasks if task.status == status],
            len(here),
        )
        for status, label in LABELS.items()
    ]
    standard = {
        "board": board,
        "home": HOME,
        "blank": [BLANK],
        "organization": ACME,
        "can_edit": True,
        "statuses": LABELS.items(),
    }
    return _page("tasks/board.html", boot, standard | context)


def task_detail(boot: dict[str, Any], task: Task, *history: dict[str, Any], **context: Any) -> str:
    standard = {
        "task": task,
        "row": row_of(task, ACME.slug),
        "home": HOME,
        "can_change": True,
        "history": list(history),
        "here": f"{HOME}{task.number}/",
        "why": "/inbox/why/{}/",
        "can_react": True,
        "erased_text": "",
        "reactions": REACTIONS,
        "organization": ACME,
        "can_edit": True,
        "statuses": LABELS.items(),
        "members": [ALICE, BOB],
        "watchers": [],
        "comment_form": CommentForm(),
    }
    return _page("tasks/detail.html", boot, BLANK_ENTRIES | standard | context)


def plain(boot: dict[str, Any], *rows: BellRow) -> str:
    """A page with nothing on it but the bar; the rows are in its bell."""
    return _page("base.html", boot, {}, _bell(rows))


def row(position: int, *, unread: bool = True) -> BellRow:
    """A row of the bell: each a thread of its own."""
    event_id = 1000 + position
    return BellRow(
        stream_id=str(UUID(int=event_id)),
        event_id=event_id,
        org_id=ACME.pk,
        key="ACME-12",
        title="Rotate the keys",
        url=f"/inbox/{event_id}/",
        said=f"Alice did number {position}",
        time=Clock().time(dt.datetime.now(dt.UTC)),
        actor_id=ALICE.pk,
        actor=ALICE.display_name,
        known=(event_id,),
        unread=(event_id,) if unread else (),
    )


def task(number: int = 12, task_id: str = TASK_ID, **fields: Any) -> Task:
    now = dt.datetime.now(dt.UTC)
    standard = {"title": "Rotate the keys", "status": "open", "creator": ALICE, "organization": ACME}
    return Task(id=UUID(task_id), number=number, created_at=now, updated_at=now, **(standard | fields))


def history(position: int, sentence: str) -> dict[str, Any]:
    event = SimpleNamespace(
        pk=1000 + position,
        position=position,
        version=position - 40,
        created_at=dt.datetime.now(dt.UTC),
        actor=ALICE,
    )
    told = {"event": event, "events": [event], "did": sentence.removeprefix("Alice")}
    return BLANK_ENTRIES["blank_sentence"][0] | told


def _page(
    template: str, boot: dict[str, Any], context: dict[str, Any], bell: dict[str, Any] | None = None
) -> str:
    request = RequestFactory().get("/")
    request.user = BOB
    unread = boot["unread"]
    places = [
        OrgInbox(org, about["slug"], about["name"], "member", "all", 0, 0, "", 0, unread["orgs"][org])
        for org, about in boot["orgs"].items()
    ]
    frame = Frame(
        at=addresses("/"),
        section="",
        page="",
        user_id=BOB.pk,
        person=BOB.display_name,
        user_name=BOB.username,
        is_staff=False,
        places=places,
        current=places[0] if places else None,
        unread=unread["total"],
        **(bell or {}),
    )
    everywhere = {
        "request": request,
        "csrf_token": "the-token-of-the-form",
        "boot": boot,
        "seen": boot["cursor"],
        "unread_total": unread["total"],
        "org_inboxes": places,
        "frame": frame,
        "this_page": "/",
    }
    # With a request but without the context processors, which ask the database.
    whole = Context(everywhere | context)
    whole.request = request
    return get_template(template).template.render(whole)
