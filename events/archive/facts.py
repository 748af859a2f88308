"""What happens to the log itself: some of it goes to the archive, and texts are erased there. Pure."""

from collections.abc import Iterator
from typing import Annotated

import msgspec

from events.facts import Fact, FreeText, Version
from events.telling import Around, Change, Names

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Position = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class LogArchived(Fact, frozen=True):
    """The positions `first` to `upto` stand in a file, and the streams that were over by then have left the database.
    It stands in the stream of the organization itself."""

    action = "log_archived"
    quiet = True
    to_all = False
    first: Position
    upto: Position
    before: Sha256  # the digest of the event before `first`
    after: Sha256  # the digest at `upto`
    file: Sha256  # the file's own digest, which covers everything but texts
    kept: Sha256  # the digest of the rows that stand for what left (`cutting.kept_digest`)
    streams: Annotated[int, msgspec.Meta(ge=0)]  # how many left
    removed: Annotated[int, msgspec.Meta(ge=0)]  # how many events

    def predicate(self, around: Around) -> str:
        whole = f"archived the history up to event {self.upto:,}"
        tasks = "1 finished task" if self.streams == 1 else f"{self.streams:,} finished tasks"
        return f"{whole}: {tasks} with {self.removed:,} events left the database"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("In the archive", None, f"positions {self.first:,} to {self.upto:,}")
        yield Change("Digest of the file", None, self.file)


class ArchivedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in a file: erased, or without a name and with this digest."""

    stream: str
    version: Version
    sha256: str = ""


class ArchivedTextsErased(Fact, frozen=True):
    """The actor was forgotten in files too: these texts of streams that left the database are gone or another."""

    action = "archived_texts_erased"
    quiet = True
    to_all = False
    texts: list[ArchivedText]

    def predicate(self, around: Around) -> str:
        return "had their texts removed from the archive"

    def sentence(self, around: Around) -> str:
        return f"{around.actor}’s texts were removed from the archive"

    def changes(self, names: Names, text_before: FreeText) -> Iterator[Change]:
        yield Change("Texts erased in the archive", None, f"{len(self.texts):,}")
