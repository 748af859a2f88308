"""The ten figures that tell whether this process is well: of the last minute where they count something."""

import time
from dataclasses import dataclass

from base import figures
from base.figures import PREFIX
from operations.lately import Gained, Lately

# What tells that a handshake failed for us, and not for whoever made it: docs/protocol.md.
OUR_FAULT = ("4429", "4500")


@dataclass(frozen=True)
class Ten:
    """None: this process knows nothing of it, such as a pool on SQLite."""

    sockets: int
    delivery_p99: float | None  # seconds from the commit to the write on the sockets
    found_by_poll: float | None  # share of the events that came here, 0 to 1
    poll_age: float | None  # seconds since the poll last went well; None where it does not run
    layer_is_up: bool | None
    closes: dict[str, int]  # sockets that ended, by close code
    pool_in_use: int | None  # database connections
    pool_waiting: int | None
    lock_wait_p99: float | None  # seconds that writers waited for their log
    server_errors: int  # answers of 500 and above
    handshakes_refused: int  # and connections and sockets, for there were too many
    audit_age: float | None  # seconds
    audit_is_clean: bool | None
    head_age: float | None  # seconds since heads were last exported


def ten() -> Ten:
    """Read them. From any thread; asks no database."""
    figures.sample()
    readings = list(figures.readings())
    now = {(reading.name.removeprefix(PREFIX), reading.labels): reading.value for reading in readings}
    return made(now, _lately.gained(now, time.monotonic()), time.time())


def made(now: dict[tuple[str, tuple[tuple[str, str], ...]], float], gained: Gained, clock: float) -> Ten:
    """Make them of what instruments stand at, and of what they gained lately. `clock`: seconds since 1970."""

    def of(name: str, /, **labels: str) -> float | None:
        return now.get((name, tuple(sorted(labels.items()))))

    def age(name: str, /, **labels: str) -> float | None:
        moment = of(name, **labels)
        return max(0.0, clock - moment) if moment else None

    sockets = int(of("sockets") or 0)
    size = of("database_pool_size")
    ways = [value for (name, _), value in now.items() if name == "layer_up"]
    events = gained.by_label("events_heard_total", "by")
    answers = gained.by_label("requests_total", "status")
    closes = gained.by_label("socket_closes_total", "code")
    clean = of("last_run_ok", name="audit")
    return Ten(
        sockets=sockets,
        delivery_p99=gained.percentile("delivery_seconds", 0.99),
        found_by_poll=events.get("poll", 0.0) / sum(events.values()) if events else None,
        poll_age=age("polled_timestamp_seconds") if sockets else None,
        layer_is_up=all(ways) if ways else None,
        closes={code: round(count) for code, count in closes.items()},
        pool_in_use=int(of("database_pool_in_use") or 0) if size else None,
        pool_waiting=int(of("database_pool_waiting") or 0) if size else None,
        lock_wait_p99=gained.percentile("log_lock_wait_seconds", 0.99),
        server_errors=round(sum(count for status, count in answers.items() if status >= "500")),
        handshakes_refused=round(
            gained.total("refusals_total") + sum(closes.get(code, 0.0) for code in OUR_FAULT)
        ),
        audit_age=age("last_run_timestamp_seconds", name="audit"),
        audit_is_clean=None if clean is None else bool(clean),
        head_age=age("last_run_timestamp_seconds", name="exported_head"),
    )


_lately = Lately()
