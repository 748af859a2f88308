"""How a server's processes end: with the exit codes that a supervisor expects, and workers with their parent."""

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from uvicorn.config import STARTUP_FAILURE

GRACE = 10.0  # seconds that a worker has for its end once its parent is gone

logger = logging.getLogger(__name__)


def stops_well() -> None:
    """Have SIGTERM end this process with 0, at any moment: uvicorn hears it meanwhile, and raises it again when it has
    stopped."""
    signal.signal(signal.SIGTERM, _stop)


@contextmanager
def ends_well() -> Iterator[None]:
    """Wrap what serves: an interruption from the keyboard is no failure. Raises CommandError where it did not start."""
    try:
        yield
    except KeyboardInterrupt:  # uvicorn raises it again once it has stopped
        pass
    except SystemExit as error:
        if error.code != STARTUP_FAILURE:
            raise
        raise CommandError("The server could not start. The lines above say why.") from None


def when_asked_to_stop(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """Have it done on the event loop as soon as a signal asks the server to stop, which waits for answers under way."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _also(loop, act, signal.getsignal(number)))


def _also(loop: asyncio.AbstractEventLoop, act: Callable[[], None], usual: Any) -> Any:
    def heard(number: int, frame: Any) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(act)
        if callable(usual):
            usual(number, frame)

    return heard


def stop_with_parent() -> None:
    """End this process, where it is a worker, once its parent has gone, whatever it is doing: a killed parent says
    nothing, and what it leaves behind would hold connections and, under plain uvicorn, the port."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_outlive, args=[parent], name="parent", daemon=True).start()


def _outlive(parent: Any) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    logger.error("This worker did not end within %g s of its parent, so it is cut off", GRACE)
    os._exit(1)


def _stop(*_: Any) -> None:
    sys.exit(0)
