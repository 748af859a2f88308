"""How log lines look."""

import logging

from events.correlation import current_request_id


class RequestId(logging.Filter):
    """Gives every line the id of the request that it was written for, or `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id() or "-"
        return True


class OneLine(logging.Filter):
    """An exception as one line: for what is no failure of ours, such as a Redis that is away."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]!r}", ()
            record.exc_info = record.exc_text = None
        return True


class ClientsFault(OneLine):
    """The same for what was answered with 4xx: a made-up Host, a page that is not theirs, a form too large."""

    def filter(self, record: logging.LogRecord) -> bool:
        return super().filter(record) if 400 <= getattr(record, "status_code", 500) < 500 else True
