"""What a log says of having been brought here from another installation. Pure."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from events.archive.facts import Position, Sha256
from events.facts import Fact, FreeText, UserId
from events.telling import Around, Change, Names

ForeignId = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class Brought(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody of whom the log speaks: the number that they had there, and the account that stands for them here. With
    the role of a member who they were in the end."""

    origin: ForeignId
    user_id: UserId
    role: str = ""


class LogImported(Fact, frozen=True):
    """The events up to `upto` were written in another installation, and their digests cover the numbers that the
    organization and the people had there. Nobody is a member here by what they say. It stands in the organization's own
    stream."""

    action = "log_imported"
    quiet = True
    to_all = False
    upto: Position
    head: Sha256  # the digest at `upto`
    installation: str  # its address, for people
    organization: ForeignId  # there
    stream: str  # the organization's own, there
    short_name: str  # here
    brought: list[Brought]

    def predicate(self, around: Around) -> str:
        return f"brought the history of {around.about} here from {self.installation}: {self.upto:,} events"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Brought here", None, f"positions 1 to {self.upto:,}, of {self.installation}")
        yield Change("Digest of the last", None, self.head)
