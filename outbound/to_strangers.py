"""Posts to addresses that somebody gave us, such as a browser's push service: by https alone, never into a network that
is not public (or that the caller names), without redirects, and bounded in time and in what is read of the answer."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError
from urllib3.util.connection import create_connection

from outbound.looking_up import looked_up

CONNECT = 5.0  # seconds for one address
PAUSE = 10.0  # seconds between two pieces of an answer
WHOLE = 10.0  # seconds for all of it
READ = 4096  # bytes of an answer
LONGEST = 1000  # characters of an address
MARK = "Carillon-Outbound"  # a header of each post, by which our own servers know and refuse it (config/own_posts.py)

PUBLIC_V6 = ipaddress.ip_network(
    "2000::/3"
)  # all that is given out; the rest leads into networks of somebody's own
# Networks that lead on to others, where what stands behind an address is not known from it, and one for examples.
NOT_SENT_TO = [ipaddress.ip_network(net) for net in ("2002::/16", "192.88.99.0/24", "3fff::/20")]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


class NotSentTo(Exception):
    """Nothing is sent to such an address."""


class Unreachable(Exception):
    """Nobody answered, or not in time."""


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


def check_address(address: str) -> None:
    """Check what can be seen without asking for the host's number. Raises NotSentTo."""
    try:
        parts = urlsplit(address)
        is_well_formed = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise NotSentTo("This is no address.") from None
    if not is_well_formed or len(address) > LONGEST or not address.isascii() or not address.isprintable():
        raise NotSentTo("This is no address.")
    if " " in address or "\\" in address or parts.username is not None or parts.fragment:
        raise NotSentTo("This is no address.")
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.OUTBOUND_LOOPBACK):
        raise NotSentTo("Only https is sent to.")


def is_public(address: Address) -> bool:
    """Say whether it is of the public network, whichever way it is written."""
    inner = getattr(address, "ipv4_mapped", None) or address
    is_given_out = inner.version == 4 or inner in PUBLIC_V6
    return (
        is_given_out
        and inner.is_global
        and not inner.is_multicast
        and not any(inner in net for net in NOT_SENT_TO)
    )


def post(
    address: str,
    body: bytes,
    headers: Mapping[str, str],
    whole: float = WHOLE,
    *,
    method: str = "POST",
    networks: Networks = (),
) -> Answer:
    """Post it there. Raises NotSentTo and Unreachable; any answer is one. `networks`: which are sent to though they are
    not public."""
    with Posting(networks) as posting:
        return posting.post(address, body, headers, whole, method=method)


class Posting:
    """Posts one after the other, from one thread. While all goes well a connection is kept for the next, to the number
    that was checked when it was made."""

    def __init__(self, networks: Networks = ()) -> None:
        self._limit = _Limit()
        self._session = _Session(_Adapter(networks, self._limit))

    def post(
        self,
        address: str,
        body: bytes,
        headers: Mapping[str, str],
        whole: float = WHOLE,
        *,
        method: str = "POST",
    ) -> Answer:
        """Post it there. Raises NotSentTo and Unreachable; any answer is one."""
        check_address(address)
        is_kept = self._limit.is_holding
        with self._limit.within(whole):
            try:
                answer = _posted(self._session, method, address, body, headers)
            except Unreachable:
                self.close()
                if not is_kept or self._limit.is_over:
                    raise
                answer = _posted(
                    self._session, method, address, body, headers
                )  # it may have been closed meanwhile
        if self._limit.is_over:  # what came until then may look like an answer
            self.close()
            raise Unreachable(f"{urlsplit(address).hostname} took too long.")
        return answer

    def close(self) -> None:
        self._session.close()
        self._limit.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _posted(
    session: requests.Session, method: str, address: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    try:
        with session.request(
            method,
            address,
            data=body,
            headers={"Accept-Encoding": "identity", **headers, MARK: "1"},
            timeout=(CONNECT, PAUSE),
            allow_redirects=False,
            stream=True,
        ) as response:
            return Answer(
                response.status_code, response.headers, response.raw.read(READ, decode_content=False)
            )
    except (requests.RequestException, HTTPError, OSError) as error:
        raise Unreachable(
            f"{urlsplit(address).hostname} cannot be reached ({type(error).__name__})."
        ) from None


class _Session(requests.Session):
    """Looks for no other address in an answer: it would read all of one that names some. Brings nobody's cookies
    back."""

    def __init__(self, adapter: HTTPAdapter) -> None:
        super().__init__()
        self.trust_env = False  # a proxy would ask for the host's number again, and .netrc holds passwords
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


class _Limit:
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


class _Adapter(HTTPAdapter):
    """Makes connections that are checked, and that can be ended."""

    def __init__(self, networks: Networks, limit: _Limit) -> None:
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

    limit: _Limit
    networks: Networks

    def _new_conn(self: Any) -> socket.socket:
        try:
            numbers = numbers_of(self.host, self.port, self.networks, self.limit.left)
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


def _held(limit: _Limit, opened: socket.socket) -> socket.socket:
    try:
        limit.hold(opened)
    except TimeoutError:
        opened.close()
        raise NewConnectionError(None, "no answer in time") from None  # type: ignore[arg-type]
    return opened


def numbers_of(host: str, port: int, networks: Networks = (), seconds: float = WHOLE) -> list[str]:
    """Look the host's numbers up. Raises NotSentTo where one of them is not to be sent to, TimeoutError and OSError."""
    numbers = looked_up(host, port, seconds)
    if not all(is_allowed(ipaddress.ip_address(number.partition("%")[0]), networks) for number in numbers):
        raise NotSentTo("This address does not lead into the public network.")
    return numbers


def is_allowed(address: Address, networks: Networks = ()) -> bool:
    """Say whether it may be sent to. `networks` hold what they name, however an address of theirs is written."""
    inner = getattr(address, "ipv4_mapped", None) or address
    if any(inner in network for network in networks):
        return True
    return is_public(address) or (address.is_loopback and settings.OUTBOUND_LOOPBACK)
