"""How much one person may change in a minute, and how often their programs may ask: counted in each process, for those
who did something lately."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from base.answers import is_for_programs
from config.errors import too_many

WINDOW = 60.0  # seconds
READING = ("GET", "HEAD", "OPTIONS", "TRACE")
SIGN_OUT = ("logout", "admin:logout")


class Counts:
    """When each user's newest commands came. Pure: the caller brings the clock and the limit."""

    def __init__(self) -> None:
        self._times: dict[int, deque[float]] = {}
        self._swept = 0.0

    def add(self, user_id: int, now: float, limit: int) -> float:
        """Count one more, unless there are too many: then give the seconds until the next is allowed."""
        if now - self._swept > WINDOW:
            self._sweep(now)
        times = self._times.setdefault(user_id, deque())
        while times and now - times[0] >= WINDOW:
            times.popleft()
        if len(times) >= limit:
            return times[0] + WINDOW - now
        times.append(now)
        return 0.0

    def standing(self, user_id: int, now: float, limit: int) -> tuple[int, int]:
        """Say how many are left, and in how many seconds the oldest counts no more."""
        times = self._times.get(user_id) or deque([now])
        return max(0, limit - len(times)), math.ceil(times[0] + WINDOW - now)

    def _sweep(self, now: float) -> None:
        self._times = {user: times for user, times in self._times.items() if now - times[-1] < WINDOW}
        self._swept = now


_counts = Counts()
_reads = Counts()
_guard = threading.Lock()


class Limit(NamedTuple):
    """What is counted, by the name that RateLimit gives it."""

    name: str
    counts: Counts
    most: int
    words: str


class CommandsMiddleware:
    """Every form of somebody signed in counts, and whatever programs ask; signing out is always possible. Programs are
    told how much is left (draft-ietf-httpapi-ratelimit-headers)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (limit := getattr(request, "limit", None)) and is_for_programs(request.path_info):
            left, seconds = limit.counts.standing(request.user.pk, time.monotonic(), limit.most)
            response["RateLimit-Policy"] = f'"{limit.name}";q={limit.most};w={WINDOW:.0f}'
            response["RateLimit"] = f'"{limit.name}";r={left};t={seconds}'
        return response

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        limit = _limit_of(request)
        if limit is None or not request.user.is_authenticated:
            return None
        request.limit = limit  # type: ignore[attr-defined]
        with _guard:
            wait = limit.counts.add(request.user.pk, time.monotonic(), limit.most)
        if not wait:
            return None
        seconds = math.ceil(wait)
        again = f"{seconds} second{'' if seconds == 1 else 's'}"
        return too_many(request, limit.words.format(most=limit.most, again=again), seconds)


def _limit_of(request: HttpRequest) -> Limit | None:
    """Find what the request counts for, if anything."""
    match = request.resolver_match
    if request.method in READING:
        is_asked = match is not None and match.namespace == FIRST_VERSION
        return Limit("reads", _reads, settings.READS_PER_MINUTE, ASKED) if is_asked else None
    if match and match.view_name in SIGN_OUT:
        return None
    return Limit("commands", _counts, settings.COMMANDS_PER_MINUTE, CHANGED)


FIRST_VERSION = "v1"
CHANGED = (
    "You have changed {most} things within a minute, and nothing of this was saved. "
    "Go back, wait {again} and send it again."
)
ASKED = "You have asked {most} times within a minute. Wait {again} and ask again."
