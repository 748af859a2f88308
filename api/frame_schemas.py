"""JSON Schema of frames, as it stands in every document that describes them. Pure."""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from events.facts import FACTS
from inbox.frames import EventFrame, ForReader
from tasks.frames import TaskEventFrame

Kind = type[msgspec.Struct]
Schema = dict[str, Any]


def for_reader(shared: type[EventFrame]) -> Kind:
    """Join the two parts that an event's frame is encoded in."""
    mine = [(field.name, field.type) for field in msgspec.structs.fields(ForReader)]
    said = {"__doc__": shared.__doc__, "__module__": shared.__module__}
    return msgspec.defstruct(shared.__name__, mine, bases=(shared,), namespace=said, kw_only=True)


EVENTS = tuple(map(for_reader, (EventFrame, TaskEventFrame)))


def schemas_of(kinds: Iterable[Kind], ref: str) -> tuple[dict[Kind, Schema], dict[str, Schema]]:
    """Make a reference to each, and all that they are made of by name. `ref`: where those stand, such as
    '#/$defs/{name}'. A client ignores what a later release adds."""
    facts: list[Kind] = list(FACTS.values())
    every = [*kinds, *facts]
    refs, components = msgspec.json.schema_components(every, ref_template=ref)
    named = dict(zip(every, refs, strict=True))
    for component in components.values():
        component["description"] = inspect.cleandoc(component.get("description", ""))
        if "properties" in component:
            component.pop("additionalProperties", None)
    components["TaskEventFrame"]["anyOf"] = [
        {
            "properties": {"action": {"const": action}, "details": named[fact]},
            "required": ["action", "details"],
        }
        for action, fact in FACTS.items()
    ]
    return named, components
