"""The people of whom an event's details speak, where each of them has another number: in a log that was brought from
another installation. What is a person, a fact's types say (`facts.UserId`). Pure."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from events.facts import FACTS, PERSON, Details

Numbers = Mapping[int, int]
_Step = Callable[[Any, Numbers], Any]


def renumbered(action: str, details: Details, numbers: Numbers) -> Details:
    """Give the details with each person's number as `numbers` has it. Raises KeyError for who has none."""
    step = _of_action(action)
    return details if step is None else step(details, numbers)


def people_in(action: str, details: Details) -> set[int]:
    """Find of whom the details speak."""
    seen = _Seen()
    renumbered(action, details, seen)
    return set(seen)


def speaking_actions() -> list[str]:
    """List the actions whose details speak of anybody."""
    return [action for action in FACTS if _of_action(action)]


class _Seen(dict[int, int]):
    def __missing__(self, number: int) -> int:
        self[number] = number
        return number


def _of_action(action: str) -> _Step | None:
    fact = FACTS.get(action)
    return None if fact is None else _of_struct(fact)


@cache
def _of_struct(struct: type[msgspec.Struct]) -> _Step | None:
    found = inspect.type_info(struct)
    assert isinstance(found, inspect.StructType)  # noqa: S101
    steps = {field.encode_name: _of_type(field.type) for field in found.fields}
    speaking = {name: step for name, step in steps.items() if step}
    if not speaking:
        return None

    def step(details: Any, numbers: Numbers) -> Any:
        if not isinstance(details, dict):
            return details
        return details | {
            name: step(details[name], numbers) for name, step in speaking.items() if name in details
        }

    return step


def _of_type(kind: inspect.Type) -> _Step | None:
    if isinstance(kind, inspect.Metadata):
        return _number if (kind.extra or {}).get("of") == PERSON else _of_type(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next((step for each in kind.types if (step := _of_type(each))), None)
    if isinstance(kind, inspect.StructType):
        return _of_struct(kind.cls)
    if isinstance(kind, inspect.ListType) and (step := _of_type(kind.item_type)):
        return lambda values, numbers: [step(each, numbers) for each in values]
    return None


def _number(value: Any, numbers: Numbers) -> Any:
    return numbers[value] if isinstance(value, int) else value
