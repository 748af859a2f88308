#!/usr/bin/env python3
"""Django's command line for Carillon."""

import os
import sys
from contextlib import suppress

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import Error

from base.database_errors import database_sentence

SERVING = ("serve", "demo", "runserver")


def main(arguments: list[str]) -> None:
    """What the surroundings lack is told in one sentence; `--traceback` shows where it was missed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        with suppress(ImproperlyConfigured):  # `help` needs no settings, and what does says so
            if arguments[1:2] and arguments[1] not in SERVING:
                settings.DATABASES["default"]["OPTIONS"].pop("pool", None)  # a command has one connection
        execute_from_command_line(arguments)
    except ImproperlyConfigured as error:
        sys.exit(f"Not configured: {error}")
    except Error as error:
        sentence = database_sentence(error)
        if sentence is None or "--traceback" in arguments:
            raise
        sys.exit(sentence)


if __name__ == "__main__":
    main(sys.argv)
