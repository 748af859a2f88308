"""Why somebody was told of an event, or was not, for programs: the rule in a sentence, and what it stands on."""

import msgspec

from events.models import TaskEvent
from inbox import why_words
from inbox.why import Answer, why
from orgs.models import User


class HeldThen(msgspec.Struct, kw_only=True):
    """What decided, as it was when the event came. `role`: null for no member; `part`: the reason why it concerned
    them, null where it did not."""

    role: str | None
    level: str
    watching: bool
    muted: bool
    part: str | None


class Why(msgspec.Struct, kw_only=True):
    """`reason`: why they had to be told by the rule; null where they had not to be. `told_with`: the event whose
    notification tells of this one, the last of its save. `agrees`: whether the inbox has what the rule gives; null
    where what held then is not known, or is not kept."""

    sentence: str
    reason: str | None
    told_with: int
    held: HeldThen
    agrees: bool | None
    verdict: str


def why_of(event: TaskEvent, user: User) -> Why:
    """Answer to the person themselves."""
    answer: Answer = why(event, user)
    held = answer.held
    return Why(
        sentence=why_words.to_reader(answer),
        reason=answer.reason,
        told_with=answer.event.pk,
        held=HeldThen(
            role=held.standing.role,
            level=held.level,
            watching=held.is_watching,
            muted=held.is_muted,
            part=held.part,
        ),
        agrees=answer.agrees,
        verdict=why_words.verdict(answer, event.about.name),
    )
