"""The document as JSON, and as a page. Both are for everybody: nothing of an installation stands in them."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, get_script_prefix
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from dmr.routing import Router, external_path

from api.asyncapi import asyncapi
from api.document import document
from base.answers import reads

CODE = re.compile(r"`([^`]*)`")


class Field(NamedTuple):
    name: str
    kind: str
    is_required: bool
    description: str


class Operation(NamedTuple):
    name: str
    method: str
    address: str
    summary: str
    description: str
    parameters: list[Field]
    body: str  # the name of its type
    answers: list[tuple[str, str, str]]  # status, words, the name of a type


class Type(NamedTuple):
    name: str
    description: str
    fields: list[Field]


def routes(router: Callable[[], Router]) -> Sequence[URLPattern]:
    """Give their addresses, of a router that is whole by the time they are asked."""

    @reads
    def as_json(request: HttpRequest) -> HttpResponseBase:
        return JsonResponse(document(router(), get_script_prefix()))

    @reads
    def of_streams(request: HttpRequest) -> HttpResponseBase:
        return JsonResponse(asyncapi())

    @reads
    def page(request: HttpRequest) -> HttpResponse:
        made = document(router(), get_script_prefix())
        context = {
            "sections": [(tag, list(_operations(made, tag["name"]))) for tag in made["tags"]],
            "types": [_type(made, name) for name in sorted(made["components"]["schemas"])],
            "scopes": made["components"]["securitySchemes"]["bearer"]["description"],
        }
        return render(request, "api/reader.html", context)

    return [
        external_path("", page, openapi=None, name="reader"),
        external_path("openapi.json", as_json, openapi=None, name="openapi"),
        external_path("asyncapi.json", of_streams, openapi=None, name="asyncapi"),
    ]


def words(text: str) -> SafeString:
    """Show a text of the document: what stands in backticks is code."""
    return mark_safe(CODE.sub(r"<code>\1</code>", escape(text)))  # noqa: S308 - escaped


def _operations(made: dict[str, Any], tag: str) -> Iterator[Operation]:
    for address, item in made["paths"].items():
        for method, each in item.items():
            if isinstance(each, dict) and tag in each.get("tags", ()):
                yield Operation(
                    each["operationId"],
                    method.upper(),
                    address,
                    words(each.get("summary", "")),
                    words(each.get("description", "")),
                    [_parameter(made, given) for given in each.get("parameters", ())],
                    _kind(_content(each.get("requestBody", {}))),
                    [_answer(made, status, given) for status, given in each["responses"].items()],
                )


def _parameter(made: dict[str, Any], given: dict[str, Any]) -> Field:
    told = _resolved(made, given)
    name, schema = told["name"], told.get("schema", {})
    return Field(name, _kind(schema), told.get("required", False), words(told.get("description", "")))


def _answer(made: dict[str, Any], status: str, given: dict[str, Any]) -> tuple[str, str, str]:
    told = _resolved(made, given)
    return status, words(told["description"]), _kind(_content(told))


def _content(given: dict[str, Any]) -> dict[str, Any]:
    media: dict[str, Any] = next(iter(given.get("content", {}).values()), {})
    schema: dict[str, Any] = media.get("schema", {})
    return schema


def _type(made: dict[str, Any], name: str) -> Type:
    schema = made["components"]["schemas"][name]
    required = schema.get("required", ())
    fields = [
        Field(key, _kind(of), key in required, words(of.get("description", "")))
        for key, of in schema.get("properties", {}).items()
    ]
    return Type(name, words(schema.get("description", "")), fields)


def _resolved(made: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference to where the thing is described."""
    for part in given["$ref"].split("/")[1:] if "$ref" in given else ():
        made = made[part]
    return made if "$ref" in given else given


def _kind(schema: dict[str, Any]) -> str:
    """Say in a few words what a value is."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if several := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_kind(each) for each in several)
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "")
