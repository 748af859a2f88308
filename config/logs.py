"""How log lines look."""

import logging

from events.correlation import current_request_id


class RequestId(logging.Filter):
    """Gives every line the id of the request that it was written for, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class OneLine(logging.Filter):
    """An exception as one line: for what is no failure of ours, such as a Redis that is away or a made-up Host."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]!r}", ()
            record.exc_info = record.exc_text = None
        return True


class ClientErrors(OneLine):
    """One line for what a client sent, whatever it made Django raise: a form of too many fields, a made-up Host."""

    def filter(self, record: logging.LogRecord) -> bool:
        is_refused = record.name == "django.request" and record.levelno < logging.ERROR
        return super().filter(record) if is_refused or record.name.startswith("django.security.") else True
