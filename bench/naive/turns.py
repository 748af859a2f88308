"""Writers as they come: each waits in the database, and holds its connection meanwhile."""

from contextlib import AbstractContextManager, nullcontext


class EverybodyAtOnce:
    """In the place of `base.turns.Turns`."""

    def turn(
        self, place: str, room: int = 1, *, patience: float | None = None
    ) -> AbstractContextManager[None]:
        return nullcontext()
