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


class AnsweredElsewhere(logging.Filter):
    """Drops Django's traceback of a database that cannot serve just now: `config/errors.py` says so in one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        from config.unavailable import unavailable  # needs the apps, which come up after the logs

        return not (record.exc_info and unavailable(record.exc_info[1]))
