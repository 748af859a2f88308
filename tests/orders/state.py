"""An order's state, folded from its events; the rules; and who takes part. Pure."""

from collections.abc import Iterable
from functools import reduce

from msgspec import Struct
from msgspec.structs import replace

from base.errors import Conflict, NotFound
from events.facts import Fact
from events.subjects import Recorded
from tests.orders.facts import OrderNoted, OrderPlaced, OrderShipped


class OrderState(Struct, frozen=True):
    organization_id: int
    number: int
    what: str
    buyer_id: int
    carrier: str = ""
    note: str = ""
    noted_by: tuple[int, ...] = ()
    version: int = 1


def fold(events: Iterable[Recorded]) -> OrderState | None:
    return reduce(evolve, events, None)


def evolve(state: OrderState | None, event: Recorded) -> OrderState:
    """Raises ValueError for events that are no order's story."""
    fact = event.fact
    if state is None:
        if not isinstance(fact, OrderPlaced):
            raise ValueError(f"an order starts with 'order_placed', not with '{fact.action}'")
        return OrderState(event.organization_id, event.task_number, fact.what, event.actor_id)
    state = replace(state, version=event.version)
    match fact:
        case OrderShipped(carrier=carrier):
            return replace(state, carrier=carrier)
        case OrderNoted(note=note):
            return replace(state, note=note or "", noted_by=(*state.noted_by, event.actor_id))
        case _:
            return state


def decide(state: OrderState | None, wish: Fact) -> list[Fact]:
    """What is asked for is the fact itself: enough for an example."""
    if isinstance(wish, OrderPlaced):
        return [] if state else [wish]
    if state is None:
        raise NotFound
    if isinstance(wish, OrderShipped) and state.carrier:
        raise Conflict("This order is on its way already.")
    return [wish]


def participants(
    fact: Fact, before: OrderState | None, after: OrderState, watchers: Iterable[int]
) -> dict[int, str]:
    """The strongest reason last: a later one takes the place of an earlier one."""
    return {
        **dict.fromkeys(watchers, "watching"),
        **dict.fromkeys(after.noted_by, "participant"),
        after.buyer_id: "shipped" if isinstance(fact, OrderShipped) else "buyer",
    }
