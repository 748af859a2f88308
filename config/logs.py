"""How log lines look."""

import logging


class OneLine(logging.Filter):
    """An exception as one line. For libraries that report a server that is away with a traceback a second."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info:
            record.msg, record.args = f"{record.getMessage()} {record.exc_info[1]!r}", ()
            record.exc_info = record.exc_text = None
        return True
