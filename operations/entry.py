"""`carillon`, the one entry of a release: `carillon serve`, every command of `manage.py`, and those of a client."""

import platform
import sys
from importlib import import_module

import django

import manage
from base.release import VERSION, commit

CLIENTS = ("tail", "inbox", "mcp")  # they ask an installation by its API, here or anywhere


def main(arguments: list[str]) -> None:
    """Run a command; `version` and those of a client need no settings."""
    if arguments[1:] in (["version"], ["--version"]):
        made_of = f"commit {commit()[:12]}" if commit() else "a working copy"
        with_ = f"Django {django.__version__}, Python {platform.python_version()}"
        sys.stdout.write(f"Carillon {VERSION} ({made_of}, {with_})\n")
    elif arguments[1:2] and arguments[1] in CLIENTS:
        import_module(f"carillon_client.commands.{arguments[1]}").main(arguments[2:])
    else:
        manage.main(arguments)


if __name__ == "__main__":
    main(["carillon", *sys.argv[1:]])
