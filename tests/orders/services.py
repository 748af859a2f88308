"""The one way in: a wish becomes an event, rows and one announcement, or an error and nothing at all."""

import uuid

from django.db.models import Max
from django.utils import timezone

from base.announcements import org_group_name
from base.transactions import write_transaction
from events import log
from events.facts import Fact
from events.models import TaskEvent
from inbox.commands import Place, change, lock, write
from inbox.services import asked_in, question
from orgs.access import require_editor
from orgs.models import User
from tests.orders import projection
from tests.orders.models import Order
from tests.orders.state import OrderState, decide, fold
from tests.orders.subject import ORDER


def execute(organization_id: int, order_id: uuid.UUID, wish: Fact, *, actor: User) -> list[TaskEvent]:
    with write_transaction(org_group_name(organization_id)):
        asked = question(order_id)
        locked = lock(organization_id, actor, asked)
        require_editor(locked.membership)
        before = fold(log.load_past(organization_id, order_id))
        decided = decide(before, wish)
        if not decided:
            return []
        place, what = _place(organization_id, order_id, before), before.what if before else wish.what
        entries = [log.Entry(fact, what) for fact in decided]
        made = change(locked, ORDER, place, before, entries, asked_in(asked.rows), now=timezone.now())
        write(locked, [made])
        projection.apply(order_id, made.state)
    return made.events


def _place(organization_id: int, order_id: uuid.UUID, state: OrderState | None) -> Place:
    if state is not None:
        return Place(order_id, state.number, state.version)
    highest = Order.objects.filter(organization_id=organization_id).aggregate(Max("number"))["number__max"]
    return Place(order_id, (highest or 0) + 1, 0)
