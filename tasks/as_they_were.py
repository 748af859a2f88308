"""All tasks of an organization as they were: its log folded up to a place, and where that place is in time. What is
filtered and sorted are states, never rows."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django.core.paginator import Page, Paginator
from django.utils import timezone
from tqdm import tqdm

from base.errors import DomainError
from events.archive.receipts import archived_upto
from events.models import LogHead, TaskEvent
from events.scan import Part
from events.sentences import names_of
from orgs.models import Membership
from tasks.archiving import archived_states
from tasks.listing import PAGE, number_in, person_chosen, plain
from tasks.models import task_key
from tasks.rebuild import fold_all
from tasks.rows import TaskRow
from tasks.sorting import sorted_states
from tasks.state import TaskState
from tasks.statuses import ACTIVE, LABELS

MOST = 100_000  # events that are folded for one page: about a second
EVERYTHING = Part(uuid.UUID(int=0), uuid.UUID(int=2**128 - 1))

States = list[tuple[str, TaskState]]


class TooLarge(DomainError):
    """The log is too long to be folded while somebody waits."""

    code = "too_large"
    status = 422


@dataclass(frozen=True, slots=True)
class Place:
    """A place in an organization's log: after how many events, of how many, and when that was."""

    organization_id: int
    position: int
    head: int
    moment: dt.datetime

    @property
    def day(self) -> dt.date:
        return self.moment.astimezone(dt.UTC).date()

    def newest(self) -> TaskEvent | None:
        """Load the newest event that had happened."""
        events = TaskEvent.objects.filter(organization_id=self.organization_id, position=self.position)
        return events.outlined().first()


def place_at(organization_id: int, moment: dt.datetime) -> Place:
    """Find the place after everything that had happened at a moment."""
    events = TaskEvent.objects.filter(organization_id=organization_id, created_at__lte=moment)
    newest = events.order_by("-created_at", "-position").values_list("position", flat=True).first()
    return Place(organization_id, newest or 0, _head(organization_id), moment)


def place_after(organization_id: int, position: int) -> Place:
    """Find the place after the event with this position, or the end of the log where it ends before."""
    head = _head(organization_id)
    event = TaskEvent.objects.filter(organization_id=organization_id, position=min(position, head)).first()
    return Place(organization_id, min(position, head), head, event.created_at if event else timezone.now())


class InArchive(DomainError):
    """Some of what had happened by then left for the archive."""

    code = "in_archive"
    status = 410


def _over(organization_id: int, position: int) -> str:
    """Say the minute in which all up to this position had happened. The receipt is behind it, so there is an event."""
    later = TaskEvent.objects.filter(organization_id=organization_id, position__gte=position).order_by(
        "position"
    )
    moment = later.values_list("created_at", flat=True)[0] + dt.timedelta(minutes=1)
    return f"{moment:%-d %b %Y, %H:%M} UTC"


def states_at(place: Place) -> States:
    """Fold what had happened by then. Raises TooLarge, and InArchive before what left for the archive was over."""
    if place.position < (archived := archived_upto(place.organization_id)):
        raise InArchive(
            "What happened by then is in the archive. Choose a moment from"
            f" {_over(place.organization_id, archived)} on, or ask whoever runs this server for the files."
        )
    if place.position > MOST:
        raise TooLarge(
            f"By then {place.position:,} things had happened here, and a page shows at most {MOST:,}."
            " Choose an earlier moment, or look at one task: its own page goes back as far as you like."
        )
    bar = cast("tqdm[None]", tqdm(disable=True))
    states = fold_all(place.organization_id, EVERYTHING, bar, set(), upto=place.position)
    return [
        (task_id, state)
        for task_id, state in states.items()
        if state.organization_id == place.organization_id
    ] + list(archived_states(place.organization_id) if archived else ())


def page_of(membership: Membership, states: States, filters: Mapping[str, str], number: str) -> Page[TaskRow]:
    """Make the page of the list that these filters show. A text is looked for in keys, titles and labels."""
    found = filtered_states(membership, states, filters)
    names = names_of_states(found)
    page = Paginator(sorted_states(found, filters.get("sort", ""), names), PAGE).get_page(number)
    page.object_list = rows_of_states(membership, list(page.object_list), names)  # type: ignore[assignment]
    return page  # type: ignore[return-value]


def filtered_states(membership: Membership, states: States, filters: Mapping[str, str]) -> States:
    """Keep the states that fit all filters."""
    status = filters.get("status", "")
    return [each for each in found_states(membership, states, filters) if _has_status(each[1], status)]


def found_states(membership: Membership, states: States, filters: Mapping[str, str]) -> States:
    """Keep the states that fit all filters but the status."""
    assignee, label, text = (plain(filters.get(name, "")) for name in ("assignee", "label", "q"))
    wanted = {"me": membership.user_id, "none": None}
    person = person_chosen(assignee)
    user_id = wanted.get(assignee, person.pk if person else 0)
    return [
        (task_id, state)
        for task_id, state in states
        if (not assignee or state.assignee_id == user_id)
        and (not label or label.lower() in state.labels)
        and (not text or _says(state, text))
    ]


def rows_of_states(
    membership: Membership, states: States, names: Mapping[int, str] | None = None
) -> list[TaskRow]:
    """Make rows of states, as the table had them then."""
    names = names_of_states(states) if names is None else names
    slug = membership.organization.slug
    return [
        TaskRow(
            pk=uuid.UUID(task_id),
            key=task_key(slug, state.number),
            updated_at=moment(str(state.updated_at)),
            assignee=names.get(state.assignee_id or 0, ""),
            **{name: getattr(state, name) for name in _AS_THEY_ARE},
        )
        for task_id, state in states
    ]


_AS_THEY_ARE = ("number", "version", "title", "status", "labels", "due_date", "archived", "assignee_id")


def open_count_of(states: States) -> int:
    return sum(state.status in ACTIVE and not state.archived for _, state in states)


def _has_status(state: TaskState, status: str) -> bool:
    if status == "all":
        return True
    if status == "archived":
        return state.archived
    return not state.archived and state.status in ([status] if status in LABELS else ACTIVE)


def _says(state: TaskState, text: str) -> bool:
    words = text.lower().replace('"', "").split()
    return (
        all(word in state.title.lower() for word in words)
        or text.lower() in state.labels
        or number_in(text) == state.number
    )


def names_of_states(states: States) -> dict[int, str]:
    return names_of(state.assignee_id for _, state in states)


def _head(organization_id: int) -> int:
    return LogHead.objects.filter(pk=organization_id).values_list("position", flat=True).first() or 0


def moment(text: str) -> dt.datetime:
    """Read a time as either database writes it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
