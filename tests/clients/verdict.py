"""Compares archives with the log. Pure."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]
OWN = {"replayed", "notification", "org"}  # what frames of one event say differently by the way they came


@dataclass(frozen=True)
class Verdict:
    """How an archive differs from the log: nothing, where all are empty."""

    kept: int
    missing: list[Any] = field(default_factory=list)
    strange: list[Any] = field(default_factory=list)
    doubled: int = 0
    unordered: int = 0
    altered: int = 0

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.strange or self.doubled or self.unordered or self.altered)

    def __str__(self) -> str:
        if self.is_equal:
            return "equal"
        return (
            f"{len(self.missing)} missing {self.missing[:5]}, {len(self.strange)} strange {self.strange[:5]}, "
            f"{self.doubled} doubled, {self.unordered} out of order, {self.altered} altered"
        )


def compare(archive: Sequence[Frame], log: Sequence[Frame], *, whole_cursors: bool) -> Verdict:
    """Say how they differ. `whole_cursors`: a frame's cursor names all organizations, so it depends on the reader."""
    without = OWN | ({"cursor"} if whole_cursors else set())
    ours, theirs = ({_place(frame): _digest(frame, without) for frame in frames} for frames in (archive, log))
    return Verdict(
        kept=len(archive),
        missing=sorted(theirs.keys() - ours.keys()),
        strange=sorted(ours.keys() - theirs.keys()),
        doubled=len(archive) - len(ours),
        unordered=_unordered(archive),
        altered=sum(ours[place] != theirs[place] for place in ours.keys() & theirs.keys()),
    )


def _place(frame: Frame) -> tuple[int, int, int]:
    return frame["org_id"], frame["position"], frame["event_id"]


def _digest(frame: Frame, without: set[str]) -> str:
    shared = {key: value for key, value in frame.items() if key not in without}
    return hashlib.sha256(json.dumps(shared, sort_keys=True).encode()).hexdigest()


def _unordered(archive: Sequence[Frame]) -> int:
    newest: dict[int, int] = {}
    steps = 0
    for frame in archive:
        steps += frame["position"] <= newest.get(frame["org_id"], 0)
        newest[frame["org_id"]] = frame["position"]
    return steps
