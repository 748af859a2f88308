"""How fast this machine is just now. Neighbours on its cores and caches make the same work cost half as much processor
time again; what is measured is given at one pace."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

_SAMPLE = {"words": ["bell", "rope", "tower"] * 20, "numbers": list(range(60))}


def pace() -> float:
    """Seconds of processor time of a piece of work that is always the same."""
    return median(_work() for _ in range(5))


def _work() -> float:
    began = time.thread_time()
    for _ in range(100):
        text = json.dumps(_SAMPLE, sort_keys=True)
        found = json.loads(text)
        sorted((str(each)[::-1], each) for each in found["numbers"])
    return time.thread_time() - began


class Paces:
    """Turns what was spent into what it would have been at the pace of the beginning."""

    def __init__(self) -> None:
        self.usual = median(pace() for _ in range(5))

    @contextmanager
    def corrected(self) -> Iterator[list[float]]:
        """Give the factor, when it is over."""
        before, found = pace(), list[float]()
        yield found
        found.append(2 * self.usual / (before + pace()))
