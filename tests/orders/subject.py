"""The order as a subject of the log."""

from events.subjects import OwnReason, Subject, register
from tests.orders.facts import OrderNoted, OrderPlaced, OrderShipped
from tests.orders.projection import refresh
from tests.orders.state import evolve, participants

ORDER = register(
    Subject(
        name="order",
        facts=(OrderPlaced, OrderShipped, OrderNoted),
        key="{org}-O{number}",
        page="orders/{number}/",
        evolve=evolve,
        participants=participants,
        reasons=(
            OwnReason("shipped", "on its way to you", "bought the {about}, and it was shipped", direct=True),
            OwnReason("buyer", "ordered by you", "bought the {about}"),
        ),
        refresh=refresh,
        boot={"carriers": ["Post", "Bike"]},
    )
)
