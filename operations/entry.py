"""`carillon`, the one entry of a release: `carillon serve`, and every command of `manage.py`."""

import platform
import sys

import django

import manage
from base.release import VERSION, commit


def main(arguments: list[str]) -> None:
    """Run a command; `version` needs no settings."""
    if arguments[1:] in (["version"], ["--version"]):
        made_of = f"commit {commit()[:12]}" if commit() else "a working copy"
        with_ = f"Django {django.__version__}, Python {platform.python_version()}"
        sys.stdout.write(f"Carillon {VERSION} ({made_of}, {with_})\n")
    else:
        manage.main(arguments)


if __name__ == "__main__":
    main(["carillon", *sys.argv[1:]])
