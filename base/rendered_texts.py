"""Texts that were rendered a while ago, so that each is read once and not for every page that shows it.

What a text looks like depends on itself and on what its reader answered when it was rendered: who is meant by a name,
where a key leads. So each reader is asked again, and what is kept is given only for the same text and the same answers.
What nobody asks for any more, such as a text that was erased, is forgotten after one or two turns; in a process that
shows no text, with the next one.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from base.markdown import Mention, Reader, rendered

TURN = 300  # seconds
MOST = 500  # texts of one turn
LONGEST = 4_000  # characters; longer ones are rendered each time
ANSWERS = 8  # of different readers, to one text


class _Asked(NamedTuple):
    what: str  # a method of Reader
    words: str


class _Kept:
    """What one text asked its readers, and how it looked by their answers."""

    def __init__(self, asked: tuple[_Asked, ...]) -> None:
        self.asked = asked
        self.html: dict[tuple[Any, ...], str] = {}


class _Asking:
    """A reader, and what was asked of them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.asked: list[_Asked] = []
        self.answers: list[Any] = []

    def mention(self, written: str) -> Mention | None:
        return self._noted(_Asked("mention", written), self._reader.mention(written))  # type: ignore[no-any-return]

    def task(self, key: str) -> str | None:
        return self._noted(_Asked("task", key), self._reader.task(key))  # type: ignore[no-any-return]

    def _noted(self, asked: _Asked, answer: Any) -> Any:
        self.asked.append(asked)
        self.answers.append(answer)
        return answer


class RenderedTexts:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._young: dict[str, _Kept] = {}
        self._old: dict[str, _Kept] = {}
        self._turned = clock()

    def html(self, text: str, reader: Reader) -> str:
        """Render for one reader, as `rendered` does."""
        if len(text) > LONGEST:
            return rendered(text, reader).html
        self._turn()
        if kept := self._young.get(text) or self._old.get(text):
            answers = tuple(getattr(reader, what)(words) for what, words in kept.asked)
            self._young[text] = kept
            if (html := kept.html.get(answers)) is not None:
                return html
        asking = _Asking(reader)
        html = rendered(text, asking).html
        if kept is None or len(kept.html) >= ANSWERS:
            kept = self._young[text] = _Kept(tuple(asking.asked))
        kept.html[tuple(asking.answers)] = html
        return html

    def _turn(self) -> None:
        """Forget what was not asked for since the turn before."""
        now = self._clock()
        if now - self._turned < TURN and len(self._young) < MOST:
            return
        self._old = self._young if now - self._turned < 2 * TURN else {}
        self._young, self._turned = {}, now


TEXTS = RenderedTexts()
