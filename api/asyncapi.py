"""The sockets and the streams as AsyncAPI 3 describes them, made of the frames' own types."""

from functools import cache
from typing import Any

from django.conf import settings

from api.frame_examples import EXAMPLES
from api.frame_schemas import EVENTS, Kind, schemas_of
from base.release import VERSION
from inbox.frames import UnreadFrame
from orgs.frames import OrganizationFrame
from realtime.frames import (
    CloseFrame,
    ErrorFrame,
    MembershipFrame,
    OrgWelcome,
    Ping,
    Pong,
    UserWelcome,
)

Document = dict[str, Any]

ABOUT = (
    "Every event once, in order, for whoever keeps a cursor: each frame of the log says where its reader stands once "
    "it is applied, and `after` (of a stream, `Last-Event-ID`) goes on from there. A client ignores types and keys "
    "that it does not know."
)
OF_ORG: tuple[Kind, ...] = (OrgWelcome, *EVENTS, OrganizationFrame)
OF_USER: tuple[Kind, ...] = (UserWelcome, *EVENTS, UnreadFrame, MembershipFrame)
OF_SOCKETS: tuple[Kind, ...] = (Pong, ErrorFrame)
ENDS: tuple[Kind, ...] = (CloseFrame, Ping)
AFTER = {
    "type": "object",
    "properties": {
        "after": {"type": "string", "description": "The cursor of the newest frame that was applied."}
    },
}
SLUG = {
    "slug": {"description": "The organization's short name, such as acme; a former one leads there, too."}
}


@cache
def asyncapi() -> Document:
    """Make the document. It is the same for everybody, so it is made once."""
    kinds: list[Kind] = list(dict.fromkeys((*OF_ORG, *OF_USER, *OF_SOCKETS, *ENDS)))
    named, components = schemas_of(kinds, "#/components/schemas/{name}")
    channels = {
        "organizationSocket": _socket(
            "/ws/orgs/{slug}/notifications/", "One organization", (*OF_ORG, *OF_SOCKETS, Ping)
        ),
        "userSocket": _socket(
            "/ws/users/me/notifications/", "What is addressed to you", (*OF_USER, *OF_SOCKETS, Ping)
        ),
        "organizationStream": _stream(
            "/api/v1/orgs/{slug}/stream", "One organization", (*OF_ORG, CloseFrame)
        ),
        "userStream": _stream("/api/v1/stream", "What is addressed to you", (*OF_USER, CloseFrame)),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Carillon's sockets and streams",
            "version": VERSION,
            "description": ABOUT,
            "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "sockets": _server("wss", "Text frames, each one JSON object."),
            "streams": _server(
                "https", "text/event-stream, each frame the data of an event that has its type as name."
            ),
        },
        "channels": channels,
        "operations": _operations(channels),
        "components": {
            "messages": {_name(kind): _message(kind, named[kind]) for kind in kinds},
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token, in the header Authorization.",
                },
                "session": {
                    "type": "httpApiKey",
                    "in": "cookie",
                    "name": settings.SESSION_COOKIE_NAME,
                    "description": "The cookie of somebody who has signed in, with an Origin that is ours.",
                },
            },
        },
    }


def _server(protocol: str, description: str) -> Document:
    schemes = [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("bearer", "session")]
    return {
        "host": "{host}",
        "protocol": protocol,
        "description": description,
        "variables": {"host": {"default": "carillon.example", "description": "Where it is installed."}},
        "security": schemes,
    }


def _socket(address: str, title: str, kinds: tuple[Kind, ...]) -> Document:
    binding = {"ws": {"method": "GET", "query": AFTER, "bindingVersion": "0.1.0"}}
    return _channel("sockets", address, title, kinds) | {"bindings": binding}


def _stream(address: str, title: str, kinds: tuple[Kind, ...]) -> Document:
    return _channel("streams", address, title, kinds)


def _channel(server: str, address: str, title: str, kinds: tuple[Kind, ...]) -> Document:
    channel: Document = {
        "address": settings.PATH_PREFIX + address,
        "title": title,
        "summary": f"{title}, over {server}.",
        "servers": [{"$ref": f"#/servers/{server}"}],
        "messages": {_name(kind): {"$ref": f"#/components/messages/{_name(kind)}"} for kind in kinds},
    }
    return channel | ({"parameters": SLUG} if "{slug}" in address else {})


def _operations(channels: Document) -> Document:
    operations: Document = {}
    for name, channel in channels.items():
        said = [f"#/channels/{name}/messages/{message}" for message in channel["messages"]]
        ping = [ref for ref in said if ref.endswith("/Ping")]
        operations[f"{name}Tells"] = _operation("send", name, [ref for ref in said if ref not in ping])
        if ping:
            operations[f"{name}IsAsked"] = _operation("receive", name, ping)
    return operations


def _operation(action: str, channel: str, messages: list[str]) -> Document:
    what = "The server tells" if action == "send" else "A client asks whether the server is there"
    return {
        "action": action,
        "summary": f"{what}.",
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": ref} for ref in messages],
    }


def _message(kind: Kind, ref: Document) -> Document:
    name = str(kind.__struct_config__.tag)
    message = {"name": name, "title": _name(kind), "contentType": "application/json", "payload": ref}
    return message | {"examples": [{"name": name, "payload": EXAMPLES[_name(kind)]}]}


def _name(kind: Kind) -> str:
    return kind.__name__
