"""Markdown tables of a run, for the terminal and for docs/benchmarks.md."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.medians import Medians, Row
from bench.targets import BARE_VIEW, SPREAD, targets

NOTHING = "Not measured."
Columns = dict[str, Callable[[Row], Any]]  # heading -> what stands there of a row


def sections(medians: Medians) -> dict[str, str]:
    """Every table by its name in docs/benchmarks.md."""
    inboxes = medians.part("inbox, unread") + medians.part("inbox, read")
    return {
        "targets": of_targets(medians),
        "closed": of_loops(medians, "closed"),
        "open": of_loops(medians, "open"),
        "burst": of_rows(medians.part("burst"), BURST),
        "stream": of_loops(medians, "stream"),
        "storm": of_rows(medians.part("storm"), STORM),
        "writing": by_size(
            medians.part("write"), "ms for each event (of it processor time)", "recipients", written
        ),
        "ages": by_size(
            medians.part("age"), "processor time, ms", "events", figure("cpu_ms"), compared="cpu_ms"
        ),
        "far": by_size(medians.part("far"), "events/s, by writers", "", figure("per_second")),
        "posting": of_rows(medians.part("posting"), POSTING),
        "pages": of_pages(medians),
        "health": of_rows(medians.part("health"), HEALTH),
        "sqlite": of_rows(medians.part("sqlite"), SQLITE),
        "inbox": by_size(inboxes, "ms", "", figure("ms"), compared="ms"),
        "marking_all": of_rows(medians.part("inbox, all"), MARKING_ALL),
    }


def table(headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """The first column is text, the others are figures."""
    rule = ["---", *["---:"] * (len(headings) - 1)]
    rows = [headings, rule, *([str(cell) for cell in line] for line in lines)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def number(value: float | None) -> str:
    """Three figures are all that a measurement is worth."""
    if value is None or math.isinf(value):
        return ""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def figure(name: str, scale: float = 1) -> Callable[[Row], str]:
    return lambda row: number(row[name] * scale)


def label(row: Row) -> str:
    """With the number of repetitions where it is less than usual."""
    return str(row["label"])


def busy(row: Row) -> str:
    return f"{row['client_share']:.0%}"


def lost(row: Row) -> str:
    """The worst repetition."""
    share = row["lost"] / max(row["lost"] + row["delivered"], 1)
    return f"{share:.0%}" if share >= 0.01 else number(row["lost"])


def written(row: Row) -> str:
    if math.isinf(row["ms"]):
        return "not installed"
    return f"{number(row['ms'])} ({number(row['cpu_ms'])})"


LOOP: Columns = {
    "system": label,
    "server CPU, µs per frame": figure("server_us"),
    "Redis CPU, µs": figure("redis_us"),
    "client CPU, µs": figure("client_us"),
    "client busy": busy,
    "deliveries/s": figure("per_second"),
    "p50, ms": figure("p50_ms"),
    "p99, ms": figure("p99_ms"),
    "lost": lost,
    "frame, bytes": figure("frame_bytes"),
}
BURST: Columns = {
    "system": label,
    "lost": lost,
    "out of order": lambda row: row["disordered"],
    "drain, s": figure("seconds"),
    "server CPU, µs per frame": figure("server_us"),
    "client busy": busy,
}
STORM: Columns = {
    "system": label,
    "checks and replay": lambda row: "session, member, 10 rows" if row["authenticated"] else "none",
    "server CPU, ms per socket": figure("server_us", 1e-3),
    "wall, s": figure("seconds"),
    "refused once": lambda row: row["refused"],
    "KiB per socket": figure("socket_kib"),
}
POSTING: Columns = {
    "": label,
    "people": lambda row: row["size"],
    "requests/s": figure("per_second"),
    "median, ms": figure("ms"),
    "p99, ms": figure("p99_ms"),
    "server CPU, ms": figure("cpu_ms"),
}
HEALTH: Columns = {"one client": label, "median, ms": figure("ms")}
SQLITE: Columns = {
    "": label,
    "members": lambda row: row["size"],
    "locked": lambda row: row["locked"],
    "p50, ms": figure("p50_ms"),
    "p99, ms": figure("p99_ms"),
    "events/s": figure("per_second"),
}
PAGES = (
    "for each request",
    "CPU in the test client, ms",
    "server CPU, ms",
    "times the bare view",
    "requests/s, 1 worker",
    "requests/s, 2 workers",
    "connections of the fuller worker of two",
    "two workers / one",
)
MARKING_ALL: Columns = {
    "": lambda row: f"{row['system']}, {row['size']:,}",
    "s": figure("seconds"),
    "slowest page or handshake of another meanwhile, ms": figure("slowest_ms"),
}


def of_rows(rows: list[Row], columns: Columns, title: str = "Measured {when}.") -> str:
    if not rows:
        return NOTHING
    lines = [[cell(row) for cell in columns.values()] for row in rows]
    return f"{title.format(when=when(rows))}\n\n{table(list(columns), lines)}"


def when(rows: list[Row]) -> str:
    """From the first to the last repetition."""
    first, last = min(row["at"][0] for row in rows), max(row["at"][1] for row in rows)
    same_day = first[:10] == last[:10]
    return f"{first} UTC" if first == last else f"{first} to {last[11:] if same_day else last} UTC"


def of_targets(medians: Medians) -> str:
    lines = [
        (
            target.name,
            f"{'at least' if target.at_least else 'at most'} {number(target.limit)}{target.unit}",
            f"{number(target.value)}{target.unit}" if target.value is not None else "",
            target.verdict,
        )
        for target in targets(medians)
    ]
    return table(("figure", "target", "measured", ""), lines)


def of_loops(medians: Medians, part: str) -> str:
    """A table for each number of sockets and each rate."""
    loads: dict[tuple[int, float], list[Row]] = defaultdict(list)
    for row in medians.part(part):
        loads[row["size"], row["rate"] or 0].append(row)
    tables = [
        of_rows(
            rows,
            LOOP,
            f"{size:,} sockets{f', {number(rate)} events a second' * bool(rate)}, measured {{when}}:",
        )
        for (size, rate), rows in sorted(loads.items())
    ]
    return "\n\n".join(tables) or NOTHING


def of_pages(medians: Medians) -> str:
    """A line for each page, and for the sockets."""
    rows = medians.part("pages")
    if not rows:
        return NOTHING
    lines = []
    for page in dict.fromkeys(row["system"] for row in rows):
        one, two = (medians.find("pages", page, workers) for workers in (1, 2))
        if one and two:
            client = medians.find("pages, client", page, 1) or {}
            bare = medians.ratio("pages", "cpu_ms", page, BARE_VIEW, 1) if page != SPREAD else None
            lines.append(
                [
                    page,
                    number(client.get("cpu_ms")),
                    number(one["cpu_ms"]),
                    number(bare),
                    number(one["per_second"]),
                    number(two["per_second"]),
                    f"{two['most']:.0%}",
                    number(one["busiest_ms"] / two["busiest_ms"]),
                ]
            )
    return f"Measured {when(rows)}.\n\n{table(PAGES, lines)}"


def by_size(
    rows: list[Row], heading: str, unit: str, cell: Callable[[Row], str], compared: str | None = None
) -> str:
    """A line for each act, a column for each size; with `compared`, how many times the largest costs what the smallest
    does."""
    if not rows:
        return NOTHING
    sizes = sorted({row["size"] for row in rows})
    acts: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in rows:
        kind = row["part"].partition(", ")[2]  # "inbox, unread"
        acts[f"{row['system']}, all {kind}" if kind else row["label"]][row["size"]] = row
    lines = []
    for act, found in acts.items():
        line = [act, *(cell(found[size]) if size in found else "" for size in sizes)]
        if compared:
            ends = [found[size][compared] for size in (sizes[0], sizes[-1]) if size in found]
            line.append(number(ends[1] / ends[0]) if len(ends) == 2 else "")
        lines.append(line)
    headings = [
        heading,
        *(f"{size:,} {unit}".strip() for size in sizes),
        *(["last / first"] if compared else []),
    ]
    return f"Measured {when(rows)}.\n\n{table(headings, lines)}"
