"""What a save is to those who are told of it: one piece of news, whatever it is made of. Pure.

Commands and whoever derives the inboxes anew both come here, so they cannot disagree.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from events.facts import Fact
from events.subjects import Participants, Recorded, Subject
from inbox.reasons import strength


class News(NamedTuple):
    """Whom it concerns, and why; and whether they are told too who follow everything."""

    participants: Participants = {}
    to_all: bool = False

    @property
    def concerns_nobody(self) -> bool:
        return not self.participants and not self.to_all

    def with_part(self, fact: Fact, participants: Participants) -> "News":
        """Add a part of the save: each is told for the strongest reason that any part gives."""
        if fact.quiet:
            return self
        if not self.participants:
            return News(participants, self.to_all or fact.to_all)
        reasons = dict(self.participants)
        for user_id, reason in participants.items():
            reasons[user_id] = min(reasons.get(user_id, reason), reason, key=strength)
        return News(reasons, self.to_all or fact.to_all)


NOTHING = News()


def news_of(
    subject: Subject, before: Any, save: Iterable[Recorded], watchers: Iterable[int]
) -> tuple[News, Any]:
    """Fold a save into its news. Returns them with the state after it; raises ValueError as `evolve` does."""
    news, state = NOTHING, before
    for event in save:
        before, state = state, subject.evolve(state, event)
        news = news.with_part(event.fact, subject.participants(event.fact, before, state, watchers))
    return news, state
