"""Keeps the access record. No stranger fills the disk by it: what one address repeats within a minute is one row, and
beyond so many rows in a minute a process names no addresses any more."""

import time
from dataclasses import dataclass
from ipaddress import ip_address

from allauth.core import context
from django.http import HttpRequest

from accounts.models import ABOUT_LIMIT, AccessRecord
from base.plain_text import line_of
from base.transactions import write_transaction
from orgs.access_record import Kind
from orgs.models import User

# What somebody can cause who has not signed in.
OF_STRANGERS = frozenset({Kind.SIGN_IN_FAILED, Kind.REFUSED, Kind.FACTOR_FAILED, Kind.SIGNED_UP})
# What comes often. What a token did is told apart, which of the others is not.
REPEATED = OF_STRANGERS | {Kind.TOKEN_ACTED}
MINUTE = 60.0  # seconds
ROWS_A_MINUTE = 300  # of strangers, in each process
EXACTLY = 8  # repeats that are written one by one; then at powers of two


@dataclass
class _Repeated:
    row: int
    since: float
    times: int = 1


_repeated: dict[tuple[Kind, int | None, str | None, str], _Repeated] = {}


def note(
    kind: Kind,
    user: User | int | None = None,
    about: str = "",
    request: HttpRequest | None = None,
    by: User | None = None,
) -> None:
    """Keep that it happened to the account, from the request's address and browser; without a request, from those of
    the request that is being answered. `by`: who did it, where it was somebody else."""
    request = request or context.request
    user_id = user.pk if isinstance(user, User) else user
    happened = AccessRecord(
        kind=kind, user_id=user_id, by=by, about=line_of(about)[:ABOUT_LIMIT],
        address=_address(request), browser=_browser(request),
    )  # fmt: skip
    if kind not in REPEATED:
        with write_transaction():
            happened.save()
    else:
        _note_repeated(happened)


def keep(kind: Kind, user_id: int | None, about: str) -> None:
    """Keep what a lower layer tells `orgs.access_record`."""
    note(kind, user_id, about)


def _note_repeated(happened: AccessRecord) -> None:
    now = time.monotonic()
    _forget_past(now)
    if len(_repeated) >= ROWS_A_MINUTE and happened.kind in OF_STRANGERS:
        happened.user_id, happened.address, happened.browser, happened.about = (
            None,
            None,
            "",
            "from many addresses",
        )
    did = happened.about if happened.kind == Kind.TOKEN_ACTED else ""
    key = (Kind(happened.kind), happened.user_id, happened.address, did)
    repeated = _repeated.get(key)
    if repeated is None or not _counted_once_more(repeated, happened):
        with write_transaction():
            happened.save()
        _repeated[key] = _Repeated(happened.pk, now)


def _counted_once_more(repeated: _Repeated, happened: AccessRecord) -> bool:
    """Count it in its row. False where the row is gone."""
    repeated.times += 1
    if repeated.times > EXACTLY and repeated.times.bit_count() > 1:
        return True
    with write_transaction():
        noted = AccessRecord.objects.filter(pk=repeated.row)
        return noted.update(times=repeated.times, last_at=happened.at) > 0


def _forget_past(now: float) -> None:
    for key in [key for key, repeated in list(_repeated.items()) if now - repeated.since >= MINUTE]:
        _repeated.pop(key, None)


def _address(request: HttpRequest | None) -> str | None:
    """Find where it came from; None where that is no address: a Unix socket, a command."""
    try:
        return str(ip_address(request.META.get("REMOTE_ADDR", ""))) if request else None
    except ValueError:
        return None


def _browser(request: HttpRequest | None) -> str:
    return line_of(request.META.get("HTTP_USER_AGENT", ""))[:ABOUT_LIMIT] if request else ""
