"""The table of orders, written under the lock of the log's head."""

import uuid

from events import log
from tests.orders.models import Order
from tests.orders.state import OrderState, fold


def apply(order_id: uuid.UUID, state: OrderState) -> None:
    names = ("organization_id", "number", "what", "carrier", "note")
    fields = {name: getattr(state, name) for name in names}
    Order.objects.update_or_create(id=order_id, defaults=fields)


def refresh(organization_id: int, order_id: uuid.UUID) -> None:
    state = fold(log.load_past(organization_id, order_id))
    if state is not None:
        apply(order_id, state)
