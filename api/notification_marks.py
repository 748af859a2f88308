"""Acts on notifications: on some by their events, or on all of a list as it was seen; and taking them back."""

from http import HTTPStatus
from typing import Annotated

import msgspec
from django.utils import timezone
from dmr.routing import path

from api.controllers import Resource, operation
from api.notification_lists import Named, asked_for
from api.notifications import Moment
from api.paging import LARGEST_ID
from api.parsing import Body, Strict
from base.errors import Conflict, Fault, Unprocessable
from inbox import marks, seen
from inbox.frames import StateCounts
from inbox.marks import Marked
from inbox.org_inboxes import counts_by_state, of_request, revision, with_states
from inbox.revisions import LAST
from inbox.states import STEPS, Act, check_snooze
from tokens.scopes import INBOX

MOST = 500  # events in one request
EventIds = Annotated[
    list[Annotated[int, msgspec.Meta(ge=0, le=LARGEST_ID)]], msgspec.Meta(min_length=1, max_length=MOST)
]
Revision = Annotated[int, msgspec.Meta(ge=0, le=LAST)]
NOBODYS = (
    "Nothing was marked: the cursor is of none of your organizations, or of none that this token reaches."
)


class MarksWanted(Named, kw_only=True):
    """Of `event_ids`; or, with `seen`, of all of the list that `state`, `org`, `reason` and `q` name, as it was when
    its answer had this `cursor` and this `revision`: not of what has come or changed since. `until`: of a snooze, and
    only there."""

    act: Act
    event_ids: EventIds | None = None
    seen: Annotated[str, msgspec.Meta(max_length=64_000)] | None = None
    revision: Revision | None = None
    until: Moment | None = None


class MarkUndo(Strict, kw_only=True):
    """The number of an act."""

    mark: Revision


class MarksDone(msgspec.Struct, kw_only=True):
    """How many notifications were changed, how many there are now, and what to send to `notifications/undo` to take it
    back: null where nothing was changed."""

    changed: int
    counts: StateCounts
    revision: int
    undo: MarkUndo | None


class _OfInbox(Resource):
    is_abstract = True
    scope = INBOX

    def reached(self) -> list[int]:
        """List the organizations whose notifications may be changed."""
        return [place.org_id for place in of_request(self.request)]

    def answer(self, changed: int, undo: MarkUndo | None) -> MarksDone:
        places = with_states(self.request)
        return MarksDone(
            changed=changed, counts=counts_by_state(places), revision=revision(places), undo=undo
        )


class Marks(_OfInbox):
    also_refused = (404,)

    @operation("markNotifications", HTTPStatus.OK)
    def post(self, parsed_body: Body[MarksWanted]) -> MarksDone:
        """Mark notifications. Sent twice, it changes nothing the second time."""
        _check(parsed_body)
        marked = self._some(parsed_body) if parsed_body.event_ids else self._list(parsed_body)
        return self.answer(marked.changed, MarkUndo(mark=marked.mark) if marked.changed else None)

    def _some(self, body: MarksWanted) -> Marked:
        event_ids = list(dict.fromkeys(body.event_ids or ()))
        user_id = self.request.user.pk
        return marks.mark(user_id, body.act, event_ids, until=body.until, org_ids=self.reached())

    def _list(self, body: MarksWanted) -> Marked:
        places = of_request(self.request)
        asked, faults = asked_for(body, places, "body")
        if faults:
            raise Unprocessable("Nothing was marked: the list cannot be made as it is named.", faults)
        up_to = seen.last_shown(body.seen or "", places)
        if not up_to:
            raise Conflict(NOBODYS)
        states = STEPS[body.act].sources & asked.states
        shown = seen.worth_marking(up_to, places, states, asked.org_ids)
        user_id = self.request.user.pk
        return marks.mark_wanted(user_id, body.act, shown, asked, revision=body.revision, until=body.until)


class Undoing(_OfInbox):
    @operation("undoMark", HTTPStatus.OK)
    def post(self, parsed_body: Body[MarkUndo]) -> MarksDone:
        """Give back what that act changed and nothing has changed since."""
        changed = marks.undo(self.request.user.pk, parsed_body.mark, org_ids=self.reached())
        return self.answer(changed, None)


def _check(body: MarksWanted) -> None:
    """Raise Unprocessable where it does not say one thing, and Invalid for a snooze that cannot be."""
    listed = (body.state, body.org, body.reason, body.q or None, body.revision)
    if (body.event_ids is None) == (body.seen is None):
        raise _refused("body", "Say which: event_ids, or seen, the cursor of a list, for all of that list.")
    if body.event_ids is not None and any(each is not None for each in listed):
        raise _refused("body.event_ids", "Beside them nothing names a list: state, org, reason, q, revision.")
    if (body.act is Act.SNOOZE) != (body.until is not None):
        raise _refused("body.until", "A snooze has until, a time with its zone, and no other act has it.")
    if body.until is not None:
        check_snooze(body.until, timezone.now())


def _refused(at: str, detail: str) -> Unprocessable:
    return Unprocessable(f"Nothing was marked. {detail}", [Fault(at, detail)])


routes = [
    path("notifications/marks", Marks.as_view(), name="notification-marks"),
    path("notifications/undo", Undoing.as_view(), name="notification-undo"),
]
