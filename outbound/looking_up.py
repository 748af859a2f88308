"""Looks up the numbers of hosts in bounded time. The system's own look-up cannot be ended: one that hangs is left
behind in its thread, and there are only so many of these."""

import socket
import threading
import time
from concurrent.futures import Future

MOST = 64  # at once: more than eight threads of webhooks, ten seconds each, leave behind in a minute

_places = threading.BoundedSemaphore(MOST)


def looked_up(host: str, port: int, seconds: float) -> list[str]:
    """Give the host's numbers, each once. Raises TimeoutError where that takes longer, else what the system raises."""
    ends = time.monotonic() + seconds
    if not _places.acquire(timeout=seconds):
        raise TimeoutError
    found: Future[list[str]] = Future()
    # One of a pool would be waited for when the process ends.
    threading.Thread(target=_look_up, args=(host, port, found), name="look-up", daemon=True).start()
    return found.result(max(0.0, ends - time.monotonic()))


def _look_up(host: str, port: int, found: Future[list[str]]) -> None:
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        found.set_result(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
    except (OSError, ValueError) as error:  # the second of a name that no host can have
        found.set_exception(error)
    finally:
        _places.release()
