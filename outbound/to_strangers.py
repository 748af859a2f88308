"""Posts to addresses that somebody gave us, such as a browser's push service: by https alone, never into a network that
is not public (or that the caller names), without redirects, and bounded in time and in what is read of the answer."""

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import NamedTuple, Self
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from outbound.bounded_connections import Adapter, Limit
from outbound.numbers import Networks, NotSentTo

CONNECT = 5.0  # seconds for one address
PAUSE = 10.0  # seconds between two pieces of an answer
WHOLE = 10.0  # seconds for all of it
READ = 4096  # bytes of an answer
LONGEST = 1000  # characters of an address
MARK = "Carillon-Outbound"  # a header of each post, by which our own servers know and refuse it (config/own_posts.py)


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
        self._limit = Limit()
        self._session = _Session(Adapter(networks, self._limit))

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
                # The receiver may have closed it meanwhile.
                answer = _posted(self._session, method, address, body, headers)
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
