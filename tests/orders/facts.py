"""What can happen to an order."""

from collections.abc import Iterator

from events.facts import Fact, FreeText
from events.telling import Around, Change, Names, text_or_erased


class OrderPlaced(Fact, frozen=True):
    action = "order_placed"
    what: str

    def predicate(self, around: Around) -> str:
        return f"ordered {self.what} as {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("What", None, self.what)


class OrderShipped(Fact, frozen=True):
    action = "order_shipped"
    carrier: str

    def predicate(self, around: Around) -> str:
        return f"shipped {around.about} with {self.carrier}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Carrier", None, self.carrier)


class OrderNoted(Fact, frozen=True):
    """Concerns only who takes part. The note before it stands in the stream's earlier events."""

    action = "order_noted"
    text_field = "note"
    folds_text = True
    to_all = False
    note: FreeText

    def predicate(self, around: Around) -> str:
        return f"wrote a note on {around.about}"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Note", text_or_erased(text_before), text_or_erased(self.note))
