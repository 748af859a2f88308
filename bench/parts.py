"""Where the time of one request goes, in this process on a throw-away PostgreSQL and Redis.

    python -m bench.parts [inbox|tasks|task|comment]

By the clock, so what is waited for counts where it is waited for. Own time by package, then what the product's own
functions take with all that they call.
"""

import cProfile
import pstats
import sys
from collections import defaultdict
from pathlib import Path

from bench.ground import ground
from servers.carillon import ROOT

REQUESTS, SHOWN = 50, 25


def main(what: str) -> None:
    with ground() as own:
        from django.db import connection

        from bench.town import Town

        town = Town(own)
        ask = town.in_this_process(what)
        ask()
        with cProfile.Profile() as profile:
            for _ in range(REQUESTS):
                ask()
        connection.close()
    show(pstats.Stats(profile))


def show(stats: pstats.Stats) -> None:
    by_package: dict[str, float] = defaultdict(float)
    ours = []
    for (file, line, name), (_, calls, own, whole, _) in stats.stats.items():
        by_package[package_of(file)] += own
        if is_ours(file) and package_of(file) != "bench":
            ours.append((whole, calls, f"{Path(file).relative_to(ROOT)}:{line} {name}"))
    print(f"{stats.total_tt / REQUESTS * 1e3:.1f} ms a request, with the profile's own cost. Own time:")
    for name, seconds in sorted(by_package.items(), key=lambda item: -item[1])[:10]:
        print(f"  {seconds / stats.total_tt:5.0%}  {name}")
    print("With all that they call, ms a request and calls:")
    for seconds, calls, name in sorted(ours, reverse=True)[:SHOWN]:
        print(f"  {seconds / REQUESTS * 1e3:7.2f}  {calls / REQUESTS:6.1f}  {name}")


def is_ours(file: str) -> bool:
    return Path(file).is_relative_to(ROOT) and "site-packages" not in file


def package_of(file: str) -> str:
    """`django.db`, `psycopg`, the product's `inbox`; Python's own modules by their name."""
    if file == "~":
        return "built in"
    parts = Path(file).with_suffix("").parts
    if "site-packages" in parts:
        inside = parts[parts.index("site-packages") + 1 :]
        return ".".join(inside[:2] if inside[0] == "django" else inside[:1])
    if is_ours(file):
        return Path(file).relative_to(ROOT).parts[0]
    return parts[-1]


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "comment")
