"""How log lines look."""

import logging
import re

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from base.correlation import current_request_id

CLIENT_FAULTS = (BadRequest, PermissionDenied, SuspiciousOperation, MultiPartParserError, UnreadablePostError)
LONGEST = 1000  # characters of a line that a client had a part in


class RequestId(logging.Filter):
    """Gives every line the id of the request that it was written for, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class NoDetail(logging.Filter):
    """For servers and libraries, which write whole requests, cookies included, when they are asked for detail."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.INFO


class ClientFault(logging.Filter):
    """What a client sent, and could not be taken, is a warning of one line whatever it was."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        in_frame = record.name == "uvicorn.error" and isinstance(error, UnicodeDecodeError)
        if in_frame or isinstance(error, CLIENT_FAULTS):
            _shorten(record)
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class NoCapability(logging.Filter):
    """Leaves out of addresses what lets whoever has it switch somebody's mail off, or sign in: a provider's answer."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _CAPABILITY.sub(r"\1\2…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


_CAPABILITY = re.compile(r"(/mail/o(?:ff|n)/)[^/?\s]+|(/login/callback/\?)\S+")


class OfRedis(logging.Filter):
    """Drops what the layer's receiver says each second while Redis is away, which is told of once."""

    def filter(self, record: logging.LogRecord) -> bool:
        from base.dependencies import REDIS  # needs the settings, which the logs are part of

        if record.exc_info and record.exc_info[1]:
            REDIS.failed(record.exc_info[1])
        return False


class AnsweredElsewhere(logging.Filter):
    """Drops Django's traceback of a database that cannot serve just now: `config/errors.py` says so in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        from config.unavailable import unavailable  # needs the apps, which come up after the logs

        return not (record.exc_info and unavailable(record.exc_info[1]))


def _shorten(record: logging.LogRecord) -> None:
    line, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
    if str(error) not in line:
        line = f"{line} {error!r}"
    record.msg, record.args = line[:LONGEST].replace("\r", "\\r").replace("\n", "\\n"), ()
    record.exc_info = record.exc_text = None
