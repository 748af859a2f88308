"""How a server's processes end: with the exit codes that a supervisor expects, and workers with their parent."""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
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


def stop_with_parent() -> None:
    """Where this is a worker, end it once its parent has gone, whatever it is doing: a killed parent says nothing, and
    what it leaves behind would hold connections and, under plain uvicorn, the port."""
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
