"""What somebody wants a webhook to be, checked once for pages and programs."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from base.errors import Fault, Invalid, Unprocessable
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


def checked_wish(wish: Wish, *, has_token: bool = False) -> Wish:
    """Give it as it is kept. Raises Unprocessable with all that is wrong with it."""
    wish = wish._replace(name=line_of(wish.name), kinds=sorted(set(wish.kinds)))
    faults = [*_of_name(wish), *_of_kinds(wish), *_of_token(wish, has_token)]
    try:
        wish = wish._replace(address=checked(wish.address))
        if wish.format == Webhook.Format.MATRIX:
            matrix.check(wish.address)
    except Invalid as error:
        faults.insert(0, Fault("body.address", error.message))
    if faults:
        raise Unprocessable(faults[0].detail, faults)
    return wish


def _of_name(wish: Wish) -> Iterator[Fault]:
    if not can_be_seen(wish.name) or len(wish.name) > NAME_LIMIT:
        yield Fault("body.name", f"Give it a name of at most {NAME_LIMIT} characters.")
    if wish.format not in Webhook.Format.values:
        yield Fault("body.format", f"Choose one of {', '.join(Webhook.Format.values)}.")


def _of_kinds(wish: Wish) -> Iterator[Fault]:
    if unknown := set(wish.kinds) - set(known_actions()):
        yield Fault("body.kinds", f"There is no kind of event called {min(unknown)[:40]}.")


def _of_token(wish: Wish, has_token: bool) -> Iterator[Fault]:
    token = wish.token
    if token and (
        len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token
    ):
        yield Fault("body.token", "This is no access token.")
    if wish.format == Webhook.Format.MATRIX and not (token or has_token):
        yield Fault("body.token", "A Matrix room needs the access token of an account that is in it.")
