"""How log lines look."""

import datetime as dt
import json
import logging
import re

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from redis.exceptions import RedisError

from base.correlation import current_request_id
from base.dependencies import REDIS

CLIENT_FAULTS = (BadRequest, PermissionDenied, SuspiciousOperation, MultiPartParserError, UnreadablePostError)
PROBES = ("/livez", "/readyz", "/healthz")
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
    """Leaves out of addresses what lets whoever has it switch somebody's mail off, or sign in: a provider's answer, or
    a token that somebody put there."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(
                _CAPABILITY.sub(r"\1\2\3\4…", each) if isinstance(each, str) else each for each in record.args
            )
        return True


class NoProbe(logging.Filter):
    """Drops the access lines of probes, which come each second and would hide those of people. What is wrong is told of
    once (`base/dependencies.py`)."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = record.args[2] if isinstance(record.args, tuple) and len(record.args) > 2 else ""
        return not str(path).endswith(PROBES)


_CAPABILITY = re.compile(
    r"(/mail/o(?:ff|n)/)[^/?\s]+|(/login/callback/\?)\S+|(crl(?:_|%5f))[\w%]+|([?&](?:access_)?token=)[^&\s]+",
    re.IGNORECASE,
)


class LayerAway(logging.Filter):
    """Drops the library's line of each second that Redis is away, which is told of once."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, RedisError | OSError):
            REDIS.failed(error)
            return False
        if error:
            _shorten(record)
        return True


class AnsweredElsewhere(logging.Filter):
    """Drops Django's traceback of a database that cannot serve just now: `config/errors.py` says so in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        from config.unavailable import unavailable  # needs the apps, which come up after the logs

        return not (record.exc_info and unavailable(record.exc_info[1]))


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, on one line. After the filters, so that both formats say the same."""

    def format(self, record: logging.LogRecord) -> str:
        told = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
        }
        if trace_id := getattr(record, "trace_id", ""):
            told["trace_id"] = trace_id
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


def _shorten(record: logging.LogRecord) -> None:
    line, error = record.getMessage(), record.exc_info[1] if record.exc_info else None
    if str(error) not in line:
        line = f"{line} {error!r}"
    record.msg, record.args = line[:LONGEST].replace("\r", "\\r").replace("\n", "\\n"), ()
    record.exc_info = record.exc_text = None
