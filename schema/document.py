"""The JSON Schema of all words, and the scripts' types that are made from it."""

import json
from typing import Any

from api.frame_schemas import Schema, schemas_of
from schema.words import PLACES

REF = "#/$defs/{name}"

ABOUT = (
    "Made by `make schema` from the product's types. A client ignores what it does not know: types, and keys that are "
    "not here. docs/protocol.md says what the keys mean."
)


def schema() -> Schema:
    """Put everything in one document; what may stand at a place is named there."""
    kinds = [kind for kinds in PLACES.values() for kind in kinds]
    named, components = schemas_of(kinds, REF)
    places = {place: {"anyOf": [named[kind] for kind in kinds]} for place, kinds in PLACES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Carillon's frames, twins and messages",
        "description": ABOUT,
        "$defs": places | dict(sorted(components.items())),
    }


def as_json() -> str:
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def as_types() -> str:
    """Declare in TypeScript what a browser meets."""
    parts: Schema = schema()["$defs"]
    parts.pop("LayerMessage")
    met, left = set[str](), [name for name in PLACES if name in parts]
    while left:
        name = left.pop()
        met.add(name)
        left += [
            other for other in parts if other not in met and REF.format(name=other) in _refs(parts[name])
        ]
    declared = [_declaration(name, part) for name, part in parts.items() if name in met]
    return "\n".join(["// Made by `make schema` from docs/frames.schema.json.", "", *declared])


def _refs(part: Any) -> set[str]:
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own.union(*map(_refs, part.values()))
    return set().union(*map(_refs, part)) if isinstance(part, list) else set()


def _declaration(name: str, part: Schema) -> str:
    said = f"/** {part['description']} */\n" if part.get("description") else ""
    return f"{said}export type {name} = {_type(part)};\n"


def _type(part: Schema, indent: str = "") -> str:
    if "$ref" in part:
        return str(part["$ref"].rpartition("/")[2])
    if "enum" in part or "const" in part:
        return " | ".join(json.dumps(value) for value in part.get("enum", [part.get("const")]))
    union = " | ".join(_type(option, indent) for option in part.get("anyOf", ()))
    if "properties" in part:
        fields = _object(part, indent)
        return f"{fields} & ({union})" if union else fields
    return union or _plain(part, indent)


def _object(part: Schema, indent: str) -> str:
    within = indent + "  "
    required = part.get("required", [])
    lines = [
        f"{within}{name}{'' if name in required else '?'}: {_type(value, within)};"
        for name, value in part["properties"].items()
    ]
    return "\n".join(["{", *lines, indent + "}"]) if lines else "{}"


def _plain(part: Schema, indent: str) -> str:
    match part.get("type"):
        case "integer" | "number":
            return "number"
        case "string" | "boolean" | "null":
            return str(part["type"])
        case "array":
            return f"Array<{_type(part['items'], indent)}>"
        case "object" if isinstance(values := part.get("additionalProperties"), dict):
            return f"Record<string, {_type(values, indent)}>"
        case "object":
            return "Record<string, unknown>"
    return "unknown"
