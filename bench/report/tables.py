"""Markdown tables of a run, for the terminal and for docs/benchmarks.md."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from bench.report.cells import lost, name, number, table, when
from bench.report.medians import Medians, Row
from bench.report.targets import Target

NOTHING = "Not measured."


def of_targets(targets: list[Target]) -> str:
    lines = [
        (
            target.name,
            f"{'at least' if target.at_least else 'at most'} {number(target.limit)}{target.unit}",
            f"{number(target.value)}{target.unit}" if target.value is not None else "",
            target.verdict,
        )
        for target in targets
    ]
    return table(("at 1,000 sockets", "target", "measured", ""), lines)


LOOP = (
    "system",
    "server CPU, µs per frame",
    "Redis CPU, µs",
    "client CPU, µs",
    "client busy",
    "deliveries/s",
    "p50, ms",
    "p99, ms",
    "lost",
    "frame, bytes",
)


def of_loops(medians: Medians, part: str) -> str:
    """A table for each number of sockets and each rate."""
    loads: dict[tuple[int, float], list[Row]] = defaultdict(list)
    for row in medians.part(part):
        loads[row["size"], row["rate"] or 0].append(row)
    tables = []
    for (size, rate), rows in sorted(loads.items()):
        title = f"{size:,} sockets" + (f", {number(rate)} events a second" if rate else "")
        lines = [_loop_line(row, medians) for row in rows]
        tables.append(f"{title}, measured {when(rows)}:\n\n{table(LOOP, lines)}")
    return "\n\n".join(tables) or NOTHING


def _loop_line(row: Row, medians: Medians) -> list[str]:
    return [
        name(row, medians),
        number(row["server_us"]),
        number(row["redis_us"]),
        number(row["client_us"]),
        f"{row['client_share']:.0%}",
        number(row["per_second"]),
        number(row["p50_ms"]),
        number(row["p99_ms"]),
        lost(row),
        number(row["frame_bytes"]),
    ]


def dated(medians: Medians, part: str, headings: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    rows = medians.part(part)
    return f"Measured {when(rows)}.\n\n{table(headings, lines)}" if rows else NOTHING


def of_burst(medians: Medians) -> str:
    lines = [
        (
            name(row, medians),
            lost(row),
            row["disordered"],
            number(row["seconds"]),
            number(row["server_us"]),
            f"{row['client_share']:.0%}",
        )
        for row in medians.part("burst")
    ]
    headings = ("system", "lost", "out of order", "drain, s", "server CPU, µs per frame", "client busy")
    return dated(medians, "burst", headings, lines)


def of_storm(medians: Medians) -> str:
    lines = [
        (
            name(row, medians),
            "session, member, 10 rows" if row["authenticated"] else "none",
            number(row["server_us"] / 1000),
            number(row["seconds"]),
            row["refused"],
            number(row["socket_kib"]),
        )
        for row in medians.part("storm")
    ]
    headings = (
        "system",
        "checks and replay",
        "server CPU, ms per socket",
        "wall, s",
        "refused once",
        "KiB per socket",
    )
    return dated(medians, "storm", headings, lines)


def of_writing(medians: Medians) -> str:
    rows = medians.part("write")
    sizes = sorted({row["size"] for row in rows})
    by_system: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        by_system[name(row, medians)][row["size"]] = f"{number(row['ms'])} ms, {number(row['per_second'])}"
    headings = ("per event: ms, rows/s", *(f"{size:,} recipients" for size in sizes))
    lines = [(system, *(cells.get(size, "") for size in sizes)) for system, cells in by_system.items()]
    return dated(medians, "write", headings, lines)


def of_sqlite(medians: Medians) -> str:
    lines = [
        (
            name(row, medians),
            row["locked"],
            number(row["p50_ms"]),
            number(row["p99_ms"]),
            number(row["per_second"]),
        )
        for row in medians.part("sqlite")
    ]
    return dated(medians, "sqlite", ("", "locked", "p50, ms", "p99, ms", "events/s"), lines)


def of_inbox(medians: Medians) -> str:
    """Milliseconds by the number of notifications, and how many times the largest costs what the smallest does."""
    rows = medians.part("inbox, unread") + medians.part("inbox, read")
    sizes = sorted({row["size"] for row in rows})
    if not rows:
        return NOTHING
    by_act: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows:
        by_act[row["system"], row["part"].removeprefix("inbox, ")][row["size"]] = row["ms"]
    lines = [
        (
            f"{act}, all {kind}",
            *(number(costs.get(size)) for size in sizes),
            number(costs[sizes[-1]] / costs[sizes[0]]) if {sizes[0], sizes[-1]} <= costs.keys() else "",
        )
        for (act, kind), costs in by_act.items()
    ]
    headings = ("ms", *(f"{size:,}" for size in sizes), "last / first")
    return f"Measured {when(rows)}.\n\n{table(headings, lines)}"


def of_marking_all(medians: Medians) -> str:
    lines = [
        (f"{row['system']}, {row['size']:,}", number(row["seconds"]), number(row["slowest_ms"]))
        for row in medians.part("inbox, all")
    ]
    return dated(
        medians, "inbox, all", ("", "s", "slowest page or handshake of another meanwhile, ms"), lines
    )
