"""Which installation a command asks, and with which token: from the environment, never from the command line, where
others of the machine read it."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from carillon_client.client import Client
from carillon_client.following import AnotherHistory
from carillon_client.problems import Problem, Unreachable

ENVIRONMENT = """environment:
  CARILLON_URL         the installation, such as https://tasks.example.com
  CARILLON_TOKEN       an access token of yours, or
  CARILLON_TOKEN_FILE  a file with it
"""


ANEW = "Begin anew: leave out --after, or delete the file of --state."


def parser(name: str, words: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog=f"carillon {name}",
        description=words,
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def client() -> Client:
    """Make one for the environment. Ends the program with a sentence where something is missing."""
    url = os.environ.get("CARILLON_URL", "")
    if not url.startswith(("https://", "http://")):
        sys.exit("Set CARILLON_URL to the installation's address, such as https://tasks.example.com.")
    return Client(url, _token())


def _token() -> str:
    file = os.environ.get("CARILLON_TOKEN_FILE")
    try:
        token = Path(file).expanduser().read_text() if file else os.environ.get("CARILLON_TOKEN", "")
    except (OSError, UnicodeError, RuntimeError) as error:
        sys.exit(f"CARILLON_TOKEN_FILE cannot be read: {error}.")
    if not token.strip().isascii() or not token.strip().isprintable() or not token.strip():
        sys.exit("Set CARILLON_TOKEN to an access token. You make one on your page of access tokens.")
    return token.strip()


def run(work: Callable[[], None]) -> None:
    """Do the work. Whatever stops it is one sentence; 1 is what was refused, 130 what was interrupted."""
    try:
        work()
    except Problem as problem:
        sys.exit(f"{problem} ({problem.code})")
    except Unreachable as unreachable:
        sys.exit(str(unreachable))
    except AnotherHistory:
        sys.exit(
            "The log is not the one that you followed: a backup was restored, or it is another installation. "
            + ANEW
        )
    except BrokenPipeError:
        sys.stderr.close()  # it would be told of once more at the end
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(130)
