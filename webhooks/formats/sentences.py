"""A message as a line that people read: what happened, and what it links to."""

from typing import NamedTuple

from webhooks.messages import Outgoing


class Line(NamedTuple):
    """`about` is what it happened to, with its address; both empty where there is no page."""

    about: str
    address: str
    text: str


def line_of(outgoing: Outgoing, home: str) -> Line:
    if frame := outgoing.frame:
        return Line(f"{frame.key} {frame.subject}", f"{home}{frame.page}", frame.sentence)
    if outgoing.message.type == "test":
        return Line("", "", "This is a test of Carillon’s webhook. Nothing has happened.")
    return Line("", "", "Some events are left out here: this webhook goes on from another place of the log.")
