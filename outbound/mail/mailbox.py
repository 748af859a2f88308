"""Mails that go nowhere: files in a folder, of which /mailbox/ shows the newest. For demos and development alone; where
another backend sends there is no such page."""

import datetime as dt
import os
import re
import time
from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from itertools import count
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

MOST = 500  # the newest; what is older goes
BACKEND = "outbound.mail.mailbox.MailboxBackend"
_NAME = re.compile(r"[0-9]{1,20}-[0-9]{1,10}-[0-9]{1,10}")
_numbers = count()


class MailboxBackend(BaseEmailBackend):
    """Puts each mail into the folder, whole as it would be sent."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            _put(message.message().as_bytes())
        return len(email_messages)


class Mail(NamedTuple):
    name: str
    parsed: Parsed

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.parsed["To"] or "")

    @property
    def sent_at(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(int(self.name.partition("-")[0]) / 1_000_000, dt.UTC)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.parsed.items()]

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.parsed.get_body((kind,))
        return str(part.get_content()) if part else ""


def is_on() -> bool:
    return bool(settings.EMAIL_BACKEND == BACKEND)


def mails() -> list[Mail]:
    """List them, the newest first."""
    return [mail for path in _newest_first()[:MOST] if (mail := _read(path))]


def mail_called(name: str) -> Mail | None:
    return _read(_folder() / f"{name}.eml") if _NAME.fullmatch(name) else None


def _put(text: bytes) -> None:
    """Write it under another name first, so that nobody reads a part of it."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns() // 1000}-{os.getpid()}-{next(_numbers)}"
    unfinished = folder / f"{name}.part"
    unfinished.write_bytes(text)
    unfinished.rename(folder / f"{name}.eml")
    for path in _newest_first()[MOST:]:
        path.unlink(missing_ok=True)


def _newest_first() -> list[Path]:
    found = [path for path in _folder().glob("*.eml") if _NAME.fullmatch(path.stem)]
    return sorted(found, key=lambda path: [*map(int, path.stem.split("-"))], reverse=True)


def _read(path: Path) -> Mail | None:
    try:
        return Mail(path.stem, message_from_bytes(path.read_bytes(), policy=policy.default))
    except FileNotFoundError:
        return None  # it has become too old in between


def _folder() -> Path:
    return Path(settings.MAILBOX_FOLDER)
