"""The description of the API (OpenAPI 3.1), made of its resources: what dmr finds in types, and what all share."""

import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from typing import Any

from dmr.openapi import OpenAPIConfig, build_schema
from dmr.openapi.collector import controller_mapping_collector
from dmr.openapi.objects import License, Tag
from dmr.routing import Router
from msgspec.json import schema_components

from api.controllers import SAFE, Resource
from base.problems import CONTENT_TYPE, Problem
from base.release import VERSION
from tokens.scopes import IN_WORDS

DESCRIPTION = """\
What people see, programs can use: the same rules, one cursor, everything, once, in order.

Sign in with a token, `Authorization: Bearer crl_…`. Every refusal is a problem document, whose `code` is for programs
and whose `detail` says what to do. Lists come in pages: `next` is the address of the one that follows.
"""
# Groups of operations, by the module that has them.
GROUPS = {
    "me": "You",
    "orgs": "Organizations",
    "members": "Members",
    "invitations": "Invitations",
    "tokens": "Tokens and service accounts",
    "tasks": "Tasks",
    "comments": "Comments and reactions",
    "watching": "Watching and muting",
    "events": "History",
    "search": "Search",
    "missed": "Everything addressed to you",
    "notifications": "Notifications",
    "notification_marks": "Marking notifications",
    "preferences": "Preferences",
    "webhooks": "Webhooks",
}
# A list of such pages has the type `Page_Org_` in dmr's words, and `OrgPage` in ours.
PAGE_OF = re.compile(r"Page_(\w+?)_(?=\")")

WORDS = {
    400: "The request cannot be read: an unknown parameter, a cursor or JSON that is none.",
    401: "Nobody is known to ask: there is no token, or it is no good.",
    403: "Your role does not allow it, or the token lacks the scope; or a form's token is missing.",
    404: "There is nothing here, or you do not have access to it.",
    406: "Accept names nothing that this address has.",
    409: "Somebody changed it meanwhile; or a request with this Idempotency-Key is under way.",
    410: "It was there once: it is in the archive, or the cursor is of another history.",
    412: "It is not at the version that If-Match names.",
    413: "The body is too large.",
    415: "The body is not JSON in UTF-8, or it is compressed.",
    422: "What the body says cannot be done; or the Idempotency-Key came with another request before.",
    429: "Too many requests: Retry-After says when to go on.",
    503: "Not just now: Retry-After says when to try again. Nothing was changed.",
}
ALWAYS = (400, 401, 403, 406, 429, 503)
WITH_PATH = (404,)
WITH_CHANGES = (409, 413, 415, 422)

HEADERS = {
    "Link": "The page that follows, as rel=next.",
    "Location": "Where the new thing is.",
    "ETag": "The version, for If-Match.",
    "RateLimit": "How many requests are left, and for how many seconds that holds.",
    "RateLimit-Policy": "How many requests one may send in how many seconds.",
    "Retry-After": "After how many seconds to try again.",
    "X-Request-ID": "The number of this request: quote it when you report something.",
}
PARAMETERS = {
    "Idempotency-Key": "Any text of 1 to 255 visible ASCII characters. A request that is sent again with the same key "
    "within 24 hours is not carried out again: it gets the first answer.",
    "If-Match": "The ETag of the version that you know. Where it is not the newest any more, nothing is changed: 412.",
}
PATTERNS = {"Idempotency-Key": "^[!-~]{1,255}$", "If-Match": '^("[0-9]{1,18}"|\\*)$'}


def document(router: Router, root: str) -> dict[str, Any]:
    """Make the document, for an installation that is reached below this path."""
    made: dict[str, Any] = json.loads(_text(router))
    return made | {"servers": [{"url": root.rstrip("/") or "/"}]}


@cache
def _text(router: Router) -> str:
    resources = dict(_resources(router))
    config = OpenAPIConfig(
        title="Carillon",
        version=VERSION,
        description=DESCRIPTION,
        license=License(name="MIT", identifier="MIT"),
        tags=[Tag(name=name, description=words) for name, words in _tags(resources).items()],
    )
    made = build_schema(router, config=config).convert(skip_validation=True)
    for address, item in made["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                _complete(operation, method.upper(), address, resources[address])
        for word in ("summary", "description"):
            item.pop(word, None)
    _add_components(made.setdefault("components", {}))
    _drop_unused(made["components"], json.dumps(made))
    return PAGE_OF.sub(r"\1Page", json.dumps(_laid_out(made)))


def _resources(router: Router) -> Iterator[tuple[str, type[Resource]]]:
    for route, controller in controller_mapping_collector(router.urls, base_path=router.prefix):
        if controller is not None:
            yield route.normalized_path, controller  # type: ignore[misc]


def _tags(resources: dict[str, type[Resource]]) -> dict[str, str]:
    """Describe each group of operations as its module does, in the order of the addresses."""
    modules = dict.fromkeys(inspect.getmodule(each) for each in resources.values())
    return {_tag(module.__name__): inspect.getdoc(module) or "" for module in modules if module}


def _tag(module: str) -> str:
    return GROUPS[module.rpartition(".")[2]]


def _complete(operation: dict[str, Any], method: str, address: str, resource: type[Resource]) -> None:
    """Say what dmr does not know: who may ask, what may be refused, which headers there are."""
    scope, changes = resource.scope_for(method), method not in SAFE
    session: dict[str, list[str]] = {"session": [], "csrf": []} if changes else {"session": []}
    operation["security"] = [{"bearer": [scope]}, session]
    operation["tags"] = [_tag(resource.__module__)]
    operation["description"] = f"{operation.get('description') or ''}\n\nScope: `{scope}`.".strip()
    is_versioned = resource.versioned and method in ("PATCH", "DELETE")
    headers = (["Idempotency-Key"] if changes and resource.takes_key else []) + (
        ["If-Match"] if is_versioned else []
    )
    operation.setdefault("parameters", []).extend(
        {"$ref": f"#/components/parameters/{name}"} for name in headers
    )
    responses = operation["responses"]
    for status in operation.pop("x-also", ()):
        responses[status] = responses[min(responses)] | {"description": HTTPStatus(int(status)).phrase}
    for status, response in responses.items():
        _add_headers(response, status, resource)
    refused = [*ALWAYS, *(WITH_PATH if "{" in address else ()), *(WITH_CHANGES if changes else ())]
    for status in [*refused, *resource.also_refused, *([412] if is_versioned else [])]:
        responses[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    operation["responses"] = dict(sorted(responses.items()))


def _add_headers(response: dict[str, Any], status: str, resource: type[Resource]) -> None:
    if status == "204":
        response.pop("content", None)
    said = json.dumps(response.get("content", {}))
    names = ["RateLimit", "RateLimit-Policy", "X-Request-ID"]
    names += ["Link"] if 'Page"' in PAGE_OF.sub(r"\1Page", said) else []
    names += ["Location"] if status in ("201", "202") else []
    names += ["ETag"] if resource.versioned and said != "{}" else []
    response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in sorted(names)}


def _add_components(components: dict[str, Any]) -> None:
    _, schemas = schema_components([Problem], ref_template="#/components/schemas/{name}")
    components.setdefault("schemas", {}).update(schemas)
    text = {"type": "string"}
    components["headers"] = {name: {"description": words, "schema": text} for name, words in HEADERS.items()}
    components["parameters"] = {
        name: {
            "name": name,
            "in": "header",
            "description": words,
            "schema": text | {"pattern": PATTERNS[name]},
            "required": False,
        }
        for name, words in PARAMETERS.items()
    }
    components["responses"] = {_name(status): _refusal(status, words) for status, words in WORDS.items()}
    scopes = "\n".join(f"- `{scope}`: {words}." for scope, words in IN_WORDS.items())
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": f"A token. Its scopes:\n\n{scopes}"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "A browser's session.",
        },
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": "Beside a session, for what changes something: what the cookie csrftoken holds.",
        },
    }


def _name(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _drop_unused(components: dict[str, Any], text: str) -> None:
    """Take away what no operation refers to."""
    for kind in ("headers", "parameters", "responses"):
        named = components[kind].items()
        components[kind] = {name: of for name, of in named if f'#/components/{kind}/{name}"' in text}


def _refusal(status: int, words: str) -> dict[str, Any]:
    names = ["X-Request-ID", *(["Retry-After"] if status in (429, 503) else [])]
    return {
        "description": words,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _laid_out(made: Any) -> Any:
    """Take out of descriptions what only lays out our source."""
    if isinstance(made, list):
        return [_laid_out(each) for each in made]
    if not isinstance(made, dict):
        return made
    return {
        key: re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(value))
        if key in ("description", "summary") and isinstance(value, str) and "- `" not in value
        else _laid_out(value)
        for key, value in made.items()
    }
