"""What MAIL_URL and the settings beside it say. Each function gives the value as it is used, or raises ValueError with
what to write instead; never with the value, which may hold a password."""

import re
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config.addresses import NAME

HOW_TO_WRITE_A_MAIL_SERVER = (
    "write smtp://user:password@host:587?tls=1, smtps://user:password@host, mailbox: or anymail+mailgun://?api_key=…,"
    " and in a password %40 for @, %2F for / and %3F for ?"
)
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"
MAILBOX = "outbound.mail.mailbox.MailboxBackend"


class Mail(NamedTuple):
    """Which backend sends mail, and what Django is told for it."""

    backend: str
    settings: dict[str, Any]

    @property
    def is_on(self) -> bool:
        return self.backend != NOWHERE

    @property
    def by_anymail(self) -> bool:
        return self.backend.startswith("anymail.")


def mail(text: str) -> Mail:
    try:
        parts = urlsplit(text)
        query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        port = parts.port
    except ValueError:
        raise ValueError(HOW_TO_WRITE_A_MAIL_SERVER) from None
    scheme, _, service = parts.scheme.partition("+")
    if not text:
        return Mail(NOWHERE, {})
    if parts.fragment:  # a # in a password
        raise ValueError(HOW_TO_WRITE_A_MAIL_SERVER)
    if text == "mailbox:":
        return Mail(MAILBOX, {})
    if scheme in ("smtp", "smtps") and parts.hostname and not service and parts.path in ("", "/"):
        return _smtp(parts, port, query)
    if scheme == "anymail" and re.fullmatch("[a-z0-9_]+", service) and not parts.netloc and query:
        return _anymail(service, query)
    raise ValueError(HOW_TO_WRITE_A_MAIL_SERVER)


def _smtp(parts: SplitResult, port: int | None, query: dict[str, str]) -> Mail:
    is_ssl = parts.scheme == "smtps"
    tls = query.pop("tls", "0")
    if query or tls not in ("0", "1") or port == 0 or (is_ssl and tls == "1"):
        raise ValueError(HOW_TO_WRITE_A_MAIL_SERVER)
    settings = {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if is_ssl else 587 if tls == "1" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "1",
        "EMAIL_USE_SSL": is_ssl,
    }
    return Mail(SMTP, settings)


def _anymail(service: str, query: dict[str, str]) -> Mail:
    """Take what anymail calls the service's settings, in lower case: `api_key`, `webhook_secret` and such."""
    module = f"anymail.backends.{service}"
    if find_spec(module) is None:
        raise ValueError(f"anymail knows no service of that name; {HOW_TO_WRITE_A_MAIL_SERVER}")
    names = {"webhook_secret": "WEBHOOK_SECRET"}
    settings = {names.get(name, f"{service.upper()}_{name.upper()}"): value for name, value in query.items()}
    return Mail(
        f"{module}.EmailBackend", {"ANYMAIL": settings | {"REQUESTS_TIMEOUT": 10, "SERVICE": service}}
    )


def sender(text: str) -> str:
    """Check an address, or a name with one."""
    address = rf"[^\s<>@\"]{{1,64}}@{NAME}"
    if text and not re.fullmatch(rf"{address}|[^<>@\"]+ <{address}>", text, re.IGNORECASE):
        raise ValueError("write an address, or a name with one, such as Carillon <carillon@example.com>")
    return text


def domain(text: str) -> str:
    if text and not re.fullmatch(NAME, text.lower()):
        raise ValueError("write a domain such as reply.example.com")
    return text.lower()
