"""How much one person may change in a minute: counted in each process, for those who did something lately."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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

    def _sweep(self, now: float) -> None:
        self._times = {user: times for user, times in self._times.items() if now - times[-1] < WINDOW}
        self._swept = now


_counts = Counts()
_guard = threading.Lock()


class CommandsMiddleware:
    """Every form of somebody signed in counts; signing out is always possible."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        if request.method in READING or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        if match and match.view_name in SIGN_OUT:
            return None
        limit = settings.COMMANDS_PER_MINUTE
        with _guard:
            wait = _counts.add(request.user.pk, time.monotonic(), limit)
        if not wait:
            return None
        seconds = math.ceil(wait)
        words = (
            f"You have changed {limit} things within a minute, and nothing of this was saved. "
            f"Go back, wait {seconds} second{'' if seconds == 1 else 's'} and send it again."
        )
        return too_many(request, words, seconds)
