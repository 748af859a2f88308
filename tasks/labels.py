"""Labels: short words by which tasks are found. What may be one, how it is written, and its colour. Pure."""

from collections.abc import Iterable

from base.plain_text import can_be_seen, line_of
from tasks.refusals import of_field

MOST = 10  # on one task
LONGEST = 30  # characters
TINTS = 4  # colours (static/css/carillon/label.css)


def labels_in(text: str) -> list[str]:
    """Split what was typed, `Security, mail`, as it stands there."""
    return [label for label in text.split(",") if label.strip()]


def labels_of(wanted: Iterable[str]) -> list[str]:
    """Write labels as tasks have them: in small letters, each once, in order. Raises Invalid."""
    labels = sorted({line_of(label).lower() for label in wanted})
    for label in labels:
        if not can_be_seen(label):
            raise of_field("labels", "A label needs letters that people can see.")
        if len(label) > LONGEST:
            raise of_field(
                "labels",
                f"The label “{label[:LONGEST]}…” has {len(label)} characters; {LONGEST} is the limit.",
            )
        if "," in label:
            raise of_field("labels", "A label cannot contain a comma: commas separate labels.")
    if len(labels) > MOST:
        raise of_field(
            "labels", f"That is {len(labels)} labels; a task can have {MOST} at most. Leave some out."
        )
    return labels


def tint(label: str) -> int:
    """Choose the colour, the same everywhere; the scripts do likewise (parts/labels.js)."""
    return sum(map(ord, label)) % TINTS
