"""Addresses that webhooks may post to: what can be seen of one before anything is sent. What its name leads to is
checked when it is connected to (`outbound/bounded_connections.py`)."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.http.request import validate_host

from base.errors import Invalid
from outbound.numbers import Address, NotSentTo, is_allowed
from outbound.to_strangers import LONGEST, check_address

PLAIN_PORTS = (80, 443)
FIRST_FREE_PORT = 1024  # below it other services listen, which a request must not reach


def checked(text: str) -> str:
    """Give the address as it is kept, its host in ASCII. Raises Invalid in words that say what to change."""
    text = text.strip()
    if len(text) > LONGEST:
        raise Invalid(f"An address has at most {LONGEST:,} characters. This one has {len(text):,}.")
    parts = _parts(text)
    _require_plain(parts)
    _require_reachable(parts)
    address = parts._replace(netloc=_netloc(parts)).geturl()
    try:
        check_address(address)
    except NotSentTo:
        raise Invalid(
            "Write it as a browser shows it, with anything but letters, digits and -._~:/?&=!@$,;+ as %20."
        ) from None
    return address


def origin_of(address: str) -> str:
    """Give scheme and host, without what may be secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def require_not_ours(address: str) -> None:
    """Raise NotSentTo where it leads to this very installation, which may have got another address since."""
    if is_ours(address):
        raise NotSentTo("This is an address of this installation itself.")


def is_ours(address: str) -> bool:
    """Say whether it leads to this very installation."""
    parts, own = urlsplit(address), urlsplit(settings.SITE_URL)
    host = (parts.hostname or "").rstrip(".")
    if settings.OUTBOUND_LOOPBACK and _is_this_machine(host):
        return (host, parts.port) == (own.hostname, own.port)
    allowed = [each.strip("[]") for each in settings.ALLOWED_HOSTS if each != "*"]
    return host == own.hostname or bool(allowed and validate_host(host, allowed))


def _parts(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        if parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise Invalid("This is no address. One begins with https:// and a host: https://example.com/hook.")


def _require_plain(parts: SplitResult) -> None:
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.OUTBOUND_LOOPBACK):
        raise Invalid(
            "Webhooks are posted by https alone. Write https:// in place of what stands before the host."
        )
    if parts.username is not None or parts.password is not None:
        raise Invalid(
            "Leave out the name and the password before the @. Deliveries are signed, so that a receiver knows us."
        )
    if parts.fragment:
        raise Invalid("Leave out the # and what follows: no server sees that.")
    if (parts.port or 443) not in PLAIN_PORTS and (parts.port or 443) < FIRST_FREE_PORT:
        raise Invalid(f"Port {parts.port} is for other services. Use 443, or one from {FIRST_FREE_PORT}.")


def _require_reachable(parts: SplitResult) -> None:
    number = _number(parts.hostname or "")
    if number is not None and not is_allowed(number, settings.WEBHOOK_NETWORKS):
        raise Invalid("This address leads into a network that is not public, and nothing is sent there.")
    if number is None and not settings.OUTBOUND_LOOPBACK and "." not in (parts.hostname or "").strip("."):
        raise Invalid("Write the host in full, with its domain: https://example.com/hook.")
    if is_ours(parts._replace(netloc=_netloc(parts)).geturl()):
        raise Invalid("This is an address of this installation itself. A webhook posts to another server.")


def _netloc(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if isinstance(_number(host), Address) and ":" in host:
        host = f"[{host}]"
    else:
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            raise Invalid("This host name cannot be. Write it as it stands in a browser.") from None
    return f"{host}:{parts.port}" if parts.port else host


def _number(host: str) -> Address | None:
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _is_this_machine(host: str) -> bool:
    number = _number(host)
    return host == "localhost" or (number is not None and number.is_loopback)
