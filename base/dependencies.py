"""What this process depends on: who is away, since when and why. A log line when it goes and one when it is back,
however many notice; one that comes and goes is told of a few times, and then only once it stays as it is.

    MAIL = Dependency("mail server", "smtp.example.com:587", meanwhile="Mails wait.")
    MAIL.failed(error); MAIL.works()

Whoever uses it says so each time; nobody asks it anything here."""

import datetime as dt
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from base.figures import gauge

logger = logging.getLogger(__name__)

SETTLED = 10.0  # seconds after which a change counts as one, also of who comes and goes
WINDOW, MOST_LINES = 300.0, 6  # seconds, and lines within them
LONGEST = 300  # characters of a reason
_SECRET = re.compile(
    r"(://)[^/\s]*@|(\w*(?:password|passwd|pwd|api[_-]?key|token|secret)\w*)=\S+", re.IGNORECASE
)
_CONNECTING = re.compile(r"Error (-?\d+) connecting to \S+ (.*)")
_UP = gauge(
    "dependency_up", "Whether what this process depends on answered it last (1) or failed (0).", ["name"]
)

REPLICA_ALIAS = "replica"  # in DATABASES, where there is one

KNOWN: "list[Dependency]" = []  # of this process


class State(NamedTuple):
    """`is_up` is None until it was first used; then `since` says when it became so."""

    name: str
    host: str
    is_up: bool | None
    since: dt.datetime | None
    seconds: float  # since then
    reason: str  # why it is away
    meanwhile: str
    is_needed: bool


class Dependency:
    """`name` is a word or two: 'database', 'mail server'. `host` is where it stands, without secrets;
    `meanwhile` is a sentence on what goes on without it; callables are asked when it is told of. `is_needed` says that
    requests cannot be answered then."""

    def __init__(
        self,
        name: str,
        host: str | Callable[[], str] = "",
        *,
        meanwhile: str | Callable[[], str] = "",
        is_needed: bool = False,
        verbs: tuple[str, str] = ("is away", "is back"),
    ) -> None:
        self.name, self.is_needed, self.verbs = name, is_needed, verbs
        self._host, self._meanwhile = host, meanwhile
        self._lock = threading.Lock()
        self.forget()
        KNOWN.append(self)

    def forget(self) -> None:
        """Begin anew: nothing is known of it."""
        self._is_up: bool | None = None
        self._since, self._at = 0.0, dt.datetime.now(dt.UTC)
        self._reason = ""
        self._told_up, self._told_since = True, 0.0  # what the log says
        self._times = 0  # that it went since the log said so last
        self._lines: deque[float] = deque(maxlen=MOST_LINES)

    @property
    def host(self) -> str:
        return without_secrets(_said(self._host))

    @property
    def meanwhile(self) -> str:
        return _said(self._meanwhile)

    def failed(self, error: BaseException | str) -> None:
        """Hear that it did not do what it was asked for."""
        with self._lock:
            self._reason = reason_of(error)
            self._is(False)

    def works(self) -> None:
        """Hear that it did. Costs nothing while it is known to work."""
        if self._is_up and self._told_up:
            return
        with self._lock:
            self._is(True)

    def state(self) -> State:
        with self._lock:
            is_up, seconds = self._is_up, time.monotonic() - self._since
            known = is_up is not None
            return State(
                *(self.name, self.host, is_up, self._at if known else None, seconds if known else 0.0),
                *("" if is_up else self._reason, self.meanwhile, self.is_needed),
            )

    def _is(self, up: bool) -> None:
        now = time.monotonic()
        if up is not self._is_up:
            self._times += not up
            self._is_up, self._since, self._at = up, now, dt.datetime.now(dt.UTC)
            _show(self.name)
        if up is not self._told_up and (self._has_room(now) or now - self._since >= SETTLED):
            self._tell(up, now)

    def _has_room(self, now: float) -> bool:
        return len(self._lines) < MOST_LINES or now - self._lines[0] > WINDOW

    def _tell(self, up: bool, now: float) -> None:
        level = logging.ERROR if self.is_needed else logging.WARNING
        name = " at ".join(filter(None, (self.name[:1].upper() + self.name[1:], self.host)))
        if up:
            often = f", and went {self._times} times meanwhile" if self._times > 1 else ""
            logger.log(
                level, "%s %s after %s%s.", name, self.verbs[1], duration(now - self._told_since), often
            )
        else:
            logger.log(level, "%s %s: %s. %s", name, self.verbs[0], self._reason, self.meanwhile)
        self._times = 0 if up else 1
        self._told_up, self._told_since = up, self._since
        self._lines.append(now)


def states() -> list[State]:
    """List all that are known to this process."""
    return [each.state() for each in list(KNOWN)]


def reason_of(error: BaseException | str) -> str:
    """Give the error's words in one line; its kind where it has none. Whatever looks like a secret is left out."""
    words = error if isinstance(error, str) else _words(error)
    lines = [line.strip() for line in words.splitlines() if not line.endswith("?")]  # libpq's own questions
    return without_secrets(" ".join(filter(None, lines)))[:LONGEST].rstrip(". ")


def _words(error: BaseException) -> str:
    of_the_system = isinstance(error, OSError) and error.strerror
    return _plain(of_the_system or str(error) or type(error).__name__)


def _plain(words: str) -> str:
    """Say `Connection refused` for what redis-py makes of that, which says once more where it stands."""
    found = _CONNECTING.fullmatch(words)
    if not found:
        return words
    number = int(found[1])
    return os.strerror(number) if number > 0 else found[2]


def without_secrets(text: str) -> str:
    return _SECRET.sub(lambda found: f"{found[1]}…@" if found[1] else f"{found[2]}=…", text)


def duration(seconds: float) -> str:
    """Say how long: `0.4 s`, `40 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, left = divmod(round(seconds), 60)
    if not minutes:
        return f"{left} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {left} s"


def _database_host(alias: str = "default") -> str:
    of = settings.DATABASES[alias]
    if of["ENGINE"].endswith("sqlite3"):
        return str(of["NAME"])
    hosts, ports = (str(of.get(each) or "").split(",") for each in ("HOST", "PORT"))
    if len(ports) < len(hosts):
        ports = ports[:1] * len(hosts)
    return ", ".join(
        f"{host or 'this machine'}:{port or 5432}" for host, port in zip(hosts, ports, strict=False)
    )


def _replica_host() -> str:
    return _database_host(REPLICA_ALIAS) if REPLICA_ALIAS in settings.DATABASES else ""


def _redis_host() -> str:
    """Name it as REDIS_URL does, without what stands before the @ and after the host."""
    parts = urlsplit(settings.REDIS_URL)
    return parts.netloc.rpartition("@")[2] or parts.path


def _later() -> str:
    return f"Pages and sockets go on, up to {settings.POLL_SECONDS:g} s late."


def _said(text: str | Callable[[], str]) -> str:
    return text if isinstance(text, str) else text()


def _show(name: str) -> None:
    of_name = [each for each in KNOWN if each.name == name]
    _UP.labels(name).set(all(each._is_up is not False for each in of_name))


DATABASE = Dependency("database", _database_host, meanwhile="Pages answer 503, sockets wait.", is_needed=True)
WRITING = Dependency(
    "writing to the database",
    _database_host,
    meanwhile="Pages can be read; what is sent is not saved.",
    is_needed=True,
    verbs=("fails", "works again"),
)
REPLICA = Dependency(
    "replica", _replica_host, meanwhile="Reads go to the primary.", verbs=("is left alone", "is asked again")
)
REDIS = Dependency("redis", _redis_host, meanwhile=_later)
CHANNEL_LAYER = Dependency("channel layer", _database_host, meanwhile=_later)  # where there is no Redis


def layer() -> Dependency:
    """Give what hints go through."""
    return REDIS if settings.REDIS_URL else CHANNEL_LAYER
