"""What somebody wants a webhook to be, checked once for pages and programs."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from base.errors import Invalid
from base.plain_text import can_be_seen, line_of
from events.subjects import known_actions
from webhooks.addresses import checked
from webhooks.formats import matrix
from webhooks.models import NAME_LIMIT, Webhook

LONGEST_TOKEN = 1_000


class Wish(NamedTuple):
    """`kinds`: actions, none for all. `token`: empty leaves the one that is kept."""

    name: str
    address: str
    format: str = Webhook.Format.STANDARD
    kinds: Sequence[str] = ()
    token: str = ""


class Refused(NamedTuple):
    field: str
    message: str


def wish_of(wish: Wish, *, has_token: bool = False) -> tuple[Wish, list[Refused]]:
    """Give it as it is kept, with what is wrong with it."""
    refused: list[Refused] = []
    name = line_of(wish.name)
    if not can_be_seen(name) or len(name) > NAME_LIMIT:
        refused.append(Refused("name", f"Give it a name of at most {NAME_LIMIT} characters."))
    if wish.format not in Webhook.Format.values:
        refused.append(Refused("format", f"Choose one of {', '.join(Webhook.Format.values)}."))
    address = wish.address
    try:
        address = checked(wish.address)
        if wish.format == Webhook.Format.MATRIX:
            matrix.check(address)
    except Invalid as error:
        refused.append(Refused("address", error.message))
    refused += _of_kinds(wish.kinds)
    refused += _of_token(wish, has_token)
    return wish._replace(name=name, address=address, kinds=sorted(set(wish.kinds))), refused


def _of_kinds(kinds: Collection[str]) -> list[Refused]:
    unknown = set(kinds) - set(known_actions())
    return [Refused("kinds", "There is no such kind of event.")] if unknown else []


def _of_token(wish: Wish, has_token: bool) -> list[Refused]:
    token = wish.token
    if token and (
        len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token
    ):
        return [Refused("token", "This is no access token.")]
    if wish.format == Webhook.Format.MATRIX and not token and not has_token:
        return [Refused("token", "A Matrix room needs the access token of an account that is in it.")]
    return []
