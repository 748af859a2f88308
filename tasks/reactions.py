"""The reactions that a comment can be given: their names stand in the log, their signs on pages. Pure."""

from typing import NamedTuple


class Reaction(NamedTuple):
    sign: str
    label: str


REACTIONS = {
    "thumbs_up": Reaction("👍", "thumbs up"),
    "thumbs_down": Reaction("👎", "thumbs down"),
    "heart": Reaction("❤️", "heart"),
    "party": Reaction("🎉", "celebration"),
    "smile": Reaction("😄", "smile"),
    "eyes": Reaction("👀", "eyes"),
}


def sign_of(name: str) -> str:
    """Show a reaction; one of a newer release by its name."""
    return REACTIONS[name].sign if name in REACTIONS else name
