"""Send one mail to the mail server, by whichever of Django's backends MAIL_URL names."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from base.connections import give_back
from orgs.models import User
from outbound.channels import Refused
from outbound.mail import addresses
from outbound.mail.answers import judged
from outbound.mail.composing import compose
from outbound.models import Delivery
from outbound.sending import LONGEST

Kind = Delivery.Kind
ASKED_FOR = (Kind.ACCOUNT, Kind.INVITATION)  # by somebody who is there: words that were made then


def send(delivery: Delivery) -> bool:
    """Send it. False where nothing is left to be said, or nobody to say it to. Raises Later, Refused and Away."""
    message = _message(delivery)
    give_back()  # nobody waits for a connection that waits for a mail server
    if message is None:
        return False
    _hand_over(message, message.to[0])
    return True


def _message(delivery: Delivery) -> EmailMultiAlternatives | None:
    address = _address(delivery)
    words = _words(delivery)
    if not address or words is None:
        return None
    message = EmailMultiAlternatives(
        subject=one_line(words["subject"]),
        body=words["text"],
        from_email=settings.MAIL_FROM,
        to=[address],
        headers=_headers(delivery, words.get("headers", {})),
    )
    if words["html"]:
        message.attach_alternative(words["html"], "text/html")
    return message


def _address(delivery: Delivery) -> str | None:
    """Find where it goes: news to the person's own address as it is now, and only while it takes mail."""
    if delivery.kind == Kind.INVITATION and addresses.is_unreachable(delivery.address):
        raise Refused("this address takes no mail")
    if delivery.address:
        return delivery.address
    user: User | None = delivery.user
    return addresses.address_of(user) if user and user.is_active else None


def _words(delivery: Delivery) -> dict[str, Any] | None:
    if delivery.kind not in (Kind.DIGEST, Kind.AT_ONCE):
        content: dict[str, Any] = delivery.content
        return content
    composed = compose(delivery)
    return composed._asdict() if composed else None


def _headers(delivery: Delivery, own: dict[str, str]) -> dict[str, str]:
    domain = settings.MAIL_FROM.rpartition("@")[2].rstrip(">")
    named = {"Message-ID": f"<{delivery.token}@{domain}>", "Auto-Submitted": "auto-generated"}
    return named | {name: one_line(value) for name, value in own.items()}


def one_line(text: str) -> str:
    """Make a header of it: what people are called may hold line breaks and what no mail can carry."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _hand_over(message: EmailMultiAlternatives, address: str) -> None:
    backend = get_connection(fail_silently=False)
    with judged(address), _bounded(backend):
        try:
            backend.open()
            backend.send_messages([message])
        finally:
            with suppress(Exception):
                backend.close()


@contextmanager
def _bounded(backend: BaseEmailBackend) -> Iterator[None]:
    """Cut the connection after a while: a server that says a word now and then holds nobody for longer."""

    def cut() -> None:
        server = getattr(backend, "connection", None)
        if sock := getattr(server, "sock", None):
            with suppress(OSError):
                sock.shutdown(2)

    timer = threading.Timer(LONGEST, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
