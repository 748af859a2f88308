"""The numbers that hosts' names lead to, and which of them are sent to. The system's own look-up cannot be ended: one
that hangs is left behind in its thread, and there are only so many of these."""

import ipaddress
import socket
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future

from django.conf import settings

MOST = 64  # look-ups at once: more than eight threads of webhooks, ten seconds each, leave behind in a minute

PUBLIC_V6 = ipaddress.ip_network(
    "2000::/3"
)  # all that is given out; the rest leads into networks of somebody's own
# Networks that lead on to others, where what stands behind an address is not known from it, and one for examples.
NOT_SENT_TO = [ipaddress.ip_network(net) for net in ("2002::/16", "192.88.99.0/24", "3fff::/20")]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

_places = threading.BoundedSemaphore(MOST)


class NotSentTo(Exception):
    """Nothing is sent to such an address."""


def numbers_of(host: str, port: int, networks: Networks = (), *, seconds: float) -> list[str]:
    """Look the host's numbers up. Raises NotSentTo where one of them is not to be sent to, TimeoutError and OSError."""
    numbers = _looked_up(host, port, seconds)
    if not all(is_allowed(ipaddress.ip_address(number.partition("%")[0]), networks) for number in numbers):
        raise NotSentTo("This address does not lead into the public network.")
    return numbers


def is_allowed(address: Address, networks: Networks = ()) -> bool:
    """Say whether it may be sent to. `networks` hold what they name, however an address of theirs is written."""
    inner = getattr(address, "ipv4_mapped", None) or address
    if any(inner in network for network in networks):
        return True
    return is_public(address) or (address.is_loopback and settings.OUTBOUND_LOOPBACK)


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


def _looked_up(host: str, port: int, seconds: float) -> list[str]:
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
