"""Connections to strangers: each to a number that was checked, and all ended when a post's time is over."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import create_connection

from outbound.numbers import Networks, numbers_of


class Limit:
    """Ends what takes too long: what is open by then, whatever it is doing, and what would be opened later."""

    def __init__(self) -> None:
        self._ends = 0.0
        self.is_over = False
        self._held: socket.socket | None = None
        self._lock = threading.Lock()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """End in so many seconds what goes on inside."""
        self._ends, self.is_over = time.monotonic() + seconds, False
        timer = threading.Timer(seconds, self.end)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()  # it may just be ending what goes on, and not what comes next

    @property
    def is_holding(self) -> bool:
        return self._held is not None

    @property
    def left(self) -> float:
        """Give the seconds that are left. Raises TimeoutError where none are."""
        left = self._ends - time.monotonic()
        if self.is_over or left <= 0:
            raise TimeoutError
        return left

    def hold(self, opened: socket.socket) -> None:
        """Be able to end it. Of a descriptor of our own: TLS takes the other away while it shakes hands, and would wait
        for the other side. Raises TimeoutError when it is too late."""
        with self._lock:
            if self.is_over:
                raise TimeoutError
            self._close()  # the one before it is not used any more
            self._held = opened.dup()

    def end(self) -> None:
        with self._lock:
            self.is_over = True
            if self._held:
                with suppress(OSError):  # it has ended by itself
                    self._held.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._held:
            self._held.close()
            self._held = None


class Adapter(HTTPAdapter):
    """Makes connections that are checked, and that can be ended."""

    def __init__(self, networks: Networks, limit: Limit) -> None:
        self._networks, self._limit = networks, limit
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        own, allowed = self._limit, self._networks

        class Plain(_Checked, HTTPConnection):
            limit, networks = own, allowed

        class Secure(_Checked, HTTPSConnection):
            limit, networks = own, allowed

        pools = {
            "http": type("Plain", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
            "https": type("Secure", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
        }
        self.poolmanager.pool_classes_by_scheme = pools


class _Checked:
    """Connects to the very number that was checked, so that no second look-up can give another. The certificate is
    still that of the name."""

    limit: Limit
    networks: Networks

    def _new_conn(self: Any) -> socket.socket:
        try:
            numbers = numbers_of(self.host, self.port, self.networks, seconds=self.limit.left)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no number in time") from error
        except (OSError, UnicodeError) as error:  # the second of a name that no host can have
            raise NewConnectionError(self, "no such host") from error
        return _first(self, numbers)


def _first(connection: Any, numbers: list[str]) -> socket.socket:
    """Try one after the other, as long as there is time."""
    failure: OSError = OSError("no number")
    for number in numbers:
        try:
            opened = create_connection(
                (number, connection.port),
                min(connection.timeout, connection.limit.left),
                socket_options=connection.socket_options,
            )
        except OSError as error:
            failure = error
        else:
            return _held(connection.limit, opened)
        if connection.limit.is_over:
            break
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, "no answer in time") from failure
    raise NewConnectionError(connection, "refused") from failure


def _held(limit: Limit, opened: socket.socket) -> socket.socket:
    try:
        limit.hold(opened)
    except TimeoutError:
        opened.close()
        raise NewConnectionError(None, "no answer in time") from None  # type: ignore[arg-type]
    return opened
