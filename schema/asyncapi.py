"""`python -m schema.asyncapi` prints the description of sockets and streams, for whoever lints it."""

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from api.asyncapi import asyncapi

    sys.stdout.write(json.dumps(asyncapi(), indent=1) + "\n")


if __name__ == "__main__":
    main()
