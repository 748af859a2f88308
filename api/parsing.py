"""How a request of the API is read: JSON of the exact types, and nothing that is not known."""

import json
import re
from collections import Counter
from collections.abc import Collection
from typing import Any

import msgspec
from django.http import HttpRequest
from dmr import Path, Query
from dmr.parsers import DeserializeFunc, Raw
from dmr.plugins.msgspec import BodyMsgspec as Body
from dmr.plugins.msgspec import MsgspecJsonParser, MsgspecSerializer

from base.errors import Fault, Unprocessable, Unreadable, UnsupportedType

# Resources take what they are given from here.
__all__ = [
    "Body",
    "Json",
    "Path",
    "Query",
    "Strict",
    "StrictJson",
    "check_query",
    "check_type",
    "check_untaken",
    "fault_of",
]

JSON = ("application/json", "")
WRITTEN = ("POST", "PUT", "PATCH", "DELETE")  # methods that may carry a body
UNKNOWN = "There is no such field."
NO_BODY = "This takes no body: send none."
NOT_JSON = "The body has to be JSON: send it with Content-Type: application/json."

# What msgspec says, and where: "Expected `int`, got `str` - at `$.parsed_query.limit`".
SAID = re.compile(r"(?P<detail>.*?)(?: - at `(?P<at>[^`]*)`)?", re.DOTALL)
NAMED = re.compile(r"Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`", re.DOTALL)
PARTS = {"$.parsed_query": "query", "$.parsed_path": "path", "$.parsed_body": "body", "$": "body"}


class Strict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is sent: an unknown key is refused by its name."""


class Json(MsgspecSerializer):
    """JSON by msgspec."""


class StrictJson(MsgspecJsonParser):
    """Takes "1" for a text and never for a number. NUL is a character that no text of ours may have."""

    strict = True

    def parse(
        self,
        to_deserialize: Raw,
        deserializer_hook: DeserializeFunc | None = None,
        *,
        request: HttpRequest,
        model: Any,
    ) -> Any:
        """Read the body. Raises what dmr knows, and Unreadable."""
        try:
            if rb"\u0000" in to_deserialize and "\x00" in repr_of(msgspec.json.decode(to_deserialize)):
                raise Unreadable("The body has the character NUL in it, which no text here may have.")
            parsed = super().parse(to_deserialize, deserializer_hook, request=request, model=model)
            json.loads(
                to_deserialize, object_pairs_hook=_each_once, parse_int=len, parse_float=len, strict=False
            )
        except RecursionError:
            raise Unreadable("The body is nested too deeply.") from None
        return parsed


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object in which a key stands twice: whoever looked at it before us may have read the other one."""
    read = dict(pairs)
    if len(read) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0][:100]
        raise Unreadable(
            f"The key “{twice}” stands twice in the body.", [Fault(f"body.{twice}", "Send it once.")]
        )
    return read


def repr_of(read: Any) -> str:
    """Join all texts of what was read, keys too."""
    if isinstance(read, dict):
        return "".join(f"{key}{repr_of(value)}" for key, value in read.items())
    if isinstance(read, list):
        return "".join(map(repr_of, read))
    return read if isinstance(read, str) else ""


def check_type(request: HttpRequest) -> None:
    """Look at what kind of body comes. Raises UnsupportedType."""
    if request.method not in WRITTEN:
        return
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
        raise UnsupportedType("The body has to come as it is: send it without Content-Encoding.")
    if request.content_type not in JSON:
        raise UnsupportedType(NOT_JSON)
    charset = (request.content_params or {}).get("charset", "utf-8").strip('"').lower()
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedType("The body has to be in UTF-8, as all JSON is.")


def check_query(request: HttpRequest) -> None:
    """Raise Unreadable for a query in which a parameter stands twice, or a NUL."""
    for name, values in request.GET.lists():
        if len(values) > 1:
            raise Unreadable(
                "A parameter stands twice in the address.", [Fault(f"query.{name}", "Send it once.")]
            )
        if "\x00" in name or "\x00" in values[0]:
            raise Unreadable("The address has the character NUL in it, which no text here may have.")


def check_untaken(request: HttpRequest, taken: Collection[str]) -> None:
    """Refuse parameters and a body where none are read. Raises Unreadable and Unprocessable."""
    if request.GET and "parsed_query" not in taken:
        fault = Fault(f"query.{next(iter(request.GET))[:100]}", UNKNOWN)
        raise Unreadable(f"{fault.at}: {fault.detail}", [fault])
    if request.method in WRITTEN and "parsed_body" not in taken and request.body.strip() not in (b"", b"{}"):
        raise Unprocessable(NO_BODY, [Fault("body", NO_BODY)])


def fault_of(said: str) -> Fault:
    """Say natively what msgspec found."""
    match = SAID.fullmatch(said)
    detail, at = (match["detail"], match["at"] or "$") if match else (said, "$")
    place = next((at.replace(start, part, 1) for start, part in PARTS.items() if at.startswith(start)), at)
    if named := NAMED.fullmatch(detail):
        unknown = named["what"] == "contains unknown"
        return Fault(f"{place}.{named['name'][:100]}", UNKNOWN if unknown else "It is required.")
    return Fault(place, f"{detail}.")
