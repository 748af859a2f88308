"""What the release before could not bear of PostgreSQL's statements, and behind which of them people would wait:
django-migration-linter's rules, asked for one column at a time and not for tables that are new, and some of our own."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser

TABLE = re.compile(r'(?:TABLE(?: IF (?:NOT )?EXISTS)?|INTO|^UPDATE|DELETE FROM|\bON) "?(\w+)"?')
COLUMN = re.compile(r'(?:ADD|ALTER|DROP|RENAME) COLUMN "(\w+)"')
CREATED = re.compile(r'^CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?')
# For each row another value: the table is written anew.
FOR_EACH_ROW = re.compile(
    r"ADD COLUMN .*(DEFAULT \(?(gen_random_uuid|uuidv\d|clock_timestamp|random|nextval)|GENERATED |serial\b)",
    re.IGNORECASE,
)
BRACKETS = ("--", "BEGIN", "COMMIT", "SET CONSTRAINTS")


def findings(statements: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give a code and a statement for each."""
    told = [each.strip() for each in statements if not each.strip().startswith(BRACKETS)]
    new = {found.group(1) for each in told if (found := CREATED.match(each))}
    columns: dict[tuple[str, str], list[str]] = defaultdict(list)
    for statement in told:
        table = _first(TABLE, statement)
        if table in new:
            continue
        columns[table, _first(COLUMN, statement) or statement].append(statement)
        if code := _own_finding(statement):
            yield code, statement
    for about_one in columns.values():
        if about_one[0].rstrip(";").endswith("DROP DEFAULT"):
            yield "DROP_DEFAULT", about_one[0]
        in_steps = re.search("CONCURRENTLY|USING INDEX", about_one[0])
        analyser = PostgresqlAnalyser(["ADD_UNIQUE"] if in_steps else [])
        analyser.analyse(about_one)
        for code in {issue.code for issue in (*analyser.errors, *analyser.warnings)}:
            yield code, about_one[0]


def _own_finding(statement: str) -> str | None:
    if re.match("UPDATE|DELETE|INSERT", statement):
        return "DATA"
    if FOR_EACH_ROW.search(statement):
        return "WRITES_ANEW"
    adds = re.search(r"ADD CONSTRAINT \S+ (CHECK|FOREIGN KEY|EXCLUDE)", statement)
    return "ADD_CONSTRAINT" if adds and "NOT VALID" not in statement else None


def _first(pattern: re.Pattern[str], statement: str) -> str:
    found = pattern.search(statement)
    return found.group(1) if found else ""
