"""Erasing in files of the archive: texts stand beside the events, so another text or none leaves the chain, and the
file's own digest, as they are."""

from collections.abc import Callable, Iterator
from pathlib import Path

from events.archive import files
from events.archive.facts import ArchivedText
from events.origins import origins_of
from events.texts import new_nonce, text_digest

# Position -> what is to stand there: None for nothing.
Plan = dict[int, files.Text | None]


def files_of(directory: Path) -> Iterator[tuple[Path, files.Header]]:
    """Find the files of the archive, each verified. Raises files.UnusableFile and OSError."""
    for path in sorted(directory.glob("log-*.jsonl.gz")):
        yield path, files.verified(path)


def plan(path: Path, user_id: int, replace: Callable[[str], str]) -> tuple[Plan, list[ArchivedText]]:
    """Plan what goes from a file: all texts of this person, and what names them in others'."""
    planned: Plan = {}
    said: list[ArchivedText] = []
    header, lines = files.opened(path)
    origins = origins_of(header.organization)
    for line in lines:
        if line.text is None:
            continue
        place = line.event["stream"], line.event["version"]
        origin = origins.at(line.position)
        if line.event["actor"] == (origin.numbers.get(user_id) if origin else user_id):
            planned[line.position] = None
            said.append(ArchivedText(*place))
        elif (body := replace(line.text.body)) != line.text.body:
            text = files.Text(new_nonce(), body)
            planned[line.position] = text
            said.append(ArchivedText(*place, text_digest(text.nonce, body)))
    return planned, said


def rewrite(path: Path, planned: Plan) -> None:
    """Put the file with these texts in the place of the one that is there. Raises OSError and files.UnusableFile."""
    header, lines = files.opened(path)
    rewritten = (
        line._replace(text=planned[line.position]) if line.position in planned else line for line in lines
    )
    files.replace(path, header, rewritten)
