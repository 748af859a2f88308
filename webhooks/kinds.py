"""Kinds of events in the words of people, by what they are about. Pure."""

from collections.abc import Collection

from events.subjects import SUBJECTS
from events.telling import action_label

Groups = list[tuple[str, list[tuple[str, str]]]]  # what they are about, and each action with its words


def groups() -> Groups:
    """Give all that there are."""
    return [
        (name.capitalize(), [(fact.action, action_label(fact.action)) for fact in subject.facts])
        for name, subject in SUBJECTS.items()
    ]


def groups_of(kinds: Collection[str]) -> Groups:
    """Give these, without what none of them is about."""
    chosen = [(about, [kind for kind in of_it if kind[0] in kinds]) for about, of_it in groups()]
    return [(about, of_it) for about, of_it in chosen if of_it]
