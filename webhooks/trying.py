"""One try: what is posted to a webhook's address, and what its receiver said."""

import datetime as dt
import time
from collections.abc import Mapping
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from base.sealing import unseal
from outbound.numbers import NotSentTo
from outbound.to_strangers import Posting, Unreachable
from webhooks.addresses import require_not_ours
from webhooks.formats import Format, With, matrix, slack, standard
from webhooks.messages import Outgoing
from webhooks.models import Webhook
from webhooks.retrying import clock_words, seconds_asked
from webhooks.secrets_kept import keys_of

WHOLE = 10.0  # seconds that a receiver has for all of it
SHOWN = 500  # bytes of an answer that are kept

FORMATS: Mapping[str, Format] = {
    Webhook.Format.STANDARD: standard.request,
    Webhook.Format.SLACK: slack.request,
    Webhook.Format.MATRIX: matrix.request,
}


class Tried(NamedTuple):
    """`status` is None where there was no answer; `asked`: the seconds that the receiver wants us to wait."""

    status: int | None
    error: str
    answer: str
    milliseconds: int
    asked: float | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


FAILED_HERE = Tried(None, "This server could not make it. Its log says why.", "", 0)


def try_once(webhook: Webhook, outgoing: Outgoing, posting: Posting) -> Tried:
    """Post it. Raises base.sealing.Unreadable where the secret or the token cannot be read."""
    began = time.monotonic()
    token = unseal(webhook.token).decode() if webhook.token else ""
    given = With(webhook, keys_of(webhook), token, int(time.time()), _home(webhook))
    request = FORMATS[webhook.format](outgoing, given)
    headers = {"User-Agent": "Carillon-Webhook/1", **request.headers}
    try:
        require_not_ours(webhook.address)
        answer = posting.post(request.address, request.body, headers, WHOLE, method=request.method)
    except (NotSentTo, Unreachable) as error:
        return Tried(None, str(error), "", _milliseconds(began))
    wrong, asked = _judged(answer.status, answer.headers, timezone.now())
    shown = answer.body[:SHOWN].decode(errors="replace").replace("\0", "\ufffd")
    return Tried(answer.status, wrong, shown, _milliseconds(began), asked)


def _judged(status: int, headers: Mapping[str, str], now: dt.datetime) -> tuple[str, float | None]:
    """Say what is wrong with an answer, and for how long the receiver asks us to wait."""
    if 200 <= status < 300:
        return "", None
    said = f"Answered {status}"
    if 300 <= status < 400:
        said += ": no redirect is followed. Write the address that it leads to"
    clock = clock_words(headers.get("Date", ""), now)
    said = f"{said}; {clock}, and it may refuse what seems too old or of the future" if clock else said
    return f"{said}.", seconds_asked(headers.get("Retry-After", ""), now)


def _home(webhook: Webhook) -> str:
    return f"{settings.SITE_URL}{settings.PATH_PREFIX}/orgs/{webhook.organization.slug}/"


def _milliseconds(began: float) -> int:
    return round(1000 * (time.monotonic() - began))
