"""Markdown tables of a run, for the terminal and for docs/benchmarks.md."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from bench.report.medians import Medians, Row
from bench.report.targets import Target


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
    return table(("at 1,000 sockets, same run", "target", "measured", ""), lines)


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


def of_closed_loop(medians: Medians) -> str:
    rows = medians.part("closed")
    sizes = sorted({row["size"] for row in rows})
    return "\n\n".join(
        f"{size:,} sockets:\n\n" + table(LOOP, [_loop_line(row) for row in rows if row["size"] == size])
        for size in sizes
    )


def of_open_loop(medians: Medians) -> str:
    rows = medians.part("open")
    loads = sorted({(row["size"], row["rate"]) for row in rows})
    return "\n\n".join(
        f"{size:,} sockets, {number(rate)} events a second:\n\n"
        + table(LOOP, [_loop_line(row) for row in rows if (row["size"], row["rate"]) == (size, rate)])
        for size, rate in loads
    )


def _loop_line(row: Row) -> list[str]:
    return [
        row["system"],
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


def lost(row: Row) -> str:
    """The worst repetition."""
    share = row["lost"] / max(row["lost"] + row["delivered"], 1)
    return f"{share:.0%}" if share >= 0.01 else number(row["lost"])


def of_burst(medians: Medians) -> str:
    lines = [
        (
            row["system"],
            lost(row),
            row["disordered"],
            number(row["seconds"]),
            number(row["server_us"]),
            f"{row['client_share']:.0%}",
        )
        for row in medians.part("burst")
    ]
    return table(
        ("system", "lost", "out of order", "drain, s", "server CPU, µs per frame", "client busy"), lines
    )


def of_storm(medians: Medians) -> str:
    lines = [
        (
            row["system"],
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
    return table(headings, lines)


def of_writing(medians: Medians) -> str:
    rows = medians.part("write")
    sizes = sorted({row["size"] for row in rows})
    by_system = {row["system"]: {} for row in rows}
    for row in rows:
        by_system[row["system"]][row["size"]] = f"{number(row['ms'])} ms, {number(row['per_second'])}"
    headings = ("per event: ms, rows/s", *(f"{size:,} recipients" for size in sizes))
    return table(
        headings, [(system, *(cells.get(size, "") for size in sizes)) for system, cells in by_system.items()]
    )


def of_sqlite(medians: Medians) -> str:
    lines = [
        (
            row["system"],
            row["locked"],
            number(row["p50_ms"]),
            number(row["p99_ms"]),
            number(row["per_second"]),
        )
        for row in medians.part("sqlite")
    ]
    return table(("", "locked", "p50, ms", "p99, ms", "events/s"), lines)
