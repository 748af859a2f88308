"""`carillon inbox`: reads the inbox in the terminal, and marks."""

import argparse
import datetime as dt
import json
import sys
from typing import Any, cast

from carillon_client.client import Client
from carillon_client.commands.asking import client, parser, run
from carillon_client.commands.tail import sentence
from carillon_client.frames import Frame

ACTS = ("read", "unread", "done", "undone", "save", "unsave")
STATES = ("inbox", "unread", "read", "done", "snoozed", "saved", "all")


def main(arguments: list[str]) -> None:
    """List, or mark what is named."""
    options = _options(arguments)
    run(lambda: options.work(client(), options))


def _options(arguments: list[str]) -> argparse.Namespace:
    known = parser("inbox", "Read your inbox, and mark what is in it. Numbers are those that the list shows.")
    known.set_defaults(work=_list, state="inbox", org=None, q=None, limit=20, json=False)
    acts = known.add_subparsers(metavar="COMMAND", title="commands")
    listed = acts.add_parser("list", help="show the newest (what happens without a command)")
    listed.add_argument("words", nargs="*", help="only what has these words")
    listed.add_argument("--state", choices=STATES, default="inbox")
    listed.add_argument("--org", help="only of this organization")
    listed.add_argument("--limit", type=int, default=20, choices=range(1, 101), metavar="1-100")
    listed.add_argument("--json", action="store_true", help="print items, one to a line")
    for act in ACTS:
        each = acts.add_parser(act, help=f"mark as {act}")
        each.add_argument("ids", nargs="+", type=int, metavar="NUMBER")
        each.set_defaults(work=_mark, act=act)
    snoozed = acts.add_parser("snooze", help="take out of the inbox until a time")
    snoozed.add_argument("until", type=moment, help="such as 2026-12-01T09:00, by this machine's clock")
    snoozed.add_argument("ids", nargs="+", type=int, metavar="NUMBER")
    snoozed.set_defaults(work=_mark, act="snooze")
    undone = acts.add_parser("undo", help="take a mark back, by the number that it said")
    undone.add_argument("mark", type=int, metavar="MARK")
    undone.set_defaults(work=_undo)
    return known.parse_args(arguments)


def moment(text: str) -> str:
    """Read a time, of this machine's zone where it names none. Raises ArgumentTypeError."""
    try:
        return dt.datetime.fromisoformat(text).astimezone().isoformat()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-12-01T09:00") from None


def _list(asked: Client, options: argparse.Namespace) -> None:
    words = " ".join(getattr(options, "words", [])) or None
    page = asked.notifications(state=options.state, org=options.org, q=words, limit=options.limit)
    for item in page["items"]:
        if options.json:
            _say(json.dumps(item, ensure_ascii=False))
        else:
            _say(f"{item['event_id']:>8}  {_state(item)}  {sentence(cast(Frame, item))}")
    if not page["items"] and not options.json:
        _say("Nothing here.")
    if page["next"] and not options.json:
        _say(f"There is more: carillon inbox list --limit {min(options.limit * 2, 100)}")


def _state(item: dict[str, Any]) -> str:
    return f"{(item['notification'] or {}).get('state') or '':7}"


def _mark(asked: Client, options: argparse.Namespace) -> None:
    until = {"until": options.until} if options.act == "snooze" else {}
    _changed(asked.mark(options.act, options.ids, **until))


def _undo(asked: Client, options: argparse.Namespace) -> None:
    _changed(asked.send("POST", "notifications/undo", {"mark": options.mark}))


def _changed(answer: dict[str, Any]) -> None:
    number = answer["changed"]
    undo = (answer.get("undo") or {}).get("mark")
    _say(f"Changed {number} notification{'' if number == 1 else 's'}.")
    if undo:
        _say(f"To undo: carillon inbox undo {undo}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
