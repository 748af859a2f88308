"""What a save is to those who are told of it: one piece of news, whatever it is made of. Pure.

Commands and whoever derives the inboxes anew both come here, so they cannot disagree.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from events.facts import Fact
from events.subjects import Participants, Recorded, Subject
from inbox.reasons import BUILT_IN, ORG, WATCHING, strength
from inbox.recipients import MUTED, muted_by


class News(NamedTuple):
    """Whom it concerns, and why; whether they are told too who follow everything; and whom a watch alone would do for,
    whatever their reason."""

    participants: Participants = {}
    to_all: bool = False
    watchers: frozenset[int] = frozenset()

    @property
    def concerns_nobody(self) -> bool:
        return not self.participants and not self.to_all

    @property
    def watching(self) -> list[int]:
        """List who watches and has a stronger reason."""
        return [user_id for user_id in self.watchers if self.participants[user_id] not in (WATCHING, MUTED)]

    def with_part(self, fact: Fact, participants: Participants, watchers: Iterable[int] = ()) -> "News":
        """Add a part of the save: each is told for the strongest reason that any part gives. `watchers`: of its
        stream."""
        if fact.quiet:
            return self
        reached = self.watchers | {user_id for user_id in watchers if participants.get(user_id) in REACHED}
        if not self.participants:
            return News(participants, self.to_all or fact.to_all, reached)
        reasons = dict(self.participants)
        for user_id, reason in participants.items():
            reasons[user_id] = min(reasons.get(user_id, reason), reason, key=strength)
        return News(reasons, self.to_all or fact.to_all, reached)

    def muted_by(self, muters: Iterable[int]) -> "News":
        """Let those who muted the stream be told of nothing but what singles them out."""
        return self._replace(participants=muted_by(self.participants, muters))


NOTHING = News()

# Whoever is told for one of these and watches is told for that too. A subject's own reasons are of what watchers do not
# hear of; what singles somebody out reaches them anyway.
REACHED = frozenset(reason.code for reason in BUILT_IN if not reason.direct and reason.code != ORG)


def news_of(
    subject: Subject, before: Any, save: Iterable[Recorded], watchers: Iterable[int]
) -> tuple[News, Any]:
    """Fold a save into its news. Returns them with the state after it; raises ValueError as `evolve` does."""
    news, state = NOTHING, before
    for event in save:
        before, state = state, subject.evolve(state, event)
        participants = subject.participants(event.fact, before, state, watchers)
        news = news.with_part(event.fact, participants, watchers)
    return news, state
