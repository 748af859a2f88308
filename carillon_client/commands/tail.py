"""`carillon tail`: follows an organization's log, or your inbox, in the terminal."""

import datetime as dt
import json
import sys

from carillon_client.commands.asking import ANEW, client, parser, run
from carillon_client.commands.places import Place
from carillon_client.following import Away, beginning_now, follow_inbox, follow_log
from carillon_client.frames import Frame
from carillon_client.problems import Problem, Unreachable

WORDS = """Follow an organization's log, or without one what you are told of in all of yours. Everything comes
once and in order, also what happened while the network or the server was away. It begins with what happens from now
on."""


def main(arguments: list[str]) -> None:
    """Follow until interrupted."""
    options = _options(arguments)
    run(lambda: _tail(options.org, Place(options.state), options.after, options.all, options.json))


def _options(arguments: list[str]):  # type: ignore[no-untyped-def]  # noqa: ANN202 - argparse's own
    known = parser("tail", WORDS)
    known.add_argument("org", nargs="?", help="the organization's short name; your inbox without it")
    begins = known.add_mutually_exclusive_group()
    begins.add_argument("--after", metavar="CURSOR", help="begin after this cursor")
    begins.add_argument("--all", action="store_true", help="begin with the first event there is")
    known.add_argument(
        "--state", metavar="FILE", help="keep the cursor there, and begin where it says the next time"
    )
    known.add_argument(
        "--json", action="store_true", help="print frames, one to a line, instead of sentences"
    )
    return known.parse_args(arguments)


def _tail(org: str | None, place: Place, after: str | None, begins_first: bool, as_json: bool) -> None:
    asked = client()
    try:
        cursor = after or place.read() or (None if begins_first else beginning_now(asked, org))
        if cursor:
            place.keep(cursor)
        away = _saying(asked.url)
        for frame in follow_log(asked, org, cursor, away) if org else follow_inbox(asked, cursor, away):
            sys.stdout.write((json.dumps(frame, ensure_ascii=False) if as_json else sentence(frame)) + "\n")
            sys.stdout.flush()
            place.keep(frame["cursor"])
    except Problem as problem:
        if org and problem.code == "not_found":
            sys.exit(f"There is no organization {org}, or this token does not reach it. ({problem.code})")
        if any(error.get("at") == "query.after" for error in problem.errors):
            sys.exit(f"{problem} {ANEW} ({problem.code})")
        raise


def _saying(url: str) -> Away:
    """Say once that the server is away, and once that it is back, beside what is printed."""

    def say(why: Problem | Unreachable | None) -> None:
        if isinstance(why, Problem):
            words = f"{url} does not answer just now; trying again. {why}"
        else:
            words = f"{url} is away; trying again." if why else f"{url} is back."
        sys.stderr.write(words + "\n")
        sys.stderr.flush()

    return say


def sentence(frame: Frame) -> str:
    """Say an event in a line. What others wrote stands in it without what moves a terminal's cursor."""
    moment = dt.datetime.fromisoformat(frame["created_at"]).astimezone()
    told = frame.get("notification")
    why = f"  ({told['reason']})" if told else ""
    return printable(f"{moment:%Y-%m-%d %H:%M:%S}  {frame['sentence']}: {frame['subject']}{why}")


def printable(text: str) -> str:
    """Replace what is no character to look at, as others may have written it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
