"""How PostgreSQL carries out what is measured of inboxes, for the largest: kept beside the figures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bench.inbox_readers import Reader

FILE = Path(__file__).parent.parent / "docs" / "inbox-plans.txt"
CONCERNED = ("inbox_notification", "orgs_membership")

Statement = tuple[str, Any]


def write_plans(everybody: Sequence[Reader], acts: Mapping[str, Callable[[Reader], None]]) -> None:
    """Each statement of the largest inboxes once, under what first made it."""
    largest = max(reader.size for reader in everybody)
    parts = []
    for reader in everybody:
        if reader.size == largest:
            known: set[str] = set()
            for what, act in acts.items():
                if plans := list(_plans(reader, act, known)):
                    parts.append(f"=== {what}, {reader.size:,} {reader.kind} ===\n\n" + "\n\n".join(plans))
    FILE.write_text("\n\n\n".join(parts) + "\n", encoding="utf-8")


def _plans(reader: Reader, act: Callable[[Reader], None], known: set[str]) -> Iterator[str]:
    with _heard() as statements:
        act(reader)
    for statement, parameters in statements:
        if statement not in known and any(table in statement for table in CONCERNED):
            known.add(statement)
            yield f"{' '.join(statement.split())[:100]} ...\n{_plan(statement, parameters)}"


@contextmanager
def _heard() -> Iterator[list[Statement]]:
    statements: list[Statement] = []

    def hear(execute, statement, parameters, many, context):  # type: ignore[no-untyped-def]
        statements.append((statement, parameters))
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(hear):
        yield statements


def _plan(statement: str, parameters: Any) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF, SUMMARY OFF) {statement}", parameters
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
        transaction.set_rollback(True)
    return plan
