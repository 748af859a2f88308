"""`carillon`, the one entry of a release: `carillon serve`, and every command of `manage.py`."""

import platform
import sys

import django

import manage
from base.release import VERSION


def main(arguments: list[str]) -> None:
    """Run a command; `version` needs no settings."""
    if arguments[1:] in (["version"], ["--version"]):
        sys.stdout.write(
            f"Carillon {VERSION} (Django {django.__version__}, Python {platform.python_version()})\n"
        )
    else:
        manage.main(arguments)


if __name__ == "__main__":
    main(["carillon", *sys.argv[1:]])
