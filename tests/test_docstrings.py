"""Docstrings of functions begin with a verb: they say what is done, and a second reading is not needed to find out."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
READ = [
    "base",
    "config",
    "demo",
    "events",
    "followers",
    "inbox",
    "membership",
    "operations",
    "orgs",
    "realtime",
    "schema",
    "search",
    "servers",
    "tasks",
]

# What no command begins with: articles and pronouns, prepositions, adverbs and conjunctions, and what says
# what there is.
NO_VERBS = re.compile(
    r"""
    a | after | all | also | an | and | another | any | anybody | around | as | at | because | before | beyond | both
    | by | each | empty | every | everybody | everything | for | from | going | he | here | how | if | in | into | it
    | its | lenient | locked | many | more | most | my | no | nobody | none | not | nothing | of | on | once | one
    | only | or | other | our | safe | she | so | some | somebody | strict | that | the | their | there | these | they
    | this | those | to | true | false | twice | two | under | unknown | until | we | what | whatever | when | where
    | whether | which | who | whoever | whom | whose | with | within | without | you | your
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Verbs that end as a plural does.
VERBS_IN_S = frozenset(
    {"Address", "Bypass", "Cross", "Dismiss", "Express", "Guess", "Pass", "Press", "Process"}
)


def begins_with_a_verb(docstring: str) -> bool:
    """Judge the first word; a noun that is no plural is taken for a verb."""
    first = re.match(r"[A-Z][a-z]+\b", docstring)
    return (
        bool(first) and not NO_VERBS.fullmatch(first[0]) and (first[0][-1] != "s" or first[0] in VERBS_IN_S)
    )


def functions(path: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # A property is a thing, and its docstring says which.
            is_property = any(ast.unparse(each).endswith("property") for each in node.decorator_list)
            docstring = ast.get_docstring(node)
            if docstring and not is_property:
                yield node.name, docstring


def test_they_begin_with_a_verb():
    paths = [path for name in READ for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts]
    found = [(path, *function) for path in paths for function in functions(path)]
    assert len(found) > 450
    wrong = [
        f"{path.relative_to(ROOT)}: {name}: {text}"
        for path, name, text in found
        if not begins_with_a_verb(text)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("docstring", "is_well"),
    [
        ("Fill logs whose head is ahead.", True),
        ("Pass it on.", True),
        ("Whether it is there.", False),
        ("Raises Busy.", False),
        ("Empty when nothing changes.", False),
        ("The newest first.", False),
        ("`12` -> `ACME-12`.", False),
        ("Values with commas.", False),
        ("405 with words.", False),
    ],
)
def test_what_is_a_verb(docstring, is_well):
    assert begins_with_a_verb(docstring) is is_well
