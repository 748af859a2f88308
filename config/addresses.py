"""What hosts, origins, servers, paths and cookies look like in the environment. Each function gives the value as it is
used, or raises ValueError with what to write instead; never with the value, which may hold a password."""

import re
import warnings
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

import environ

NAME = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*"
HOST = re.compile(rf"\*|\.?{NAME}|\[[0-9a-f:.]+\]")
ORIGIN = re.compile(rf"(https?)://((?:\*\.)?{NAME}|\[[0-9a-f:.]+\])(?::([0-9]+))?")
DEFAULT_PORTS = {"http": "80", "https": "443"}

CURSORS = "DISABLE_SERVER_SIDE_CURSORS"  # behind PgBouncer
YES, NO = ("true", "1"), ("false", "0")

HOW_TO_WRITE_A_HOST = "write host names alone, such as tasks.example.com, .example.com or [::1]"
HOW_TO_WRITE_AN_ORIGIN = (
    "write scheme and host, and no path, such as https://tasks.example.com or https://*.example.com"
)
HOW_TO_WRITE_A_DATABASE = (
    "write postgres://user:password@host/name or sqlite:////path/to/file,"
    " and in a password %40 for @, %2F for / and %3F for ?"
)
HOW_TO_WRITE_AN_ISSUER = "write the provider's address, such as https://login.example.com/realms/team"
HOW_TO_WRITE_A_COLLECTOR = "write the collector's address alone, such as http://127.0.0.1:4318"
HOW_TO_WRITE_NETWORKS = "write networks with commas, such as 10.0.0.0/8,fd00::/8"
HOW_TO_WRITE_A_PLACE = "write a host and a port, such as 127.0.0.1:9464 or [::1]:9464"

Networks = list[IPv4Network | IPv6Network]


def networks(text: str) -> Networks:
    try:
        return [ip_network(part.strip()) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ValueError(HOW_TO_WRITE_NETWORKS) from None


def host(text: str) -> str:
    if not HOST.fullmatch(text.lower()):
        raise ValueError(HOW_TO_WRITE_A_HOST)
    return text.lower()


def origin(text: str) -> str:
    """Write it as a browser sends it: lower case, no port that its scheme implies."""
    found = ORIGIN.fullmatch(text.lower())
    if not found or not 0 < int(found[3] or 1) < 65536:
        raise ValueError(HOW_TO_WRITE_AN_ORIGIN)
    scheme, name, port = found.groups()
    return f"{scheme}://{name}" + (f":{port}" if port and port != DEFAULT_PORTS[scheme] else "")


def origins_of(trusted: str) -> str:
    """Write a pattern of what stands in CSRF_TRUSTED_ORIGINS, as Django reads it: `*.` is the domain with all below."""
    scheme, _, rest = trusted.partition("://")
    if rest.startswith("*."):
        return rf"^{scheme}://([^/:@]+\.)?{re.escape(rest[2:])}\Z"
    return rf"^{re.escape(trusted)}\Z"


def site(text: str) -> str:
    if "*" in text:
        raise ValueError("write the scheme and one host, such as https://tasks.example.com")
    return origin(text.rstrip("/")) if text else text


def collector(text: str) -> str:
    text = text.rstrip("/")
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(HOW_TO_WRITE_A_COLLECTOR) from None
    if text and (not is_whole or parts.query or parts.fragment):
        raise ValueError(HOW_TO_WRITE_A_COLLECTOR)
    return text


def place(text: str) -> tuple[str, int] | None:
    """Take apart where to listen; None where nothing is written."""
    if not text:
        return None
    found = re.fullmatch(rf"({NAME}|\[[0-9a-f:.]+\]):([0-9]{{1,5}})", text.lower())
    if not found or not 0 < int(found[2]) < 65536:
        raise ValueError(HOW_TO_WRITE_A_PLACE)
    return found[1].strip("[]"), int(found[2])


def cookie_prefix(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,40}", text):
        raise ValueError("write at most 40 letters, digits, - and _")
    return text


def path_prefix(text: str) -> str:
    if not re.fullmatch(r"(/[A-Za-z0-9_.-]+)*", text):
        raise ValueError("write a path such as /carillon, without a slash at its end")
    return text


def database(text: str) -> dict[str, Any]:
    """Take the address apart into what Django is told of a database."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # what the parser would pass over
            scheme = text.partition("://")[0]
            chosen: dict[str, Any] = environ.Env.db_url_config(text)
    except (ValueError, UserWarning):
        raise ValueError(HOW_TO_WRITE_A_DATABASE) from None
    if scheme not in ("postgres", "postgresql", "psql", "pgsql", "sqlite") or not chosen["NAME"]:
        raise ValueError(HOW_TO_WRITE_A_DATABASE)
    cursors = str(chosen.get(CURSORS, False)).lower()
    if cursors not in YES + NO:
        raise ValueError("write disable_server_side_cursors=true or =false")
    return chosen | {CURSORS: cursors in YES}  # else the word `false` would count as true


def listening(text: str) -> dict[str, Any]:
    """Take apart where to listen; only PostgreSQL can."""
    return {name: value for name, value in _beside(text, "past the pooler").items() if value}


def replica(text: str) -> dict[str, Any]:
    """Take apart where a replica is; only PostgreSQL has them."""
    return _beside(text, "of a standby of the database")


def _beside(text: str, what: str) -> dict[str, Any]:
    """Take apart another address of a PostgreSQL; empty for none."""
    chosen = database(text) if text else {}
    if chosen.get("ENGINE", "").endswith("sqlite3"):
        raise ValueError(f"write postgres://user:password@host/name, {what}")
    return chosen


def issuer(text: str) -> str:
    """Check the address of a provider of single sign-on: what it answers is believed, so it is reached over https, but
    for one on this machine."""
    try:
        parts = urlsplit(text.rstrip("/"))
        is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    except ValueError:
        raise ValueError(HOW_TO_WRITE_AN_ISSUER) from None
    if text and not (parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and is_local))):
        raise ValueError(HOW_TO_WRITE_AN_ISSUER)
    return text.rstrip("/")


def push_key(text: str) -> str:
    """Check what `manage.py push_key` writes: 32 bytes in base64url."""
    if text and not re.fullmatch(r"[A-Za-z0-9_-]{43}", text):
        raise ValueError("write a key as `manage.py push_key` makes it")
    return text
