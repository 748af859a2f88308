"""The links of the chain at one event, recomputed now: does it follow, does the next one, is its text proved?"""

from typing import NamedTuple

from events.archive.receipts import archived_upto
from events.digests import GENESIS, digest
from events.erasure import Erasures
from events.models import ArchiveJoint, LogHead, TaskEvent
from events.origins import origins_of
from events.texts import TextState, text_state


class Link(NamedTuple):
    """One thing that was looked at. `event`: the other event, where there is one to go and look at."""

    holds: bool
    says: str
    event: TaskEvent | None = None


TEXTS = {
    TextState.PROVED: Link(True, "The text beside it matches the digest in its details."),
    TextState.ERASED: Link(
        True, "Its text was erased, as its author asked. The digest in its details stays."
    ),
    TextState.REDACTED: Link(
        True,
        "Somebody whom its text named was erased: it matches the digest in their erasure, without the name.",
    ),
    TextState.ALTERED: Link(False, "The text beside it is not the one that was written: its digest differs."),
    TextState.MISSING: Link(False, "Its text is missing, and no erasure names it."),
}


def links_of(event: TaskEvent) -> list[Link]:
    places = [event.position - 1, event.position + 1]
    near = TaskEvent.objects.filter(organization=event.organization_id, position__in=places)
    around = {other.position - event.position: other for other in near}
    links = [_before(event, around.get(-1)), _after(event, around.get(1))]
    return links + [TEXTS[state] for state in [_text(event)] if state in TEXTS]


def _before(event: TaskEvent, previous: TaskEvent | None) -> Link:
    if previous is None and event.position != 1:
        joint = ArchiveJoint.objects.filter(
            organization=event.organization_id, position=event.position - 1
        ).first()
        if joint is not None and _computed(joint.digest, event) == event.digest:
            return Link(True, "Its digest follows on the one before, which is in the archive.")
        return Link(
            False, f"Position {event.position - 1} is missing: what its digest follows on is unknown."
        )
    computed = _computed(previous.digest if previous else GENESIS, event)
    if computed == event.digest:
        return Link(True, "Its digest follows on the one before.", previous)
    place = f"the event at position {previous.position}" if previous else "the start of the log"
    return Link(
        False,
        f"Its digest does not follow on the one before. From what stands here and from {place} it would be "
        f"{computed}: this event or one before it was changed.",
        previous,
    )


def _after(event: TaskEvent, following: TaskEvent | None) -> Link:
    if following is None:
        return _at_the_head(event)
    if _computed(event.digest, following) == following.digest:
        return Link(True, "The next one's digest follows on it.", following)
    return Link(
        False,
        f"The digest at position {following.position} does not follow on it: one of the two was changed.",
        following,
    )


def _computed(previous: str, event: TaskEvent) -> str:
    """Compute its digest. How it was written elsewhere is asked only where it was not written as it stands here."""
    computed = digest(previous, event)
    if computed == event.digest:
        return computed
    return digest(previous, origins_of(event.organization_id).as_written(event))


def _at_the_head(event: TaskEvent) -> Link:
    head = LogHead.objects.filter(pk=event.organization_id).first()
    if head is not None and archived_upto(event.organization_id) > event.position:
        return Link(True, "The next one is in the archive.")
    if head is not None and head.position > event.position:
        return Link(False, f"Position {event.position + 1} is missing, but the log ends at {head.position}.")
    if head is not None and (head.position, head.digest) == (event.position, event.digest):
        return Link(True, "It is the newest event, and the log's head holds its digest.")
    return Link(False, "It lies beyond the log's head, or the head holds another digest.")


def _text(event: TaskEvent) -> TextState:
    text = (event.text.nonce, event.text.body) if hasattr(event, "text") else None
    if text_state(event.action, event.details, text) == TextState.NONE:
        return TextState.NONE
    erasures = Erasures.of(event.organization_id, event.stream_id)
    return text_state(event.action, event.details, text, erasures.taken(event.version, event.actor_id))
