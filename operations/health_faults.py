"""What is wrong, in sentences, the worst first. Pure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from operations.health_figures import Shown, seconds

APART = 2.0  # seconds between a clock and the database's that are told of
WAITING = dt.timedelta(minutes=15)


class Process(Protocol):
    host: str
    pid: int
    release: str
    clock_ahead: float
    at: dt.datetime


class Away(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def host(self) -> str: ...
    @property
    def since(self) -> dt.datetime | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def meanwhile(self) -> str: ...
    @property
    def is_needed(self) -> bool: ...


class Fault(NamedTuple):
    """`is_urgent`: people notice it."""

    is_urgent: bool
    words: str
    then: str


def of_dependencies(away: Iterable[Away], now: dt.datetime) -> Iterator[Fault]:
    for each in away:
        name = each.name[:1].upper() + each.name[1:]
        at = f" at {each.host}" if each.host else ""
        long = f" for {seconds((now - each.since).total_seconds())}" if each.since else ""
        yield Fault(each.is_needed, f"{name}{at} has failed{long}: {each.reason}.", each.meanwhile)


def of_silence(silent: Iterable[Process], now: dt.datetime) -> Iterator[Fault]:
    for each in silent:
        yield Fault(
            True,
            f"{each.host}, process {each.pid}, has said nothing for {seconds((now - each.at).total_seconds())}.",
            "It was killed, its host has gone, or it does not reach the database. Look at its log.",
        )


def of_clocks(living: Iterable[Process]) -> Iterator[Fault]:
    """Tell of each host once."""
    ahead = {each.host: each.clock_ahead for each in living if abs(each.clock_ahead) > APART}
    for host, apart in ahead.items():
        way = "ahead of" if apart > 0 else "behind"
        yield Fault(
            False,
            f"The clock of {host} is {seconds(abs(apart))} {way} the database's.",
            "Codes, snoozes and times on pages are off by that. Have the host follow a time server.",
        )


def of_releases(living: Iterable[Process]) -> Iterator[Fault]:
    hosts: dict[str, set[str]] = defaultdict(set)
    for each in living:
        hosts[each.release].add(each.host)
    if len(hosts) > 1:
        sides = "; ".join(f"{release} on {', '.join(sorted(on))}" for release, on in sorted(hosts.items()))
        yield Fault(
            False,
            f"{len(hosts)} releases run beside one another: {sides}.",
            "That is right during an upgrade. Afterwards, restart what still runs the older one.",
        )


def of_figures(shown: Iterable[Shown]) -> Iterator[Fault]:
    for each in shown:
        if each.is_bad:
            yield Fault(False, f"{each.figure.name}: {each.words}.", each.figure.then)


def of_followers(late: dict[str, dt.datetime], now: dt.datetime) -> Iterator[Fault]:
    """Tell of those that are `late` together. Of each: when the oldest event happened that it has not taken."""
    if late:
        *others, last = late
        names = f"{', '.join(others)} and {last} are up to" if others else f"{last} is"
        yield Fault(
            False,
            f"{names[:1].upper()}{names[1:]} {seconds((now - min(late.values())).total_seconds())} behind the log.",
            "See that a process follows (FOLLOW, or carillon follow), and look for its errors in the log.",
        )


def of_audit(is_clean: bool | None) -> Iterator[Fault]:
    """Tell of findings. `is_clean`: how the last audit ended; None where there was none."""
    if is_clean is False:
        yield Fault(
            True,
            "The last audit found something wrong in the history.",
            "Run carillon audit_history, and go by what it names before anything else is written or restored.",
        )


def of_deliveries(oldest: dict[str, dt.datetime | None], now: dt.datetime) -> Iterator[Fault]:
    """Tell of channels that do not send. `oldest`: of each that is set up, since when the oldest delivery waits."""
    for name, since in oldest.items():
        if since is not None and now - since > WAITING:
            long = seconds((now - since).total_seconds())
            yield Fault(
                False,
                f"{name.capitalize()}: a delivery has waited for {long}.",
                "Deliveries in this administration say why.",
            )


def of_webhooks(stopped: int, oldest: dt.datetime | None, now: dt.datetime) -> Iterator[Fault]:
    """Tell of those that were stopped, and of active ones that are far behind. `oldest`: when the first event happened
    that one of these has not delivered."""
    if stopped:
        yield Fault(
            False,
            f"{stopped:,} webhook{' was' if stopped == 1 else 's were'} stopped: nothing took what they sent.",
            "Owners and admins of their organizations were told, and resume them on the page of webhooks.",
        )
    if oldest is not None and now - oldest > WAITING:
        yield Fault(
            False,
            f"Webhooks: an event from {seconds((now - oldest).total_seconds())} ago waits.",
            "A receiver is away or slow, or no process follows. carillon follow --status counts them.",
        )


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda each: not each.is_urgent)
