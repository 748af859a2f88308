"""What a check says, and how all of them are run: one that fails stops no other. Pure."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

State = Literal["ok", "note", "bad"]


class Verdict(NamedTuple):
    """`note`: it works, and whoever runs it may want to know. `bad`: something does not work or is not safe."""

    state: State
    part: str
    sentence: str


Said = Iterable[tuple[State, str]]
Check = Callable[[], Said]


def run(checks: Iterable[tuple[str, Check]], words_of: Callable[[Exception], str]) -> Iterator[Verdict]:
    """Run the checks in their order and give what each says; `words_of` puts an error in words. What stands in the way
    of several is said once."""
    errors = set[str]()
    for part, check in checks:
        try:
            for state, sentence in check():
                yield Verdict(state, part, sentence)
                errors |= {sentence} if state == "bad" else set()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are looked at
            words = words_of(error)
            if words not in errors:
                yield Verdict("bad", part, words)
            errors.add(words)


def is_well(verdicts: Iterable[Verdict]) -> bool:
    return all(each.state != "bad" for each in verdicts)
