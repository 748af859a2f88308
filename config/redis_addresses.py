"""What the address of a Redis looks like, alone or behind Sentinels, and what redis-py is told of it."""

import re
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

HOW_TO_WRITE_A_REDIS = (
    "write redis://host:6379/0, rediss://host:6379/0, unix:///path/to/socket"
    " or redis+sentinel://host:26379,host:26379/mymaster/0"
)
HOW_TO_WRITE_SENTINELS = (
    "write redis+sentinel://user:password@host:26379,host:26379/mymaster/0,"
    " with the password of Redis, and that of the Sentinels as ?sentinel_password="
)
SENTINEL_PORT = 26379
SENTINEL_SCHEMES = ("redis+sentinel", "rediss+sentinel")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?")
_OF_SENTINELS = {"sentinel_username": "username", "sentinel_password": "password"}
_OF_TLS = ("ssl_ca_certs", "ssl_cert_reqs", "ssl_check_hostname", "ssl_certfile", "ssl_keyfile")


class Refused(ValueError):
    """Says what to write instead, and nothing of what was written."""


def redis(text: str) -> str:
    """Check what redis-py is told, whose own parser takes anything for a database's number. Raises ValueError."""
    try:
        if _names_sentinels(text):
            _behind_sentinels(text, is_async=False)
        elif text:
            _check_one(text)
    except Refused:
        raise
    except ValueError:  # of urlsplit, whose words may hold the password
        raise Refused(HOW_TO_WRITE_A_REDIS) from None
    return text


def _check_one(text: str) -> None:
    parts = urlsplit(text)
    has_port = parts.port is None or parts.port > 0
    path = unquote(parts.path)
    over_network = (
        parts.scheme in ("redis", "rediss") and parts.hostname and re.fullmatch(r"(/[0-9]*)?", path)
    )
    over_socket = parts.scheme == "unix" and len(path) > 1
    if not has_port or parts.fragment or not (over_network or over_socket):
        raise Refused(HOW_TO_WRITE_A_REDIS)


def connection_options(text: str, *, is_async: bool) -> dict[str, Any]:
    """Give what a pool of redis-py is told, or channels-redis: an `address`, or how to find the master."""
    return _behind_sentinels(text, is_async=is_async) if _names_sentinels(text) else {"address": text}


def _names_sentinels(text: str) -> bool:
    return text.startswith(tuple(f"{scheme}:" for scheme in SENTINEL_SCHEMES))


def _behind_sentinels(text: str, *, is_async: bool) -> dict[str, Any]:
    parts = urlsplit(text)
    master, database = _master_and_database(parts)
    login, _, hosts = parts.netloc.rpartition("@")
    own, tls, of_sentinels = _login(login), *_query(parts)
    addresses = tuple(_address(each) for each in hosts.split(","))

    from config import sentinels  # without them nobody needs to load it

    kinds = {
        (False, False): sentinels.ToMaster,
        (False, True): sentinels.ToMasterAsync,
        (True, False): sentinels.ToMasterTls,
        (True, True): sentinels.ToMasterTlsAsync,
    }
    has_tls = parts.scheme.startswith("rediss")
    spoken = of_sentinels | ({"ssl": True} | tls if has_tls else {})
    return {
        "connection_class": kinds[has_tls, is_async],
        "sentinels": sentinels.Sentinels(addresses, master, spoken),
        "db": database,
        **own,
        **tls,
    }


def _master_and_database(parts: SplitResult) -> tuple[str, int]:
    found = re.fullmatch(r"/([0-9_.-]*[A-Za-z][A-Za-z0-9_.-]*)(?:/([0-9]{0,4}))?", parts.path)
    if not found:
        raise Refused(f"name the master after the hosts: {HOW_TO_WRITE_SENTINELS}")
    if parts.fragment:
        raise Refused("in a password write %23 for #")
    return found[1], int(found[2] or 0)


def _address(text: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found[2] or SENTINEL_PORT) if found else 0
    if not found or not 0 < port < 65536:
        raise Refused(f"each Sentinel is host or host:port: {HOW_TO_WRITE_SENTINELS}")
    return found[1].strip("[]"), port


def _login(text: str) -> dict[str, str | None]:
    user, _, password = text.partition(":")
    if "@" in text:
        raise Refused("in a password write %40 for @")
    if user and not password:
        raise Refused(
            "a user of Redis needs a password: user:password@, or :password@ for the password alone"
        )
    return {"username": unquote(user) or None, "password": unquote(password)} if password else {}


def _query(parts: SplitResult) -> tuple[dict[str, Any], dict[str, str]]:
    """Give the options of TLS, and those of the Sentinels alone."""
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = {name: asked.pop(name) for name in _OF_TLS if name in asked}
    own = {option: asked.pop(name) for name, option in _OF_SENTINELS.items() if name in asked}
    if asked:
        raise Refused(f"after the ? only these may stand: {', '.join((*_OF_SENTINELS, *_OF_TLS))}")
    if tls and parts.scheme != "rediss+sentinel":
        raise Refused("options of TLS need rediss+sentinel://")
    if "username" in own and "password" not in own:
        raise Refused("sentinel_username needs sentinel_password")
    return tls, own
