"""Who has tried too often: what a try counts for, how long to wait, and the words. allauth counts, in Django's cache,
before any password is hashed."""

import math
import time

from allauth.account import app_settings
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from accounts.backends import accounts_called
from accounts.record import note
from base.errors import TooMany
from orgs.access_record import Kind
from orgs.names import name_key

APP = "allauth.account"
LEAST_WAIT = 10  # seconds


class TooManyTries(TooMany):
    def __init__(self, seconds: int) -> None:
        self.retry_after = seconds
        super().__init__(
            "That was tried too often, for this account or from your network. Nothing was changed. Wait "
            f"{_spoken(seconds)}, then try again."
        )


def key_of(login: str) -> str:
    """Give what tries with a name or an address count for: the account, however it is written."""
    found = accounts_called(login)
    return "account " + " ".join(str(user.pk) for user in found) if found else f"nobody {name_key(login)}"


def seconds_left(request: HttpRequest, key: str | None) -> int:
    """Say how long whatever this request or key has used up stays so."""
    waits = [
        _wait(request, action, rate, key)
        for action in app_settings.RATE_LIMITS
        for rate in ratelimit.get_rates(app=APP, action=action)
        if rate.per == "ip"
        or (rate.per == "key" and key)
        or (rate.per == "user" and request.user.is_authenticated)
    ]
    return max(LEAST_WAIT, math.ceil(max(waits, default=0.0)))


def refuse(request: HttpRequest) -> HttpResponse:
    """Refuse what allauth counted once too often (`handler429` of the addresses). Raises TooManyTries."""
    note_refused(request, request.POST.get("email", ""))
    raise TooManyTries(seconds_left(request, request.POST.get("email", "").lower() or None))


def note_refused(request: HttpRequest, login: str) -> None:
    """Record it, with the account that the name or address means."""
    note(Kind.REFUSED, next(iter(accounts_called(login)), None), "too many tries", request)


def _wait(request: HttpRequest, action: str, rate: ratelimit.Rate, key: str | None) -> float:
    name = ratelimit.get_cache_key(request, app=APP, action=action, rate=rate, key=key)
    tries = cache.get(name) or []  # the newest first
    return tries[-1] + rate.duration - time.time() if len(tries) >= rate.amount else 0.0


def _spoken(seconds: int) -> str:
    if seconds < 100:
        return f"{seconds} seconds"
    if seconds < 6000:
        return f"{math.ceil(seconds / 60)} minutes"
    return f"{math.ceil(seconds / 3600)} hours"
