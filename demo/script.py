"""Reads the scripts `acme.txt` and `globex.txt`: every task, and what was done to it, by whom and when. Pure.

    ACME-12 Login fails when the session cookie is older than the password
        The description, wrapped like any other text.
      17 09:31 alice opens              17 working days ago, at 09:31
      16 carol says Reproduced.         16 working days ago, some time after the line before
      16 carol due 1                    on the next working day, seen from today
      12m alice says Verified, thanks.  12 minutes ago
      9m bob edits starts; due 2        one save of two changes, as a form makes it

⏎ begins a new line of what is said. A time may stand at the first step of a day. Tasks stand in the order in which they
were opened, so that their keys are the ones that the product gives. The other words are in `stage.COMMANDS`.
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

_STEP = re.compile(
    r"(?:(?P<minutes>\d+)m|(?P<days>\d+)(?: (?P<time>\d\d:\d\d))?) (?P<actor>\w+) (?P<verb>\w+)(?: (?P<words>.+))?"
)


_BREAK = re.compile(r" ?⏎ ?")


@dataclass(frozen=True, slots=True)
class When:
    """So many working `days` ago, or today (0), so many `minutes` ago."""

    days: int
    minutes: int
    time: dt.time | None


@dataclass(frozen=True, slots=True)
class Step:
    when: When
    actor: str
    verb: str
    words: str


@dataclass(frozen=True, slots=True)
class Story:
    key: str
    title: str
    description: str
    steps: tuple[Step, ...]


def parse(script: str) -> list[Story]:
    """Read the stories. Raises ValueError with the line that is not a step."""
    blocks = re.split(r"\n{2,}", script.strip())
    return [_story(block) for block in blocks if not block.startswith("#")]


def _story(block: str) -> Story:
    head, *steps = re.split(r"\n(?=  \S)", block)
    first, *description = head.splitlines()
    key, title = first.split(" ", 1)
    return Story(key, title, _joined(description), tuple(_step(_joined(step.splitlines())) for step in steps))


def _joined(lines: Iterable[str]) -> str:
    return " ".join(line.strip() for line in lines)


def _step(line: str) -> Step:
    found = _STEP.fullmatch(line)
    if found is None:
        raise ValueError(f"not a step: {line}")
    when = When(
        days=int(found["days"] or 0),
        minutes=int(found["minutes"] or 0),
        time=dt.time.fromisoformat(found["time"]) if found["time"] else None,
    )
    return Step(when, found["actor"], found["verb"], _BREAK.sub("\n", found["words"] or ""))
