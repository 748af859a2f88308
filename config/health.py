"""`/healthz`: 200 while this process can answer from its database, 503 while it cannot."""

import threading
import time
from concurrent.futures import Future

from django.db import DatabaseError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from base.database_troubles import tell

KEPT = 1.0  # seconds that an answer holds, whoever asks
LIMIT = 3.0  # seconds without an answer: the database is away
STUCK = 10.0  # seconds after which a look is given up, and another made
OWN = {"connect_timeout": 2, "tcp_user_timeout": 2_000, "pool": None}


class Probe:
    """Its own way to the database, beside the pool: it tells of the database and not of who waits for it. One look at a
    time, in a thread of its own."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._look: Future[None] | None = None
        self._began = 0.0

    def ask(self) -> None:
        """Ask the database something. Raises a DatabaseError while it does not answer."""
        with self._guard:
            look, age = self._look, time.monotonic() - self._began
            if look is None or age > (KEPT if look.done() else STUCK):
                look, age = self._start(), 0.0
        try:
            look.result(max(0.0, LIMIT - age))
        except TimeoutError as error:
            away = OperationalError(f"no answer within {LIMIT:g} s")
            tell(away)
            raise away from error

    def _start(self) -> Future[None]:
        self._look, self._began = Future(), time.monotonic()
        threading.Thread(target=_answer, args=[self._look], name="health", daemon=True).start()
        return self._look


def _answer(look: Future[None]) -> None:
    try:
        _look()
        look.set_result(None)
    except Exception as error:  # noqa: BLE001 - raised again for whoever asked
        tell(error)
        look.set_exception(error)


def _look() -> None:
    own = connection.copy()
    if own.vendor == "postgresql":
        own.settings_dict["OPTIONS"] |= OWN
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        own.close()


_probe = Probe()


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    _probe.ask()  # a database that is away raises, and ErrorMiddleware answers 503
    return JsonResponse({"status": "ok"})


def answers() -> bool:
    """Say whether the database can be asked, however many wait for a connection to it."""
    try:
        _probe.ask()
    except DatabaseError:
        return False
    return True
